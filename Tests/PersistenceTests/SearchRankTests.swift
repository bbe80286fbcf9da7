import Foundation
import Persistence
import TestSupport
import Testing

/// How well things fit a query, the same on both engines.
@Suite struct SearchRankTests {
    private static let search = SearchIndex(table: "things_search")

    private static let migrations = [
        Migration("0001-things", "CREATE TABLE things (id TEXT PRIMARY KEY)"), search.migration("0002-search"),
    ]
    private static let ranked = migrations + [search.rankMigration("0003-rank")]

    private func withDatabase(
        _ dialect: SQLDialect, _ migrations: [Migration] = ranked, _ body: (any Database) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let database: any Database =
            switch dialect {
            case .sqlite: try SQLiteDatabase(.init(path: folder.path + "/test.sqlite"))
            case .postgresql: PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
            }
        try await Migrator.migrate(database, service: "test", migrations)
        try await body(database)
        await database.close()
    }

    /// Ids of what is found, best first; of what fits as well the last id, as a page of a list has it.
    private func find(_ query: String, page: Int = 0, of size: Int = 100, _ database: any Database) async throws -> String {
        try await database.read { connection in
            var filter = SQLFilter()
            Self.search.filter(query, column: "things.id", &filter)
            let clause = filter.clause
            let rank = Self.search.rank(query, column: "things.id", &filter)
            let order = rank.map { "\($0.score) DESC, things.id DESC" } ?? "things.id DESC"
            return try connection.query(
                "SELECT things.id FROM things \(rank?.join ?? "") \(clause) ORDER BY \(order) LIMIT \(size) OFFSET \(page * size)",
                filter.arguments
            ).map { try $0.text("id") }.joined()
        }
    }

    private func add(_ id: String, title: String = "", details: String = "", description: String = "", _ database: any Database)
        async throws
    {
        try await database.write { connection in
            try connection.execute("INSERT INTO things (id) VALUES ($1) ON CONFLICT (id) DO NOTHING", [SQLValue(id)])
            try Self.search.put(id, title: [title], details: [details], description: [description], on: connection)
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func whatFitsBetterIsBefore(_ dialect: SQLDialect) async throws {
        try await withDatabase(dialect) { database in
            try await add("a", title: "Tractor", description: "Cambio por vacas, o por una vaca", database)
            try await add("b", title: "VACAS lecheras", description: "Holstein", database)
            try await add("c", title: "Vacunación", database)
            try await add("d", title: "Terneros", details: "Vaca", database)
            try await add("e", title: "Vacas Holstein", database)
            try await add("f", description: "Vacunas y vacacciones", database)
            for (query, found) in [
                // Whole in a title, its beginning there, in the details, in the description, its beginning there.
                ("vaca", "ebdaf"), ("VACAS", "ebdaf"),
                // Beginnings: in titles first; the last has two words of them in its description, the one before only one.
                ("vac", "ecbdfa"),
                // Every word counts: both in the title, then one.
                ("vaca holstein", "eb"), ("holstein vacas vaca", "eb"),
                ("tractor", "a"), ("cabra", ""), ("", "fedcba"), ("–;% ", "fedcba"),
            ] {
                #expect(try await find(query, database) == found, "\(query)")
            }
            // Pages follow one another, whatever is as good.
            var pages = ""
            for page in 0..<4 { pages += try await find("vac", page: page, of: 2, database) }
            #expect(pages == "ecbdfa")
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func whatCountsMoreIsKeptWhereWordsAreTooMany(_ dialect: SQLDialect) async throws {
        try await withDatabase(dialect) { database in
            let many = (0..<3000).map { "a\($0)" }.joined(separator: " ")
            try await add("a", title: "Zebra", details: "Zoo", description: many, database)
            #expect(try await find("zebra", database) == "a")
            #expect(try await find("zoo", database) == "a")
            let kept = try await database.read { try $0.query("SELECT COUNT(*) AS words FROM things_search")[0].int("words") }
            #expect(kept == 2000)
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func whatWasIndexedBeforeOrHasChangedElsewhereIsIndexedAnew(_ dialect: SQLDialect) async throws {
        try await withDatabase(dialect, Self.migrations) { database in
            try await database.write { connection in
                for (id, word) in [("a", "vaca"), ("b", "vaca"), ("c", "toro"), ("gone", "vaca")] {
                    try connection.execute("INSERT INTO things_search (word, id) VALUES ($1, $2)", [SQLValue(word), SQLValue(id)])
                    if id != "gone" { try connection.execute("INSERT INTO things (id) VALUES ($1)", [SQLValue(id)]) }
                }
            }
            try await Migrator.migrate(database, service: "test", Self.ranked)
            #expect(try await find("vaca", database) == "ba")
            let titles = ["a": "Vaca", "b": "Toro", "c": "Toro"]
            @Sendable func index(_ id: String, _ connection: any SQLConnection) throws {
                guard let title = titles[id] else { return try Self.search.remove(id, on: connection) }
                try Self.search.put(id, title: [title], description: ["Vaca"], on: connection)
            }
            #expect(try await Self.search.refresh(database, atMost: 3, index: index))
            #expect(try await !Self.search.refresh(database, atMost: 3, index: index))
            #expect(try await !Self.search.refresh(database, atMost: 3, index: index))
            #expect(try await find("vaca", database) == "acb")
            #expect(try await find("toro", database) == "cb")
            let left = try await database.read {
                try $0.query("SELECT DISTINCT id FROM things_search ORDER BY id").map { try $0.text("id") }
            }
            #expect(left == ["a", "b", "c"])

            // What is noted twice is done once; what was put in between is not stale any more.
            try await database.write { connection in
                for _ in 0..<2 { try Self.search.markStale("SELECT id FROM things WHERE id <> $1", ["a"], on: connection) }
                try Self.search.put("b", title: ["Cabra"], on: connection)
            }
            let hasMore = try await Self.search.refresh(database) { id, connection in
                #expect(id == "c")
                try Self.search.put(id, title: ["Oveja"], on: connection)
            }
            #expect(!hasMore)
            #expect(try await find("oveja", database) == "c")
            #expect(try await find("cabra", database) == "b")
        }
    }
}
