import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/categories/`: what ads are sorted into. Everybody reads the tree, staff change it.
struct CategoryRoutes: Sendable {
    let core: MarketplaceCore

    private static let slug = Parameter(.path, "slug", .string(1...64), "Slug")
    private static let names = JSONSchema.object(.required("en", .string(1...80)), .required("es", .string(1...80)))
    /// Its children have the same form.
    private static let schema = JSONSchema.object(
        .required("slug", .string()), .required("parent", .string().nullable), .required("name", names), .required("position", .integer()),
        .required("children", .array(.object()))
    ).named("Category")
    private static let draft = JSONSchema.object(
        .required("slug", .string(1...64).described("Lower case letters, digits and hyphens")),
        .optional("parent", .string(1...64).nullable), .required("name", names), .optional("position", .integer(0...100_000))
    ).named("CategoryDraft")

    var routes: [Route] {
        [
            Route(
                .get, "/api/categories/", "The tree of categories",
                Endpoint("categories", access: .anyone, scope: AddRoutes.read, answers: [.ok(.array(Self.schema))])
            ) { _ in
                let all = try await core.database.read { try CategoryTable.all(on: $0) }
                return .json(.ok, JSONValue.array(all.filter { $0.parent == nil }.map { $0.json(in: all) }).json)
            },
            Route(
                .post, "/api/categories/", "Add a category",
                Endpoint(
                    "categories", access: .staff, scope: AddRoutes.write, body: .json(Self.draft), answers: [.created(Self.schema)])
            ) { try await add($0) },
            Route(
                .patch, "/api/categories/{slug}/", "Rename or move a category",
                Endpoint(
                    "categories", access: .staff, scope: AddRoutes.write, parameters: [Self.slug], body: .json(Self.draft.partial),
                    answers: [.ok(Self.schema)])
            ) { try await change($0) },
            Route(
                .delete, "/api/categories/{slug}/", "Delete a category without ads and children",
                Endpoint(
                    "categories", access: .staff, scope: AddRoutes.write, parameters: [Self.slug],
                    answers: [.noContent, .conflict("There are ads or categories in it")])
            ) { try await delete($0) },
        ]
    }

    private func add(_ call: Call) async throws -> Response {
        let body = call.body
        let slug = body["slug"]?.string ?? ""
        guard slug.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil else {
            throw APIError.invalid("slug", "Enter a valid \"slug\" consisting of lower case letters, numbers and hyphens.")
        }
        let text = try await core.write { connection in
            var all = try CategoryTable.all(on: connection)
            guard !all.contains(where: { $0.slug == slug }) else { throw APIError.invalid("slug", "This field must be unique.") }
            var category = CategoryRecord(
                slug: slug, parent: nil, english: body["name"]?["en"]?.string ?? "", spanish: body["name"]?["es"]?.string ?? "",
                position: all.count)
            all.append(category)
            try Self.apply(body, to: &category, all)
            try CategoryTable.put(category, on: connection)
            return category.json(in: []).json
        }
        return .created(text)
    }

    private func change(_ call: Call) async throws -> Response {
        let slug = try call.path("slug")
        let text = try await core.write { connection in
            let all = try CategoryTable.all(on: connection)
            guard var category = all.first(where: { $0.slug == slug }) else { throw APIError.notFound }
            try Self.apply(call.body, to: &category, all)
            try CategoryTable.put(category, on: connection)
            return category.json(in: all).json
        }
        return .json(.ok, text)
    }

    private static func apply(_ body: JSONValue, to category: inout CategoryRecord, _ all: [CategoryRecord]) throws {
        category.english = body["name"]?["en"]?.string ?? category.english
        category.spanish = body["name"]?["es"]?.string ?? category.spanish
        category.position = body["position"]?.integer ?? category.position
        guard let parent = body["parent"] else { return }
        if let slug = parent.string {
            guard all.contains(where: { $0.slug == slug }) else {
                throw APIError.invalid("parent", "Object with slug=\(slug) does not exist.")
            }
            // A tree has no circles.
            guard !CategoryTable.path(slug, in: all).contains(category.slug) else {
                throw APIError.invalid("parent", "A category cannot be below itself.")
            }
        }
        category.parent = parent.string
    }

    private func delete(_ call: Call) async throws -> Response {
        let slug = try call.path("slug")
        try await core.write { connection in
            guard try CategoryTable.exists(slug, on: connection) else { throw APIError.notFound }
            for (table, column) in [("adds", "category"), ("categories", "parent")] {
                guard try connection.query("SELECT 1 AS one FROM \(table) WHERE \(column) = $1 LIMIT 1", [SQLValue(slug)]).isEmpty else {
                    throw APIError(.conflict, code: "category_in_use", detail: "There are ads or categories in this category.")
                }
            }
            try connection.execute("DELETE FROM categories WHERE slug = $1", [SQLValue(slug)])
        }
        return .noContent
    }
}
