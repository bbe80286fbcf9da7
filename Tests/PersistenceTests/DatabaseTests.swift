import Persistence
import TestSupport
import Testing

/// What both engines promise, on both.
@Suite struct DatabaseTests {
    /// A database with an empty table, on one of the engines; its file is there for as long as it is.
    private struct Fixture: Database {
        private let database: any Database
        private let folder: TemporaryFolder

        var dialect: SQLDialect { database.dialect }

        func read<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
            try await database.read(body)
        }

        func write<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
            try await database.write(body)
        }

        func close() async { await database.close() }

        init(_ dialect: SQLDialect) async throws {
            folder = try TemporaryFolder()
            switch dialect {
            case .sqlite: database = try SQLiteDatabase(.init(path: folder.path + "/test.sqlite"))
            case .postgresql: database = PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
            }
            let blob = dialect == .postgresql ? "BYTEA" : "BLOB"
            let real = dialect == .postgresql ? "DOUBLE PRECISION" : "REAL"
            try await database.write { connection in
                try connection.executeScript(
                    """
                    CREATE TABLE parents (id BIGINT PRIMARY KEY);
                    CREATE TABLE items (
                        id BIGINT PRIMARY KEY, name TEXT UNIQUE, bytes \(blob), weight \(real),
                        amount BIGINT CHECK (amount >= 0), parent BIGINT REFERENCES parents (id));
                    """)
            }
        }
    }

    private struct Refused: Error {}

    @Test(arguments: SQLDialect.allCases)
    func rowsAreHandedOutOneAfterTheOtherUntilItIsEnough(_ dialect: SQLDialect) async throws {
        let database = try await Fixture(dialect)
        try await database.write { connection in
            for id in 1...5 {
                try connection.execute(
                    "INSERT INTO items (id, name, amount) VALUES ($1, $2, $3)",
                    [SQLValue(id), SQLValue(id == 3 ? "" : "ñ\(id)"), id == 4 ? nil : SQLValue(id * 10)])
            }
        }
        let found = try await database.read { connection in
            var found: [String] = []
            try connection.forEach("SELECT name, amount FROM items WHERE id > $1 ORDER BY id", [1]) { row in
                found.append("\(try row.text(0)) \(try row.optionalInt(1) ?? -1)")
                return found.count < 3
            }
            // What the body throws ends the reading, and not the transaction.
            do {
                try connection.forEach("SELECT id FROM items", []) { _ in throw Refused() }
            } catch is Refused {}
            do {
                try connection.forEach("SELECT name, amount FROM items WHERE id = 4", []) { row in
                    _ = try row.int(1)
                    return true
                }
            } catch DatabaseError.decoding { found.append("null") }
            do {
                try connection.forEach("SELECT name FROM items WHERE id = 4", []) { row in
                    _ = try row.text(1)
                    return true
                }
            } catch DatabaseError.decoding { found.append("no column") }
            return found + [try connection.query("SELECT COUNT(*) AS count FROM items").map { "\(try $0.int("count"))" }.joined()]
        }
        #expect(found == ["ñ2 20", " 30", "ñ4 -1", "null", "no column", "5"])
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func valuesComeBackAsTheyWere(_ dialect: SQLDialect) async throws {
        let database = try await Fixture(dialect)
        let text = "ñandú 🐄 'quoted' \"double\" \\ back\nline"
        let bytes = (0...255).map { UInt8($0) }
        try await database.write { connection in
            _ = try connection.execute(
                "INSERT INTO items (id, name, bytes, weight, amount) VALUES ($1, $2, $3, $4, $5)",
                [SQLValue(Int64.max), SQLValue(text), SQLValue(bytes), SQLValue(0.1), nil])
        }
        let rows = try await database.read { try $0.query("SELECT id, name, bytes, weight, amount FROM items") }
        #expect(rows.count == 1)
        #expect(rows[0].values == [.integer(.max), .text(text), .blob(bytes), .real(0.1), .null])
        #expect(rows[0].columns == ["id", "name", "bytes", "weight", "amount"])
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func anArgumentMayStandSeveralTimes(_ dialect: SQLDialect) async throws {
        let database = try await Fixture(dialect)
        try await database.write { connection in
            for id in 1...5 {
                _ = try connection.execute("INSERT INTO items (id, amount) VALUES ($1, $1)", [SQLValue(id)])
            }
        }
        let rows = try await database.read { connection in
            try connection.query("SELECT id FROM items WHERE id > $1 AND amount <= $2 AND $1 < $2 ORDER BY id", [2, 4])
        }
        #expect(try rows.map { try $0.int("id") } == [3, 4])
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func executeCountsRowsAndReturningReturnsThem(_ dialect: SQLDialect) async throws {
        let database = try await Fixture(dialect)
        let (changed, returned, untouched) = try await database.write { connection in
            _ = try connection.execute("INSERT INTO items (id, amount) VALUES (1, 1), (2, 2), (3, 3)")
            let changed = try connection.execute("UPDATE items SET amount = 9 WHERE id >= $1", [2])
            let returned = try connection.query("DELETE FROM items WHERE amount = 9 RETURNING id")
            let untouched = try connection.execute("DELETE FROM items WHERE id = 77")
            return (changed, try returned.map { try $0.int("id") }.sorted(), untouched)
        }
        #expect(changed == 2)
        #expect(returned == [2, 3])
        #expect(untouched == 0)
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func aBodyThatThrowsLeavesNothing(_ dialect: SQLDialect) async throws {
        let database = try await Fixture(dialect)
        await #expect(throws: Refused.self) {
            try await database.write { connection in
                _ = try connection.execute("INSERT INTO items (id) VALUES (1)")
                throw Refused()
            }
        }
        #expect(try await database.read { try $0.query("SELECT id FROM items") }.isEmpty)
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func constraintsAreToldApart(_ dialect: SQLDialect) async throws {
        let database = try await Fixture(dialect)
        func failure(_ sql: String) async -> DatabaseError? {
            do {
                _ = try await database.write { try $0.execute(sql) }
                return nil
            } catch {
                return error as? DatabaseError
            }
        }
        #expect(await failure("INSERT INTO items (id, name) VALUES (1, 'a')") == nil)
        guard case .uniqueViolation = await failure("INSERT INTO items (id, name) VALUES (2, 'a')") else {
            Issue.record("a second 'a' was taken")
            return
        }
        guard case .constraintViolation = await failure("INSERT INTO items (id, amount) VALUES (3, -1)") else {
            Issue.record("a negative amount was taken")
            return
        }
        guard case .foreignKeyViolation = await failure("INSERT INTO items (id, parent) VALUES (4, 99)") else {
            Issue.record("a missing parent was taken")
            return
        }
        guard case .failed = await failure("SELEKT 1") else {
            Issue.record("nonsense was taken")
            return
        }
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func aFailureThatTheBodySwallowsIsThrownAllTheSame(_ dialect: SQLDialect) async throws {
        let database = try await Fixture(dialect)
        await #expect(throws: DatabaseError.self) {
            try await database.write { connection in
                _ = try connection.execute("INSERT INTO items (id) VALUES (1)")
                _ = try? connection.execute("INSERT INTO items (id) VALUES (1)")
            }
        }
        #expect(try await database.read { try $0.query("SELECT id FROM items") }.isEmpty)
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func aReadCannotWrite(_ dialect: SQLDialect) async throws {
        let database = try await Fixture(dialect)
        await #expect(throws: DatabaseError.self) {
            try await database.read { _ = try $0.execute("INSERT INTO items (id) VALUES (1)") }
        }
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func incrementsThatRaceAllCount(_ dialect: SQLDialect) async throws {
        let database = try await Fixture(dialect)
        _ = try await database.write { try $0.execute("INSERT INTO items (id, amount) VALUES (1, 0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await database.write { connection in
                        let amount = try connection.query("SELECT amount FROM items WHERE id = 1")[0].int("amount")
                        _ = try connection.execute("UPDATE items SET amount = $1 WHERE id = 1", [SQLValue(amount + 1)])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.read { try $0.query("SELECT amount FROM items")[0].int("amount") } == 200)
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func aFailingWriteAmongManyFailsAlone(_ dialect: SQLDialect) async throws {
        let database = try await Fixture(dialect)
        let failures = await withTaskGroup(of: Bool.self) { group in
            for id in 0..<60 {
                group.addTask {
                    do {
                        try await database.write { connection in
                            _ = try connection.execute("INSERT INTO items (id) VALUES ($1)", [SQLValue(id)])
                            if id % 3 == 0 { throw Refused() }
                        }
                        return false
                    } catch {
                        return true
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(failures == 20)
        let rows = try await database.read { try $0.query("SELECT id FROM items") }
        #expect(try rows.allSatisfy { try $0.int("id") % 3 != 0 })
        #expect(rows.count == 40)
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func aClosedDatabaseSaysSo(_ dialect: SQLDialect) async throws {
        let database = try await Fixture(dialect)
        await database.close()
        for isWrite in [true, false] {
            do {
                _ =
                    isWrite
                    ? try await database.write { try $0.query("SELECT 1 AS one") }
                    : try await database.read { try $0.query("SELECT 1 AS one") }
                Issue.record("a closed database answered")
            } catch DatabaseError.unavailable {
            }
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func textWithANullCharacterIsRefused(_ dialect: SQLDialect) async throws {
        let database = try await Fixture(dialect)
        await #expect(throws: DatabaseError.self) {
            try await database.write { _ = try $0.execute("INSERT INTO items (id, name) VALUES (1, $1)", ["a\0b"]) }
        }
        await #expect(throws: DatabaseError.self, "as every failed statement it ends the transaction") {
            try await database.write { connection in
                _ = try connection.execute("INSERT INTO items (id) VALUES (1)")
                _ = try? connection.execute("INSERT INTO items (id, name) VALUES (2, $1)", ["a\0b"])
            }
        }
        #expect(try await database.read { try $0.query("SELECT id FROM items") }.isEmpty)
        await database.close()
    }
}
