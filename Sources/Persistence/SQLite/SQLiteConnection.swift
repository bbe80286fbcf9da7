import Foundation
import GRDB

/// A SQLite connection inside a transaction.
final class SQLiteConnection: SQLConnection {
    private let database: GRDB.Database
    private let path: String
    /// The first statement that failed. It ends the transaction, as PostgreSQL has it, so that code which passes on
    /// one engine passes on the other.
    private var failure: DatabaseError?

    init(_ database: GRDB.Database, path: String) {
        self.database = database
        self.path = path
    }

    var dialect: SQLDialect { .sqlite }

    /// Runs the body; a statement's failure that the body swallowed is thrown all the same.
    func run<T>(_ body: (any SQLConnection) throws -> T) throws -> T {
        let value = try body(self)
        if let failure { throw failure }
        return value
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int {
        try attempt {
            // `changes` keeps the count of the last INSERT, UPDATE or DELETE through statements that change no rows.
            let before = self.database.totalChangesCount
            if !arguments.isEmpty || SQLiteStatement.isPlain(sql) {
                try SQLiteStatement(self.database, sql, arguments).run { _ in true }
            } else {
                try self.database.execute(sql: sql)
            }
            return self.database.totalChangesCount == before ? 0 : self.database.changesCount
        }
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [SQLRow] {
        try attempt {
            var rows: [SQLRow] = []
            var names: [String]?
            try SQLiteStatement(self.database, sql, arguments).run { columns in
                let known = names ?? columns.names
                names = known
                rows.append(SQLRow(columns: known, values: columns.values))
                return true
            }
            return rows
        }
    }

    func forEach(_ sql: String, _ arguments: [SQLValue], _ body: (any SQLColumns) throws -> Bool) throws {
        var thrown: (any Error)?
        try attempt {
            try SQLiteStatement(self.database, sql, arguments).run { columns in
                do {
                    return try body(columns)
                } catch {
                    // Not the statement's: the transaction goes on.
                    thrown = error
                    return false
                }
            }
        }
        if let thrown { throw thrown }
    }

    func executeScript(_ sql: String) throws(DatabaseError) {
        try attempt { try self.database.execute(sql: sql) }
    }

    private func attempt<T>(_ work: () throws -> T) throws(DatabaseError) -> T {
        if let failure { throw failure }
        do {
            return try work()
        } catch {
            let mapped = sqliteFailure(error, path: path)
            failure = mapped
            throw mapped
        }
    }
}
