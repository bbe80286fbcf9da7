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
        try await Migrator.migrate(database, service: "test", [IdempotencyKey.migration, IdempotencyKey.fieldsMigration, table])
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
                let head = call.body["head"]?.integer ?? 0
                return try await database.write { connection in
                    try IdempotencyKey.once(call, now: 1, on: connection) {
                        let id = UUIDv7.make()
                        try connection.execute("INSERT INTO sales (id, head) VALUES ($1, $2)", [SQLValue(id), SQLValue(head)])
                        let json = JSONText.object([("id", JSONText.string(id)), ("head", "\(head)")])
                        return IdempotencyKey.Answer(.created, json, location: "/api/sales/\(id)/", tag: "\"\(id)\"")
                    }
                }
            },
            Route(
                .post, "/api/gifts/", "Give",
                Endpoint(
                    "sales", parameters: [IdempotencyKey.optionalParameter], body: .json(sale),
                    answers: [.created(sale)] + IdempotencyKey.answers)
            ) { call in
                try await database.write { connection in
                    try IdempotencyKey.once(call, now: 1, on: connection) {
                        let id = UUIDv7.make()
                        try connection.execute("INSERT INTO sales (id, head) VALUES ($1, 0)", [SQLValue(id)])
                        // A head of 13 is found to be wrong only now: what was done so far goes, and the key with it.
                        if call.body["head"]?.integer == 13 { throw APIError.invalid("head", "Unlucky.") }
                        return IdempotencyKey.Answer(.created, JSONText.object([("id", JSONText.string(id))]))
                    }
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

    /// What the first answer said in its header is said again; a key is free again when its request failed; where none is required,
    /// each request without one counts.
    @Test(arguments: SQLDialect.allCases)
    func aKeyStandsForAnAnswerAndNotForAFailure(_ dialect: SQLDialect) async throws {
        try await withDatabase(dialect) { (database: any Database) async throws -> Void in
            try await TestServer.run(routes(database)) { (server: TestServer) async throws -> Void in
                let client = HTTPTestClient("http://127.0.0.1:\(server.port)", token: "token")
                func post(_ path: String, _ key: String?, _ head: Int) async throws -> HTTPTestClient.Answer {
                    var headers = ["Content-Type": "application/json"]
                    headers["Idempotency-Key"] = key
                    return try await client.request(.POST, path, headers: headers, body: Data(#"{"head":\#(head)}"#.utf8))
                }
                let first = try await post("/api/sales/", "key", 1)
                let again = try await post("/api/sales/", "key", 1)
                #expect(first["location"]?.hasPrefix("/api/sales/") == true && first["etag"] != nil)
                #expect(again["location"] == first["location"] && again["etag"] == first["etag"])
                #expect(again.status == 201 && again.text == first.text)
                #expect(try await post("/api/gifts/", "key", 13).status == 400)
                let given = try await post("/api/gifts/", "key", 7)
                #expect(given.status == 201)
                #expect(try await post("/api/gifts/", "key", 7).text == given.text)
                #expect(try await post("/api/gifts/", "key", 8).status == 422)
                #expect(try await post("/api/gifts/", nil, 7).text != given.text)
                #expect(try await post("/api/gifts/", nil, 7).status == 201)
            }
            let count = try await database.read { try $0.query("SELECT COUNT(*) AS n FROM sales")[0].int("n") }
            #expect(count == 4)
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
