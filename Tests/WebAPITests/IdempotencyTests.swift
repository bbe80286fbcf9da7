import Foundation
import Hummingbird
import Persistence
import Schemas
import ServiceTestSupport
import TestSupport
import Testing
import WebAPI

/// Effects that happen once, and lists without an end, on both engines.
@Suite struct IdempotencyTests {
    private func withDatabase(_ dialect: SQLDialect, _ body: (any Database) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let database: any Database =
            switch dialect {
            case .sqlite: try SQLiteDatabase(.init(path: folder.path + "/test.sqlite"))
            case .postgresql: PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
            }
        let table = Migration("0002-sales", "CREATE TABLE sales (id TEXT PRIMARY KEY, head BIGINT NOT NULL)")
        try await Migrator.migrate(database, service: "test", [IdempotencyKey.migration, table])
        try await body(database)
        await database.close()
    }

    private func routes(_ database: any Database) -> [Route] {
        let sale = JSONSchema.object(.required("head", .integer(1...100)))
        return [
            Route(
                .post, "/api/sales/", "Sell",
                Endpoint(
                    "sales", parameters: [IdempotencyKey.parameter], body: .json(sale), answers: [.created(sale)] + IdempotencyKey.answers)
            ) { call in
                let key = try IdempotencyKey(call)
                let head = call.body["head"]?.integer ?? 0
                return try await database.write { connection in
                    if let known = try key.answer(on: connection) { return known }
                    let id = UUIDv7.make()
                    try connection.execute("INSERT INTO sales (id, head) VALUES ($1, $2)", [SQLValue(id), SQLValue(head)])
                    let json = JSONText.object([("id", JSONText.string(id)), ("head", "\(head)")])
                    try key.keep(.created, json, now: 1, on: connection)
                    return .created(json)
                }
            },
            Route(
                .get, "/api/sales/", "Sales", Endpoint("sales", parameters: Parameter.cursor(), answers: [.ok(.cursorPage(of: sale))])
            ) { call in
                let cursor = try CursorRequest(call, defaultSize: 4, maximumSize: 10)
                var filter = SQLFilter()
                let clauses = cursor.clauses(&filter)
                let (clause, arguments) = (filter.clause, filter.arguments)
                let rows = try await database.read { try $0.query("SELECT id, head FROM sales \(clause) \(clauses)", arguments) }
                let body = try cursor.page(rows.map { (try $0.text("id"), "\(try $0.int("head"))") }).body(
                    request: call.request, base: call.request.base(publicURL: "")
                ) { (id: $0.0, json: $0.1) }
                return .json(.ok, body)
            },
        ]
    }

    @Test(arguments: SQLDialect.allCases)
    func aRepetitionHasNoSecondEffectAndGetsTheFirstAnswer(_ dialect: SQLDialect) async throws {
        try await withDatabase(dialect) { (database: any Database) async throws -> Void in
            try await TestServer.run(routes(database)) { (server: TestServer) async throws -> Void in
                let client = HTTPTestClient("http://127.0.0.1:\(server.port)", token: "token")
                func sell(_ key: String?, _ body: String = #"{"head":3}"#) async throws -> HTTPTestClient.Answer {
                    var headers = ["Content-Type": "application/json"]
                    headers["Idempotency-Key"] = key
                    return try await client.request(.POST, "/api/sales/", headers: headers, body: Data(body.utf8))
                }
                let answers = try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 1...20 { group.addTask { try await sell("key-1").text } }
                    return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                }
                #expect(answers.count == 1)
                #expect(try await sell("key-2").text != answers.first)
                #expect(try await sell("key-1", #"{ "head" : 3 }"#).text == answers.first)
                let other = try await sell("key-1", #"{"head":4}"#)
                #expect(other.status == 422 && other.json["code"] as? String == "idempotency_key_reused")
                let none = try await sell(nil)
                #expect(none.status == 400 && none.json["Idempotency-Key"] != nil)
            }
            let count = try await database.read { try $0.query("SELECT COUNT(*) AS n FROM sales")[0].int("n") }
            #expect(count == 2)
            try await database.write { try IdempotencyKey.forget(before: 2, on: $0) }
            #expect(try await database.read { try $0.query("SELECT COUNT(*) AS n FROM idempotency_keys")[0].int("n") } == 0)
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func anEndlessListIsWalkedDownAndUpWhileItGrows(_ dialect: SQLDialect) async throws {
        try await withDatabase(dialect) { (database: any Database) async throws -> Void in
            @Sendable func add(_ range: ClosedRange<Int>) async throws {
                try await database.write { connection in
                    for number in range {
                        try connection.execute("INSERT INTO sales (id, head) VALUES ($1, $2)", [SQLValue(UUIDv7.make()), SQLValue(number)])
                    }
                }
            }
            try await add(1...10)
            try await TestServer.run(routes(database)) { (server: TestServer) async throws -> Void in
                let client = HTTPTestClient("http://127.0.0.1:\(server.port)", token: "token")
                var page = try await client.get("/api/sales/?x=1")
                #expect(page.json["results"] as? [Int] == [10, 9, 8, 7])
                #expect(page.json["previous"] is NSNull)
                try await add(11...12)
                page = try await client.get(try #require(page.json["next"] as? String))
                #expect(page.json["results"] as? [Int] == [6, 5, 4, 3])
                #expect((page.json["next"] as? String)?.contains("x=1") == true)
                let last = try await client.get(try #require(page.json["next"] as? String))
                #expect(last.json["results"] as? [Int] == [2, 1])
                #expect(last.json["next"] is NSNull)
                page = try await client.get(try #require(page.json["previous"] as? String))
                #expect(page.json["results"] as? [Int] == [10, 9, 8, 7])
                page = try await client.get(try #require(page.json["previous"] as? String))
                #expect(page.json["results"] as? [Int] == [12, 11])
                #expect(page.json["previous"] is NSNull)
                #expect(try await client.get("/api/sales/?page_size=500").json["results"].map { ($0 as? [Int])?.count } == 10)
                #expect(try await client.get("/api/sales/?cursor=nonsense").status == 404)
            }
        }
    }
}
