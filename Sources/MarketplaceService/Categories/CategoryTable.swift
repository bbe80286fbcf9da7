import Persistence
import Schemas
import WebAPI

/// The tree of categories.
enum CategoryTable {
    static func exists(_ slug: String, on connection: any SQLConnection) throws -> Bool {
        try !connection.query("SELECT 1 AS one FROM categories WHERE slug = $1", [SQLValue(slug)]).isEmpty
    }

    static func all(on connection: any SQLConnection) throws -> [CategoryRecord] {
        try connection.query("SELECT slug, parent, name_en, name_es, position FROM categories ORDER BY position, slug").map {
            CategoryRecord(
                slug: try $0.text("slug"), parent: try $0.optionalText("parent"), english: try $0.text("name_en"),
                spanish: try $0.text("name_es"), position: try $0.int("position"))
        }
    }

    static func put(_ category: CategoryRecord, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO categories (slug, parent, name_en, name_es, position) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (slug) DO UPDATE SET parent = excluded.parent, name_en = excluded.name_en, name_es = excluded.name_es,
                position = excluded.position
            """,
            [
                SQLValue(category.slug), SQLValue(category.parent), SQLValue(category.english), SQLValue(category.spanish),
                SQLValue(category.position),
            ])
    }

    /// Slugs from a category up to its root.
    static func path(_ slug: String, in all: [CategoryRecord]) -> [String] {
        let parents = Dictionary(uniqueKeysWithValues: all.map { ($0.slug, $0.parent) })
        var path: [String] = []
        var next: String? = slug
        while let slug = next, !path.contains(slug) {
            path.append(slug)
            next = parents[slug] ?? nil
        }
        return path
    }
}

struct CategoryRecord: Sendable, Hashable {
    let slug: String
    var parent: String?
    var english: String
    var spanish: String
    var position: Int

    /// Of the category alone: what is below it has its own.
    var tag: String { EntityTag.text(of: json(in: []).json) }

    /// The category with all below it.
    func json(in all: [CategoryRecord]) -> JSONValue {
        [
            "slug": .string(slug), "parent": parent.map { .string($0) } ?? .null, "name": ["en": .string(english), "es": .string(spanish)],
            "position": .number(.init(position)), "children": .array(all.filter { $0.parent == slug }.map { $0.json(in: all) }),
        ]
    }
}
