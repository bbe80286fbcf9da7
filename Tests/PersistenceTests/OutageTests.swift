import Foundation
import Persistence
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct OutageTests {
    @Test func aPoolGoesOnAfterTheServerWasRestarted() async throws {
        // A server of its own: others must not lose theirs.
        let server = try await PostgreSQLServer()
        let database = PostgreSQLDatabase(configuration: .init(url: try await server.makeDatabase(), connections: 3))
        _ = try await database.write { try $0.executeScript("CREATE TABLE cows (id BIGINT PRIMARY KEY)") }
        try await server.restart()
        for id in 0..<6 { _ = try await database.write { try $0.execute("INSERT INTO cows (id) VALUES ($1)", [SQLValue(id)]) } }
        #expect(try await database.read { try $0.query("SELECT COUNT(*) AS cows FROM cows")[0].int("cows") } == 6)
        await database.close()
    }

    @Test func aServerThatIsNotThereIsUnavailableAndThePasswordIsNotTold() async throws {
        var configuration = PostgreSQLDatabase.Configuration(url: "postgresql://ana:geheim@127.0.0.1:1/none")
        configuration.connectTimeout = .seconds(2)
        let database = PostgreSQLDatabase(configuration: configuration)
        do {
            _ = try await database.read { try $0.query("SELECT 1 AS one") }
            Issue.record("there was a server")
        } catch DatabaseError.unavailable(let reason) {
            #expect(!reason.contains("geheim"))
        }
        await database.close()
    }

    @Test(arguments: ["ge%heim", "ge@heim", "ge/heim", "12/heim", "ge?heim", "ge#heim", "ge heim", "ge:heim"])
    func noPieceOfAPasswordThatBreaksTheURLIsTold(_ password: String) async throws {
        let database = PostgreSQLDatabase(configuration: .init(url: "postgresql://ana:\(password)@127.0.0.1:1/none"))
        do {
            _ = try await database.read { try $0.query("SELECT 1 AS one") }
            Issue.record("there was a server")
        } catch DatabaseError.unavailable(let reason) {
            #expect(!reason.contains("ge") && !reason.contains("heim"), "\(reason)")
        }
        await database.close()
    }

    /// Its prepared statements were made for the table as it was.
    @Test func aTableThatAnotherProcessChangesIsReadAsItIs() async throws {
        let url = try await PostgreSQLServer.shared.makeDatabase()
        let (old, new) = (PostgreSQLDatabase(configuration: .init(url: url)), PostgreSQLDatabase(configuration: .init(url: url)))
        _ = try await old.write { try $0.executeScript("CREATE TABLE herds (id BIGINT PRIMARY KEY); INSERT INTO herds VALUES (7)") }
        func read() async throws -> Int {
            try await old.read { try $0.query("SELECT * FROM herds WHERE id = $1", [SQLValue(7)])[0].int("id") }
        }
        #expect(try await read() == 7)
        _ = try await new.write { try $0.executeScript("ALTER TABLE herds ADD COLUMN name TEXT") }
        #expect(try await read() == 7)
        await old.close()
        await new.close()
    }

    @Test func whoeverWaitsTooLongForAConnectionIsTold() async throws {
        var configuration = PostgreSQLDatabase.Configuration(url: try await PostgreSQLServer.shared.makeDatabase(), connections: 1)
        configuration.acquireTimeout = .milliseconds(200)
        let database = PostgreSQLDatabase(configuration: configuration)
        let (begun, may) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let slow: Void = database.read { _ in
            begun.signal()
            may.wait()
        }
        await begun.signalled()
        do {
            _ = try await database.read { try $0.query("SELECT 1 AS one") }
            Issue.record("there was a second connection")
        } catch DatabaseError.unavailable {
        }
        may.signal()
        try await slow
        #expect(try await database.read { try $0.query("SELECT 1 AS one") }.count == 1, "the pool goes on")
        await database.close()
    }

    /// As with a small server that many processes share.
    @Test func whoeverTheServerHasNoRoomForWaitsForIt() async throws {
        let url = try await PostgreSQLServer.shared.makeDatabase(connectionsOfRole: 1)
        // More of its own than there may be: they take turns.
        let database = PostgreSQLDatabase(configuration: .init(url: url, connections: 6))
        try await withThrowingTaskGroup { group in
            for _ in 0..<12 { group.addTask { _ = try await database.read { try $0.query("SELECT pg_sleep(0.02)") } } }
            try await group.waitForAll()
        }
        var impatient = PostgreSQLDatabase.Configuration(url: url)
        impatient.acquireTimeout = .milliseconds(300)
        let other = PostgreSQLDatabase(configuration: impatient)
        do {
            _ = try await other.read { try $0.query("SELECT 1 AS one") }
            Issue.record("there was room")
        } catch DatabaseError.unavailable(let reason) {
            #expect(reason.contains("too many connections for role") && !reason.contains("53300"), "\(reason)")
        }
        await database.close()
        // Theirs is free now.
        #expect(try await PostgreSQLDatabase(configuration: .init(url: url)).read { try $0.query("SELECT 1 AS one") }.count == 1)
        await other.close()
    }

    /// By PostgreSQL's rules the first to commit wins, and the short ones always are.
    @Test func aLongTransactionAmongShortOnesIsDoneAll() async throws {
        let database = PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase(), connections: 4))
        try await database.write { try $0.executeScript("CREATE TABLE herds (id BIGINT, size BIGINT); INSERT INTO herds VALUES (1, 0)") }
        let isDone = Mutex(false)
        let short = Task {
            var count = 0
            while !isDone.withLock({ $0 }) {
                try await database.write { _ = try $0.execute("UPDATE herds SET size = size + 1") }
                count += 1
            }
            return count
        }
        let tries = Mutex(0)
        try await database.write { connection in
            tries.withLock { $0 += 1 }
            let size = try connection.query("SELECT size FROM herds")[0].int("size")
            _ = try connection.query("SELECT pg_sleep(0.1)")
            try connection.execute("UPDATE herds SET size = $1", [SQLValue(size + 1000)])
        }
        isDone.withLock { $0 = true }
        let count = try await short.value
        #expect(try await database.read { try $0.query("SELECT size FROM herds")[0].int("size") } == count + 1000)
        #expect(tries.withLock { $0 } <= 5, "the fifth has nobody beside it")
        await database.close()
    }

    @Test func aFullSQLiteFileIsDiskFullAndKeepsWhatItHas() async throws {
        let folder = try TemporaryFolder()
        let database = try SQLiteDatabase(.init(path: folder.path + "/test.sqlite"))
        try await database.write { connection in
            try connection.executeScript("CREATE TABLE blobs (id BIGINT PRIMARY KEY, bytes BLOB)")
            _ = try connection.execute("INSERT INTO blobs (id, bytes) VALUES (1, $1)", [SQLValue([UInt8](repeating: 7, count: 1000))])
            // SQLite's own way to have a small disk (PRAGMA max_page_count).
            _ = try connection.query("PRAGMA max_page_count = 20")
        }
        await #expect(throws: DatabaseError.diskFull) {
            try await database.write { connection in
                _ = try connection.execute(
                    "INSERT INTO blobs (id, bytes) VALUES (2, $1)", [SQLValue([UInt8](repeating: 7, count: 200_000))])
            }
        }
        #expect(try await database.read { try $0.query("SELECT id FROM blobs") }.count == 1)
        _ = try await database.write { try $0.execute("INSERT INTO blobs (id) VALUES (3)") }
        await database.close()
    }

    @Test func idsAreVersion7AndGrow() throws {
        func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
        let before = now()
        let ids = (0..<10_000).map { _ in UUIDv7.make() }
        let after = now()
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy(UUIDv7.isValid))
        #expect((before...after).contains(try #require(UUIDv7.milliseconds(of: ids[0]))))
        #expect(UUIDv7.milliseconds(of: "nonsense") == nil)
    }
}

extension DispatchSemaphore {
    /// Waits on a thread that may block.
    fileprivate func signalled() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.wait()
                continuation.resume()
            }
        }
    }
}
