import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/saved-searches/`: searches that a user wants to make again, and how many ads are new since.
struct SavedSearchRoutes: Sendable {
    let core: MarketplaceCore

    private struct Record: Sendable {
        let id: String
        var name: String
        var query: String
        let created: Int64
        var seen: Int64

        init(_ row: SQLRow) throws {
            id = try row.text("id")
            name = try row.text("name")
            query = try row.text("query")
            created = Int64(try row.int("created"))
            seen = Int64(try row.int("seen"))
        }

        init(name: String, query: String) {
            (id, self.name, self.query) = (UUIDv7.make(), name, query)
            created = Timestamp.now()
            seen = created
        }

        /// Of what its owner says; how many ads are new is not theirs.
        var tag: String { EntityTag.text(of: name + "\n" + query) }

        func json(new: Int) -> String {
            JSONText.object([
                ("id", JSONText.string(id)), ("name", JSONText.string(name)), ("query", query), ("new", "\(new)"),
                ("seen", JSONText.string(Timestamp.text(milliseconds: seen))),
                ("created", JSONText.string(Timestamp.text(milliseconds: created))),
            ])
        }
    }

    /// The parameters of `GET /api/adds/`, by their own schemas.
    private static let query = JSONSchema.object(AddSearch.filters.map { .optional($0.name, $0.schema) }).named("SavedQuery")
    private static let draft = JSONSchema.object(.required("name", .string(1...120)), .required("query", query)).named("SavedSearchDraft")
    private static let schema = JSONSchema.object(
        .required("id", .uuid), .required("name", .string()), .required("query", query),
        .required("new", .integer(0...Int(Int32.max)).described("Ads that were published since it was seen")), .required("seen", .dateTime),
        .required("created", .dateTime)
    ).named("SavedSearch")

    var routes: [Route] {
        let path = "/api/saved-searches/"
        return [
            Route(
                .get, path, "The user's saved searches",
                Endpoint("saved-searches", scope: AddRoutes.read, parameters: Parameter.paging(), answers: [.page(of: Self.schema)])
            ) { try await list($0) },
            Route(
                .post, path, "Save a search",
                Endpoint(
                    "saved-searches", scope: AddRoutes.write, body: .json(Self.draft),
                    answers: [.created(Self.schema), .conflict("The user has as many as the setting allows")])
            ) { try await create($0) },
            Route(
                .get, path + "{id}/", "A saved search", Endpoint("saved-searches", scope: AddRoutes.read, answers: [.ok(Self.schema)])
            ) { call in
                let id = try call.id()
                let user = try call.user()
                return try await core.database.read { connection in
                    let record = try Self.find(id, user, on: connection)
                    return .json(.ok, try Self.answer(record, on: connection), headers: [.eTag: record.tag])
                }
            },
            Route(
                .patch, path + "{id}/", "Change a saved search",
                Endpoint(
                    "saved-searches", scope: AddRoutes.write, parameters: [.ifMatch], body: .json(Self.draft.partial),
                    answers: [.ok(Self.schema)])
            ) { try await change($0) },
            Route(
                .delete, path + "{id}/", "Delete a saved search",
                Endpoint("saved-searches", scope: AddRoutes.write, parameters: [.ifMatch], answers: [.noContent])
            ) { call in
                let (user, id) = (try call.user(), try call.id())
                try await core.write { connection in
                    try call.requireMatch(try Self.find(id, user, on: connection).tag)
                    try connection.execute("DELETE FROM saved_searches WHERE id = $1", [SQLValue(id)])
                }
                return .noContent
            },
            Route(
                .post, path + "{id}/seen/", "Its results were looked at: none is new any more",
                Endpoint("saved-searches", scope: AddRoutes.write, answers: [.ok(Self.schema)])
            ) { try await change($0) },
        ]
    }

    private func list(_ call: Call) async throws -> Response {
        let user = try call.user()
        let page = try PageRequest(call.request)
        let (items, count) = try await core.database.read { connection in
            let count = try connection.query("SELECT COUNT(*) AS n FROM saved_searches WHERE owner = $1", [SQLValue(user.subject)])[0].int(
                "n")
            let rows = try connection.query(
                "SELECT id, name, query, created, seen FROM saved_searches WHERE owner = $1 ORDER BY id DESC LIMIT \(page.pageSize) OFFSET \(page.offset)",
                [SQLValue(user.subject)])
            return (try rows.map { try Self.answer(try Record($0), on: connection) }, count)
        }
        return .json(.ok, try page.body(items, count: count, request: call.request, base: core.base(call)))
    }

    private func create(_ call: Call) async throws -> Response {
        let user = try call.user()
        let query = try Self.checked(call.body["query"] ?? .object([:]))
        let name = call.body["name"]?.string ?? ""
        let (text, record) = try await core.write { [core] connection in
            let count = try connection.query("SELECT COUNT(*) AS n FROM saved_searches WHERE owner = $1", [SQLValue(user.subject)])[0].int(
                "n")
            guard count < core.settings.savedSearchesPerUser else {
                throw APIError(
                    .conflict, code: "too_many_searches",
                    detail: "You have \(count) saved searches, as many as the setting saved-searches allows.")
            }
            let record = Record(name: name, query: query)
            try connection.execute(
                "INSERT INTO saved_searches (id, owner, name, query, created, seen) VALUES ($1, $2, $3, $4, $5, $6)",
                [
                    SQLValue(record.id), SQLValue(user.subject), SQLValue(record.name), SQLValue(record.query), SQLValue(record.created),
                    SQLValue(record.seen),
                ])
            return (try Self.answer(record, on: connection), record)
        }
        return .created(text, location: "\(core.base(call))/api/saved-searches/\(record.id)/", tag: record.tag)
    }

    /// Takes the body's members over; one without any says that the results were seen.
    private func change(_ call: Call) async throws -> Response {
        let (user, id) = (try call.user(), try call.id())
        let query = try call.body["query"].map(Self.checked)
        return try await core.write { connection in
            var record = try Self.find(id, user, on: connection)
            try call.requireMatch(record.tag)
            record.name = call.body["name"]?.string ?? record.name
            record.query = query ?? record.query
            if call.body.isNull { record.seen = Timestamp.now() }
            try connection.execute(
                "UPDATE saved_searches SET name = $2, query = $3, seen = $4 WHERE id = $1",
                [SQLValue(id), SQLValue(record.name), SQLValue(record.query), SQLValue(record.seen)])
            return .json(.ok, try Self.answer(record, on: connection), headers: [.eTag: record.tag])
        }
    }

    /// The query as it is kept: of known parameters, and such that the list takes it.
    private static func checked(_ query: JSONValue) throws -> String {
        let known = Set(AddSearch.filters.map(\.name))
        let members = query.members.filter { known.contains($0.key) }
        var filter = SQLFilter()
        _ = try AddSearch.apply(ParameterValues(members), &filter)
        return JSONValue.object(members).json
    }

    private static func find(_ id: String, _ user: Principal, on connection: any SQLConnection) throws -> Record {
        let rows = try connection.query(
            "SELECT id, name, query, created, seen FROM saved_searches WHERE id = $1 AND owner = $2",
            [SQLValue(id), SQLValue(user.subject)])
        guard let row = rows.first else { throw APIError.notFound }
        return try Record(row)
    }

    private static func answer(_ record: Record, on connection: any SQLConnection) throws -> String {
        var filter = SQLFilter()
        filter.add("adds.state = 'published'")
        filter.add("adds.published > ?", SQLValue(record.seen))
        let members = (try? JSONValue(parsing: Data(record.query.utf8)))?.members ?? [:]
        _ = try AddSearch.apply(ParameterValues(members), &filter)
        let new = try connection.query("SELECT COUNT(*) AS adds FROM adds \(filter.clause)", filter.arguments)[0].int("adds")
        return record.json(new: new)
    }
}
