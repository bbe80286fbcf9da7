import Persistence
import TestSupport
import Testing

@Suite struct MigratorTests {
    private static let first = Migration(
        "0001-cows", "CREATE TABLE cows (id BIGINT PRIMARY KEY); CREATE TABLE farms (id BIGINT PRIMARY KEY)")
    private static let second = Migration("0002-names", "ALTER TABLE cows ADD COLUMN name TEXT")

    private func open(_ dialect: SQLDialect, _ folder: TemporaryFolder) async throws -> any Database {
        switch dialect {
        case .sqlite: try SQLiteDatabase(.init(path: folder.path + "/test.sqlite"))
        case .postgresql: PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func eachMigrationRunsOnceAndInOrder(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await open(dialect, folder)
        try await Migrator.migrate(database, service: "farm", [Self.first])
        try await Migrator.migrate(database, service: "farm", [Self.first, Self.second])
        try await Migrator.migrate(database, service: "farm", [Self.first, Self.second])
        _ = try await database.write { try $0.execute("INSERT INTO cows (id, name) VALUES (1, 'Lola')") }
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func aMigrationThatFailsLeavesNothingOfItself(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await open(dialect, folder)
        let broken = Migration("0002-broken", "CREATE TABLE bulls (id BIGINT PRIMARY KEY); SELEKT 1")
        await #expect(throws: DatabaseError.self) { try await Migrator.migrate(database, service: "farm", [Self.first, broken]) }
        await #expect(throws: DatabaseError.self) { _ = try await database.read { try $0.query("SELECT id FROM bulls") } }
        try await Migrator.migrate(database, service: "farm", [Self.first, Self.second])
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func aDatabaseOfANewerProgramIsRefused(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await open(dialect, folder)
        try await Migrator.migrate(database, service: "farm", [Self.first, Self.second])
        await #expect(throws: MigrationError.databaseIsNewer(service: "farm", unknown: ["0002-names"])) {
            try await Migrator.migrate(database, service: "farm", [Self.first])
        }
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func programsThatStartAtOnceDoNotCollide(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await open(dialect, folder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask { try await Migrator.migrate(database, service: "farm", [Self.first, Self.second]) }
            }
            try await group.waitForAll()
        }
        await database.close()
    }
}
