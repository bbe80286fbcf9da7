import Foundation
import Persistence
import Schemas

/// What specialists are good at: a tree, named in two languages.
struct Specialty: Sendable, Hashable {
    let slug: String
    var parent: String?
    var english: String
    var spanish: String
    var position: Int

    /// With all that is below it.
    func json(in all: [Specialty]) -> JSONValue {
        [
            "slug": .string(slug), "parent": parent.map { .string($0) } ?? .null,
            "name": ["en": .string(english), "es": .string(spanish)], "position": .number(Decimal(position)),
            "children": .array(all.filter { $0.parent == slug }.map { $0.json(in: all) }),
        ]
    }
}

enum SpecialtyTable {
    static func all(on connection: any SQLConnection) throws -> [Specialty] {
        try connection.query("SELECT slug, parent, name_en, name_es, position FROM specialties ORDER BY position, slug").map { row in
            Specialty(
                slug: try row.text("slug"), parent: try row.optionalText("parent"), english: try row.text("name_en"),
                spanish: try row.text("name_es"), position: try row.int("position"))
        }
    }

    /// False where there is one of that slug.
    static func insert(_ specialty: Specialty, on connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO specialties (slug, parent, name_en, name_es, position) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (slug) DO NOTHING
            """,
            [
                SQLValue(specialty.slug), SQLValue(specialty.parent), SQLValue(specialty.english), SQLValue(specialty.spanish),
                SQLValue(specialty.position),
            ]) == 1
    }

    static func update(_ specialty: Specialty, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE specialties SET parent = $2, name_en = $3, name_es = $4, position = $5 WHERE slug = $1",
            [
                SQLValue(specialty.slug), SQLValue(specialty.parent), SQLValue(specialty.english), SQLValue(specialty.spanish),
                SQLValue(specialty.position),
            ])
    }

    /// Has all profiles with a specialty, or one below it, found by its names of now.
    static func renamed(_ slug: String, on connection: any SQLConnection) throws {
        try ProfileSearch.index.markStale(
            """
            SELECT DISTINCT profile_id FROM profile_specialties WHERE slug IN (WITH RECURSIVE below (slug) AS (
                SELECT CAST($1 AS TEXT) UNION SELECT s.slug FROM specialties s JOIN below ON s.parent = below.slug)
                SELECT slug FROM below)
            """, [SQLValue(slug)], on: connection)
    }

    /// Slugs from a specialty up to its root.
    static func path(_ slug: String, in all: [Specialty]) -> [String] {
        let parents = Dictionary(uniqueKeysWithValues: all.map { ($0.slug, $0.parent) })
        return Array(sequence(first: slug) { parents[$0] ?? nil }.prefix(all.count + 1))
    }

    /// How many specialties stand above one another from this one down.
    static func height(_ slug: String, in all: [Specialty]) -> Int {
        1 + (all.filter { $0.parent == slug }.map { height($0.slug, in: all) }.max() ?? 0)
    }

    /// Those of the slugs that are not there.
    static func unknown(_ slugs: [String], on connection: any SQLConnection) throws -> [String] {
        guard !slugs.isEmpty else { return [] }
        let known = Set(try connection.query("SELECT slug FROM specialties").map { try $0.text("slug") })
        return slugs.filter { !known.contains($0) }
    }

    /// Names of specialties and of all above them: who is looked for as a vet of cattle is one of livestock too.
    static func names(_ slugs: [String], on connection: any SQLConnection) throws -> [String] {
        try slugs.flatMap { slug in
            try connection.query(
                """
                WITH RECURSIVE above (slug, parent, name_en, name_es) AS (
                    SELECT slug, parent, name_en, name_es FROM specialties WHERE slug = $1
                    UNION SELECT s.slug, s.parent, s.name_en, s.name_es FROM specialties s JOIN above ON s.slug = above.parent)
                SELECT name_en, name_es FROM above
                """, [SQLValue(slug)]
            ).flatMap { [try $0.text("name_en"), try $0.text("name_es")] }
        }
    }

    /// Profiles with the specialty or one below it.
    static func filter(_ slug: String, _ filter: inout SQLFilter) {
        filter.add(
            """
            p.id IN (WITH RECURSIVE below (slug) AS (
                SELECT CAST(? AS TEXT) UNION SELECT s.slug FROM specialties s JOIN below ON s.parent = below.slug)
                SELECT ps.profile_id FROM profile_specialties ps JOIN below ON ps.slug = below.slug)
            """, SQLValue(slug))
    }
}
