/// The two dialects that statements are written for. Almost all SQL is portable; the few statements that cannot be
/// (row locks, full-text search) ask for it.
public enum SQLDialect: String, Sendable, CaseIterable {
    case sqlite
    case postgresql
}

/// What a database adapter can fail with.
public enum DatabaseError: Error, Sendable, Equatable {
    /// A UNIQUE or PRIMARY KEY constraint refused the row; the payload names the constraint or the columns.
    case uniqueViolation(String)
    case foreignKeyViolation(String)
    /// A CHECK or NOT NULL constraint refused the row.
    case constraintViolation(String)
    /// No room on the database's disk (SQLITE_FULL, ENOSPC, PostgreSQL 53100). Nothing was written.
    case diskFull
    /// The server cannot be reached, closed the connection, or no connection came free in time. Nothing is known of a
    /// commit that was under way.
    case unavailable(String)
    /// A transaction lost against another one as often as the adapter retries.
    case conflict
    /// The row does not have what the code reads from it.
    case decoding(String)
    /// Anything else that the engine said.
    case failed(String)

    /// Whether a transaction that failed so may have been committed all the same: its database was gone before it could say.
    public var isOfUnknownOutcome: Bool { if case .unavailable = self { true } else { false } }
}

/// A connection inside a transaction. It is valid only within the closure that it is handed to, and is used on the
/// adapter's own thread: every call blocks.
///
/// Arguments stand in the statement as `$1`, `$2`, … on both engines; one may stand several times.
///
/// A statement that fails ends the transaction: every later statement throws the same error, and the transaction is
/// rolled back even where the closure swallows it. Write `ON CONFLICT DO NOTHING` where a conflict is expected. Text with
/// U+0000, which PostgreSQL cannot store, is a `constraintViolation`.
public protocol SQLConnection {
    var dialect: SQLDialect { get }

    /// Runs one statement and returns the number of rows it inserted, updated or deleted.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int

    /// Runs one statement and returns its rows; `RETURNING` works on both engines.
    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [SQLRow]

    /// Hands one row after the other to `body`, until it answers false. For long lists: nothing is made of a column but what `body`
    /// asks for, and SQLite reads no further than that. `body` must not run the same statement; what it throws ends the reading only.
    func forEach(_ sql: String, _ arguments: [SQLValue], _ body: (any SQLColumns) throws -> Bool) throws

    /// Runs several statements without arguments, separated by semicolons: what a migration is made of.
    func executeScript(_ sql: String) throws(DatabaseError)
}

extension SQLConnection {
    @discardableResult
    public func execute(_ sql: String) throws(DatabaseError) -> Int { try execute(sql, []) }
    public func query(_ sql: String) throws(DatabaseError) -> [SQLRow] { try query(sql, []) }
}

/// One service's database. Adapters: SQLite (WAL, one writer, several readers) and PostgreSQL (a pool of connections).
/// Neither ever blocks the caller's thread.
public protocol Database: Sendable {
    var dialect: SQLDialect { get }

    /// Runs `body` in a read-only transaction that sees one snapshot.
    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T

    /// Runs `body` in a serializable transaction; it is committed, durably, before this returns, and rolled back if
    /// `body` throws. PostgreSQL may run `body` again after a serialization failure (a bounded number of times), so it
    /// must have no effect but through the connection.
    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T

    /// Closes every connection; waits for transactions under way.
    func close() async
}
