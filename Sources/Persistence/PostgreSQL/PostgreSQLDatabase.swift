import Foundation

/// A database on a PostgreSQL server: a pool of connections, each used on a thread of its own.
public final class PostgreSQLDatabase: Database {
    public struct Configuration: Sendable {
        /// A connection URI (PostgreSQL manual 34.1.1.2). It may hold a password, so it is never part of an error or a log line.
        public var url: String
        /// Connections at the most; they are made when they are needed.
        public var connections: Int
        /// How long a caller waits for a free connection before `DatabaseError.unavailable`.
        public var acquireTimeout = Duration.seconds(30)
        public var connectTimeout = Duration.seconds(10)
        /// The server gives a statement up after this.
        public var statementTimeout = Duration.seconds(60)
        /// Where the tables are, made where it is not there; nil for what the server says. A name of this program's own.
        public var schema: String?
        /// How often a transaction that lost against another is run again before `DatabaseError.conflict`.
        public var retries = 20

        public init(url: String, connections: Int = 8) {
            self.url = url
            self.connections = max(1, connections)
        }
    }

    public var dialect: SQLDialect { .postgresql }

    private let configuration: Configuration
    private let pool: PostgreSQLPool

    /// Connects when the first transaction asks for it.
    public init(configuration: Configuration) {
        self.configuration = configuration
        pool = PostgreSQLPool(configuration)
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        try await transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body)
    }

    public func write<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        try await transaction("BEGIN ISOLATION LEVEL SERIALIZABLE", body)
    }

    public func close() async { await pool.close() }

    private func transaction<T: Sendable>(_ begin: String, _ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        for attempt in 0... {
            let session = try await pool.acquire()
            let outcome = await session.run { connection throws in try connection.transaction(begin, body) }
            await pool.release(session)
            do {
                return try outcome.get()
            } catch DatabaseError.conflict where attempt < configuration.retries {
                // Whoever lost waits a little, each another time, so that the same two do not meet again.
                let longest = min(200, 5 << min(attempt, 6))
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...longest)))
            }
        }
        throw DatabaseError.conflict
    }
}
