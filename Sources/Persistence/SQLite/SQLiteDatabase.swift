import Dispatch
import Foundation
import GRDB
import Synchronization

/// A database in one SQLite file: write-ahead log, one writer, several readers that see a snapshot each.
///
/// Writers that wait at the same time share one commit, and with it one `fsync` (`SQLiteWriteBatch`).
public final class SQLiteDatabase: Database {
    /// How much a power cut may cost.
    public enum Durability: String, Sendable {
        /// Every commit is on the disk before it is acknowledged.
        case full
        /// A power cut may lose the last commits, never corrupt the file. A crash of the process loses nothing.
        case normal
    }

    public struct Configuration: Sendable {
        /// The database file; its folder must exist.
        public var path: String
        /// Connections that read beside the writer.
        public var maximumReaders = 4
        /// How long to wait for another process that holds the write lock before `DatabaseError.unavailable`.
        public var busyTimeout: Duration = .seconds(5)
        public var durability = Durability.full
        /// Page cache of each connection in KiB.
        public var cacheKiB = 4096
        /// The most writes that share one commit.
        public var maximumBatch = 128

        public init(path: String) { self.path = path }
    }

    public var dialect: SQLDialect { .sqlite }

    private struct State {
        var waiting: [SQLiteWrite] = []
        var isDraining = false
        var isClosed = false
    }

    private let configuration: Configuration
    private let pool: DatabasePool
    private let state = Mutex(State())

    /// Opens the file, making it if there is none. Blocks for a few file operations.
    /// - Throws: `DatabaseError`.
    public init(_ configuration: Configuration) throws(DatabaseError) {
        self.configuration = configuration
        do {
            pool = try Self.open(configuration)
        } catch {
            throw sqliteFailure(error, path: configuration.path)
        }
    }

    private static func open(_ configuration: Configuration) throws -> DatabasePool {
        var settings = GRDB.Configuration()
        settings.maximumReaderCount = configuration.maximumReaders
        settings.foreignKeysEnabled = true
        settings.busyMode = .timeout(configuration.busyTimeout.seconds)
        let cacheKiB = configuration.cacheKiB
        settings.prepareDatabase { database in
            // No mmap: an I/O error on a mapped page is a SIGBUS that ends the process, and not an error.
            try database.execute(sql: "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -\(cacheKiB)")
        }
        let pool = try DatabasePool(path: configuration.path, configuration: settings)
        try pool.writeWithoutTransaction { database in
            // Set here, as switching to WAL sets synchronous = NORMAL.
            try database.execute(sql: "PRAGMA synchronous = \(configuration.durability.rawValue); PRAGMA journal_size_limit = 67108864")
        }
        // The file's name must outlive a power cut as its content does.
        let folder = Foundation.open(URL(filePath: configuration.path).deletingLastPathComponent().path(percentEncoded: false), O_RDONLY)
        if folder >= 0 {
            fsync(folder)
            Foundation.close(folder)
        }
        return pool
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        guard !state.withLock(\.isClosed) else { throw DatabaseError.unavailable("the database is closed") }
        let path = configuration.path
        return try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            pool.asyncRead { access in
                let connection: SQLiteConnection
                do {
                    connection = SQLiteConnection(try access.get(), path: path)
                } catch {
                    return continuation.resume(throwing: sqliteFailure(error, path: path))
                }
                continuation.resume(with: Result { try connection.run(body) })
            }
        }
    }

    public func write<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            let write = SQLiteWrite(
                run: { connection in
                    let value = try connection.run(body)
                    return { continuation.resume(returning: value) }
                },
                fail: { continuation.resume(throwing: $0) })
            enqueue(write)
        }
    }

    private func enqueue(_ write: SQLiteWrite) {
        enum Next { case drain, wait, refuse }
        let next = state.withLock { state -> Next in
            guard !state.isClosed else { return .refuse }
            state.waiting.append(write)
            if state.isDraining { return .wait }
            state.isDraining = true
            return .drain
        }
        switch next {
        case .wait: break
        case .refuse: write.fail(DatabaseError.unavailable("the database is closed"))
        case .drain: pool.asyncWriteWithoutTransaction { database in self.drain(database) }
        }
    }

    /// Commits batch after batch until nobody waits. What arrives during one commit makes the next batch.
    private func drain(_ database: GRDB.Database) {
        while true {
            let batch = state.withLock { state -> [SQLiteWrite] in
                let batch = Array(state.waiting.prefix(configuration.maximumBatch))
                state.waiting.removeFirst(batch.count)
                if batch.isEmpty { state.isDraining = false }
                return batch
            }
            if batch.isEmpty { return }
            SQLiteWriteBatch(database: database, path: configuration.path).commit(batch)
        }
    }

    public func close() async {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        let pool = pool
        await withCheckedContinuation { continuation in
            // Writes that were accepted stand before this in the writer's queue.
            DispatchQueue.global().async {
                try? pool.close()
                continuation.resume()
            }
        }
    }
}

extension Duration {
    /// In seconds, as Foundation and Dispatch count them.
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
