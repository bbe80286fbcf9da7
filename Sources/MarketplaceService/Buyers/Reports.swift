import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// Reports of ads that should not be: users make them, staff settle them.
struct ReportRoutes: Sendable {
    let core: MarketplaceCore

    private enum Reason: String, CaseIterable {
        case fraud
        case forbidden
        case offensive
        case duplicate
        case sold
        case other
    }

    private static let draft = JSONSchema.object(.required("reason", .choice(Reason.self)), .optional("text", .string(0...2000))).named(
        "ReportDraft")
    private static let resolution = JSONSchema.object(
        .required("state", .choice(["accepted", "rejected"]).described("An ad whose report is accepted is taken from the lists")),
        .optional("resolution", .string(0...2000))
    ).named("ReportResolution")
    private static let schema = JSONSchema.object(
        .required("id", .uuid), .required("add", .uuid), .required("reporter", .string()), .required("reason", .choice(Reason.self)),
        .required("text", .string()), .required("state", .choice(["open", "accepted", "rejected"])), .required("resolution", .string()),
        .required("resolved_by", .string().nullable), .required("created", .dateTime), .required("resolved", .dateTime.nullable)
    ).named("Report")

    var routes: [Route] {
        [
            Route(
                .post, "/api/adds/{id}/report/", "Report an ad",
                Endpoint(
                    "reports", scope: AddRoutes.write, body: .json(Self.draft),
                    answers: [.created(Self.schema), .conflict("The user has reported it already")])
            ) { try await report($0) },
            Route(
                .get, "/api/reports/", "Reports of ads",
                Endpoint(
                    "reports", access: .staff, scope: AddRoutes.read,
                    parameters: Parameter.paging() + [
                        .query("state", .choice(["open", "accepted", "rejected"]), "In this state"), .query("add", .uuid, "Of this ad"),
                    ], answers: [.page(of: Self.schema)])
            ) { try await list($0) },
            Route(
                .post, "/api/reports/{id}/resolve/", "Settle a report",
                Endpoint(
                    "reports", access: .staff, scope: AddRoutes.write, body: .json(Self.resolution),
                    answers: [.ok(Self.schema), .conflict("It is settled already")])
            ) { try await resolve($0) },
        ]
    }

    private static let columns = "id, add_id, reporter, reason, text, state, resolution, resolved_by, created, resolved"

    private static func json(_ row: SQLRow) throws -> String {
        JSONValue.object([
            "id": .string(try row.text("id")), "add": .string(try row.text("add_id")), "reporter": .string(try row.text("reporter")),
            "reason": .string(try row.text("reason")), "text": .string(try row.text("text")), "state": .string(try row.text("state")),
            "resolution": .string(try row.text("resolution")),
            "resolved_by": try row.optionalText("resolved_by").map { .string($0) } ?? .null,
            "created": AddRecord.time(Int64(try row.int("created"))),
            "resolved": AddRecord.time(try row.optionalInt("resolved").map(Int64.init)),
        ]).json
    }

    private static func find(_ id: String, on connection: any SQLConnection) throws -> SQLRow {
        guard let row = try connection.query("SELECT \(columns) FROM reports WHERE id = $1", [SQLValue(id)]).first else {
            throw APIError.notFound
        }
        return row
    }

    private func report(_ call: Call) async throws -> Response {
        let (user, id) = (try call.user(), try call.id())
        let text = try await core.write { connection in
            guard let add = try AddTable.find(id, on: connection), add.isPublic else { throw APIError.notFound }
            let report = UUIDv7.make()
            let made = try connection.execute(
                """
                INSERT INTO reports (id, add_id, reporter, reason, text, state, resolution, created)
                VALUES ($1, $2, $3, $4, $5, 'open', '', $6) ON CONFLICT (add_id, reporter) DO NOTHING
                """,
                [
                    SQLValue(report), SQLValue(id), SQLValue(user.subject), SQLValue(call.body["reason"]?.string ?? ""),
                    SQLValue(call.body["text"]?.string ?? ""), SQLValue(Timestamp.now()),
                ])
            guard made == 1 else {
                throw APIError(.conflict, code: "already_reported", detail: "You have reported this ad already.")
            }
            return try Self.json(try Self.find(report, on: connection))
        }
        return .created(text)
    }

    private func list(_ call: Call) async throws -> Response {
        let page = try PageRequest(call.request)
        var filter = SQLFilter()
        if let state = call.parameters.string("state") { filter.add("state = ?", SQLValue(state)) }
        if let add = call.parameters.string("add") { filter.add("add_id = ?", SQLValue(add.lowercased())) }
        let (clause, arguments) = (filter.clause, filter.arguments)
        let (items, count) = try await core.database.read { connection in
            let count = try connection.query("SELECT COUNT(*) AS n FROM reports \(clause)", arguments)[0].int("n")
            let rows = try connection.query(
                "SELECT \(Self.columns) FROM reports \(clause) ORDER BY id LIMIT \(page.pageSize) OFFSET \(page.offset)", arguments)
            return (try rows.map(Self.json), count)
        }
        return .json(.ok, try page.body(items, count: count, request: call.request, base: core.base(call)))
    }

    private func resolve(_ call: Call) async throws -> Response {
        let (user, id) = (try call.user(), try call.id())
        let state = call.body["state"]?.string ?? ""
        let text = try await core.write { [core] connection in
            let row = try Self.find(id, on: connection)
            guard try row.text("state") == "open" else {
                throw APIError(.conflict, code: "invalid_state", detail: "This report is settled already.")
            }
            try connection.execute(
                "UPDATE reports SET state = $2, resolution = $3, resolved_by = $4, resolved = $5 WHERE id = $1",
                [
                    SQLValue(id), SQLValue(state), SQLValue(call.body["resolution"]?.string ?? ""), SQLValue(user.subject),
                    SQLValue(Timestamp.now()),
                ])
            if state == "accepted", var add = try AddTable.find(try row.text("add_id"), on: connection), add.isPublic {
                add.state = .expired
                try core.stockChanged(&add, on: connection)
            }
            return try Self.json(try Self.find(id, on: connection))
        }
        return .json(.ok, text)
    }
}
