import GRDB

/// A write that waits for its turn: `run` does the work and returns the acknowledgement to send once the work is
/// durable; exactly one of that acknowledgement and `fail` is called.
struct SQLiteWrite: Sendable {
    let run: @Sendable (SQLiteConnection) throws -> @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void
}

/// Group commit: the writes run one after the other in one transaction, each in its own savepoint, and are all
/// acknowledged after the one commit. A write that throws loses only its savepoint.
///
/// Where the shared transaction itself is lost (a full disk, a deferred foreign key), every write is run again by
/// itself, so that one write's failure never becomes another's.
struct SQLiteWriteBatch {
    let database: GRDB.Database
    let path: String

    private typealias Outcome = (write: SQLiteWrite, result: Result<@Sendable () -> Void, any Error>)

    func commit(_ writes: [SQLiteWrite]) {
        if writes.count > 1, let outcomes = commitTogether(writes) {
            for outcome in outcomes { deliver(outcome) }
        } else {
            for write in writes { deliver((write, Result { try commitAlone(write) })) }
        }
        // GRDB ends the process over a transaction that is left open; only an engine that cannot roll back comes here.
        if database.isInsideTransaction { try? database.rollback() }
    }

    private func deliver(_ outcome: Outcome) {
        switch outcome.result {
        case .success(let acknowledge): acknowledge()
        case .failure(let error): outcome.write.fail(error)
        }
    }

    /// - Returns: nil where the transaction was lost and nothing of it happened.
    private func commitTogether(_ writes: [SQLiteWrite]) -> [Outcome]? {
        var outcomes: [Outcome] = []
        do {
            try database.beginTransaction(.immediate)
            for write in writes {
                let result = Result { try runInSavepoint(write) }
                // On some errors SQLite rolls the whole transaction back (https://www.sqlite.org/lang_transaction.html, 3).
                guard database.isInsideTransaction else { return nil }
                outcomes.append((write, result))
            }
            try database.commit()
            return outcomes
        } catch {
            if database.isInsideTransaction { try? database.rollback() }
            return nil
        }
    }

    private func runInSavepoint(_ write: SQLiteWrite) throws -> @Sendable () -> Void {
        var acknowledge: (@Sendable () -> Void)?
        try mapped {
            try database.inSavepoint {
                acknowledge = try write.run(SQLiteConnection(database, path: path))
                return .commit
            }
        }
        guard let acknowledge else { throw DatabaseError.failed("the savepoint did not run") }
        return acknowledge
    }

    private func commitAlone(_ write: SQLiteWrite) throws -> @Sendable () -> Void {
        var acknowledge: (@Sendable () -> Void)?
        try mapped {
            try database.inTransaction(.immediate) {
                acknowledge = try write.run(SQLiteConnection(database, path: path))
                return .commit
            }
        }
        guard let acknowledge else { throw DatabaseError.failed("the transaction did not run") }
        return acknowledge
    }

    /// Translates the engine's errors; a body's own errors pass as they are.
    private func mapped(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch let error as GRDB.DatabaseError {
            throw sqliteFailure(error, path: path)
        }
    }
}
