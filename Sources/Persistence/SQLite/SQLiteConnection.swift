import Foundation
import GRDB

/// A SQLite connection inside a transaction.
final class SQLiteConnection: SQLConnection {
    private let database: GRDB.Database
    private let path: String
    /// The first statement that failed. It ends the transaction, as PostgreSQL has it, so that code which passes on
    /// one engine passes on the other.
    private var failure: DatabaseError?

    /// Names of the parameters `$1`, `$2`, … as SQLite knows them.
    private static let names = (0...64).map(String.init)

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
            let statement = try self.statement(sql, arguments)
            // `changes` keeps the count of the last INSERT, UPDATE or DELETE through statements that change no rows.
            let before = self.database.totalChangesCount
            try statement.execute()
            return self.database.totalChangesCount == before ? 0 : self.database.changesCount
        }
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [SQLRow] {
        try attempt {
            let statement = try self.statement(sql, arguments)
            let columns = statement.columnNames
            let cursor = try Row.fetchCursor(statement)
            var rows: [SQLRow] = []
            while let row = try cursor.next() {
                rows.append(SQLRow(columns: columns, values: row.databaseValues.map(Self.value)))
            }
            return rows
        }
    }

    func executeScript(_ sql: String) throws(DatabaseError) {
        try attempt { try self.database.execute(sql: sql) }
    }

    private func statement(_ sql: String, _ arguments: [SQLValue]) throws -> Statement {
        let statement = try database.cachedStatement(sql: sql)
        var named: [String: (any DatabaseValueConvertible)?] = [:]
        named.reserveCapacity(arguments.count)
        for (index, argument) in arguments.enumerated() {
            let number = index + 1
            named[number < Self.names.count ? Self.names[number] : String(number)] = try Self.argument(argument)
        }
        try statement.setArguments(StatementArguments(named))
        return statement
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

    private static func argument(_ value: SQLValue) throws(DatabaseError) -> DatabaseValue {
        switch value {
        case .null: return .null
        case .integer(let value): return value.databaseValue
        case .real(let value): return value.databaseValue
        case .text(let value):
            guard !value.utf8.contains(0) else { throw .constraintViolation("text may not hold U+0000") }
            return value.databaseValue
        case .blob(let value): return Data(value).databaseValue
        }
    }

    private static func value(_ value: DatabaseValue) -> SQLValue {
        switch value.storage {
        case .null: .null
        case .int64(let value): .integer(value)
        case .double(let value): .real(value)
        case .string(let value): .text(value)
        case .blob(let value): .blob([UInt8](value))
        }
    }
}
