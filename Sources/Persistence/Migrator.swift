import Foundation

/// Brings a service's schema up to date.
public enum Migrator {
    /// Applies, in order, the migrations of the list that the database does not have yet, each in a transaction of its
    /// own with its entry in `schema_migrations`. Processes that start at once wait for each other.
    /// - Throws: `MigrationError` where the database is newer than the program; `DatabaseError`.
    public static func migrate(_ database: any Database, service: String, _ migrations: [Migration]) async throws {
        let names = migrations.map(\.name)
        precondition(Set(names).count == names.count, "two migrations of \(service) have one name")

        try await database.write { connection in
            if connection.dialect == .postgresql {
                // Two sessions that make one table at once collide in the catalogue in spite of IF NOT EXISTS.
                _ = try connection.query("SELECT pg_advisory_xact_lock(\(lockNumber))")
            }
            try connection.executeScript(table)
        }
        let applied = try await database.read { connection in try appliedNames(connection, service: service) }
        let unknown = applied.subtracting(names).sorted()
        guard unknown.isEmpty else { throw MigrationError.databaseIsNewer(service: service, unknown: unknown) }

        for migration in migrations where !applied.contains(migration.name) {
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            try await database.write { connection in
                if connection.dialect == .postgresql {
                    // LOCK takes no snapshot, so what follows sees what the process that held the lock did.
                    try connection.executeScript("LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE")
                }
                guard try !appliedNames(connection, service: service).contains(migration.name) else { return }
                try connection.executeScript(migration.sql(for: connection.dialect))
                try connection.execute(
                    "INSERT INTO schema_migrations (service, name, applied) VALUES ($1, $2, $3)",
                    [.text(service), .text(migration.name), .integer(now)])
            }
        }
    }

    private static let table = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            service TEXT NOT NULL,
            name TEXT NOT NULL,
            applied BIGINT NOT NULL,
            PRIMARY KEY (service, name)
        )
        """

    /// The advisory lock's number: any constant that nothing else in the database uses.
    private static let lockNumber = 0x6d69_6772_6174_6500

    private static func appliedNames(_ connection: any SQLConnection, service: String) throws -> Set<String> {
        let rows = try connection.query("SELECT name FROM schema_migrations WHERE service = $1", [.text(service)])
        return Set(try rows.map { try $0.text("name") })
    }
}

/// Why a schema cannot be brought up to date.
public enum MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The database has migrations that this program does not know: a newer program made them.
    case databaseIsNewer(service: String, unknown: [String])

    public var description: String {
        switch self {
        case .databaseIsNewer(let service, let unknown):
            "the database of \(service) was made by a newer version: it has the migrations \(unknown.joined(separator: ", "))"
        }
    }
}
