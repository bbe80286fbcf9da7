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
                Endpoint("categories", access: .anyone, scope: AddRoutes.read, answers: [.ok(.array(Self.schema))]).tagged
            ) { call in
                let all = try await core.database.read { try CategoryTable.all(on: $0) }
                let text = JSONValue.array(all.filter { $0.parent == nil }.map { $0.json(in: all) }).json
                return call.answer(text, tag: EntityTag.text(of: text))
            },
            Route(
                .post, "/api/categories/", "Add a category",
                Endpoint(
                    "categories", access: .staff, scope: AddRoutes.write, body: .json(Self.draft), answers: [.created(Self.schema)])
            ) { try await add($0) },
            Route(
                .get, "/api/categories/{slug}/", "A category with those below it",
                Endpoint(
                    "categories", access: .anyone, scope: AddRoutes.read, parameters: [Self.slug],
                    answers: [Endpoint.Answer(200, "OK", Self.schema, headers: [("ETag", "Of the category itself, for If-Match")])])
            ) { call in
                let slug = try call.path("slug")
                let all = try await core.database.read { try CategoryTable.all(on: $0) }
                guard let category = all.first(where: { $0.slug == slug }) else { throw APIError.notFound }
                return .json(.ok, category.json(in: all).json, headers: [.eTag: category.tag])
            },
            Route(
                .patch, "/api/categories/{slug}/", "Rename or move a category",
                Endpoint(
                    "categories", access: .staff, scope: AddRoutes.write,
                    parameters: [Self.slug, .ifMatch], body: .json(Self.draft.partial), answers: [.ok(Self.schema)])
            ) { try await change($0) },
            Route(
                .delete, "/api/categories/{slug}/", "Delete a category",
                Endpoint(
                    "categories",
                    details: "Its ads have to go to another, by `replace_by`, and categories below it have to be moved first.",
                    access: .staff, scope: AddRoutes.write,
                    parameters: [Self.slug, .query("replace_by", .string(1...64), "Category that its ads go to")],
                    answers: [.noContent, .conflict("There are ads or categories in it")])
            ) { try await delete($0) },
        ]
    }

    private func add(_ call: Call) async throws -> Response {
        let (body, actor) = (call.body, try call.user().subject)
        let slug = body["slug"]?.string ?? ""
        guard slug.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil else {
            throw APIError.invalid("slug", "Enter a valid \"slug\" consisting of lower case letters, numbers and hyphens.")
        }
        let (text, tag) = try await core.write { [core] connection in
            var all = try CategoryTable.all(on: connection)
            guard !all.contains(where: { $0.slug == slug }) else { throw APIError.invalid("slug", "This field must be unique.") }
            var category = CategoryRecord(
                slug: slug, parent: nil, english: body["name"]?["en"]?.string ?? "", spanish: body["name"]?["es"]?.string ?? "",
                position: all.count)
            all.append(category)
            try Self.apply(body, to: &category, all)
            try CategoryTable.put(category, on: connection)
            try core.emit(.created, category, by: actor, on: connection)
            return (category.json(in: []).json, category.tag)
        }
        return .created(text, tag: tag)
    }

    private func change(_ call: Call) async throws -> Response {
        let (slug, actor) = (try call.path("slug"), try call.user().subject)
        let response = try await core.write { [core] connection -> Response in
            let all = try CategoryTable.all(on: connection)
            guard var category = all.first(where: { $0.slug == slug }) else { throw APIError.notFound }
            try call.requireMatch(category.tag)
            let before = category
            try Self.apply(call.body, to: &category, all)
            try CategoryTable.put(category, on: connection)
            // Ads are found by the names of their category and of those above it.
            if (category.english, category.spanish, category.parent) != (before.english, before.spanish, before.parent) {
                try AddSearch.renamed(slug, on: connection)
            }
            if category != before { try core.emit(.updated, category, by: actor, on: connection) }
            return .json(.ok, category.json(in: all).json, headers: [.eTag: category.tag])
        }
        await core.upkeep.wake()
        return response
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
        let (slug, actor) = (try call.path("slug"), try call.user().subject)
        let heir = call.parameters.string("replace_by")
        if let heir {
            try await core.database.read { connection in
                guard try CategoryTable.exists(slug, on: connection) else { throw APIError.notFound }
                try Self.requireNone("categories", "parent", slug, on: connection)
                guard heir != slug, try CategoryTable.exists(heir, on: connection) else {
                    throw APIError.invalid("replace_by", "Object with slug=\(heir) does not exist.")
                }
            }
            while try await moveAdds(from: slug, to: heir) {}
        }
        try await core.write { [core] connection in
            guard let category = try CategoryTable.all(on: connection).first(where: { $0.slug == slug }) else { throw APIError.notFound }
            try Self.requireNone("adds", "category", slug, on: connection)
            try Self.requireNone("categories", "parent", slug, on: connection)
            try connection.execute("DELETE FROM categories WHERE slug = $1", [SQLValue(slug)])
            try core.emit(.deleted, category, by: actor, heir: heir, on: connection)
        }
        return .noContent
    }

    /// - Throws: `APIError` 409 where a row of the table refers to the category.
    private static func requireNone(_ table: String, _ column: String, _ slug: String, on connection: any SQLConnection) throws {
        guard try connection.query("SELECT 1 AS one FROM \(table) WHERE \(column) = $1 LIMIT 1", [SQLValue(slug)]).isEmpty else {
            throw APIError(.conflict, code: "category_in_use", detail: "There are ads or categories in this category.")
        }
    }

    /// Ads that are moved in one transaction: others write in between.
    private static let batch = 100

    /// Moves some ads to another category.
    /// - Returns: whether there may be more.
    private func moveAdds(from slug: String, to heir: String) async throws -> Bool {
        try await core.write { [core] connection in
            let adds = try AddTable.list(
                "WHERE adds.category = $1 ORDER BY adds.id LIMIT \(Self.batch)", [SQLValue(slug)], on: connection)
            for var add in adds {
                add.category = heir
                try connection.execute("UPDATE adds SET category = $2 WHERE id = $1", [SQLValue(add.id), SQLValue(heir)])
                try AddSearch.put(add, on: connection)
                try core.stockChanged(&add, on: connection)
            }
            return adds.count == Self.batch
        }
    }
}
