import Foundation

/// A database on a PostgreSQL server: a pool of connections, each used on a thread of its own.
public final class PostgreSQLDatabase: Database {
    public struct Configuration: Sendable {
        /// A connection URI (PostgreSQL manual 34.1.1.2). It may hold a password, so it is never part of an error or a log line.
        public var url: String
        /// Connections at the most; they are made when they are needed.
        public var connections: Int
        /// How long a caller waits for a free connection, or for the server to have room for one more, before
        /// `DatabaseError.unavailable`.
        public var acquireTimeout = Duration.seconds(30)
        public var connectTimeout = Duration.seconds(10)
        /// The server gives a statement up after this.
        public var statementTimeout = Duration.seconds(60)
        /// Where the tables are, made where it is not there; nil for what the server says. A name of this program's own.
        public var schema: String?
        /// A transaction that lost against another is run again; after so many times, and no sooner than after so long,
        /// it ends with `DatabaseError.conflict`.
        public var retries = 20
        public var retryTime = Duration.seconds(30)

        public init(url: String, connections: Int = 8) {
            self.url = url
            self.connections = max(1, connections)
        }
    }

    public var dialect: SQLDialect { .postgresql }

    private let configuration: Configuration
    private let pool: PostgreSQLPool
    private let turns = WriteTurns()

    /// How often a transaction has to lose until it runs without the other writers of this process.
    private static let lossesBeforeAlone = 4

    /// Connects when the first transaction asks for it.
    public init(configuration: Configuration) {
        self.configuration = configuration
        pool = PostgreSQLPool(configuration)
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        try await retrying { _ in try await self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body) }
    }

    public func write<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        try await retrying { losses in
            try await self.turns.take(alone: losses >= Self.lossesBeforeAlone) {
                try await self.run("BEGIN ISOLATION LEVEL SERIALIZABLE", body)
            }
        }
    }

    public func close() async { await pool.close() }

    /// - Parameter transaction: gets how often it has lost so far.
    private func retrying<T: Sendable>(_ transaction: @Sendable (Int) async throws -> T) async throws -> T {
        let start = ContinuousClock.now
        for losses in 0... {
            do {
                return try await transaction(losses)
            } catch DatabaseError.conflict where losses < configuration.retries || start.duration(to: .now) < configuration.retryTime {
                // Whoever lost waits a little, each another time, so that the same two do not meet again.
                let longest = min(200, 5 << min(losses, 6))
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...longest)))
            }
        }
        throw DatabaseError.conflict
    }

    /// Waits where the server has no room for one more connection: another of this pool's, or of somebody else's, may come free.
    private func run<T: Sendable>(_ begin: String, _ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        let start = ContinuousClock.now
        while true {
            let session = try await pool.acquire()
            let outcome = await session.run { connection throws in try connection.transaction(begin, body) }
            if case .failure(let full as PostgreSQLConnection.ServerIsFull) = outcome {
                await pool.discard(session)
                guard start.duration(to: .now) < configuration.acquireTimeout else { throw DatabaseError.unavailable(full.reason) }
                try await Task.sleep(for: .milliseconds(Int.random(in: 50...200)))
                continue
            }
            await pool.release(session)
            return try outcome.get()
        }
    }
}
