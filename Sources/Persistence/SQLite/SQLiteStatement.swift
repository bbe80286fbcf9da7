import GRDB
import GRDBSQLite

/// A prepared statement with its arguments, run by SQLite's own calls: GRDB's rows and arguments by name cost several times what SQLite
/// does itself. Statements that do more than read and change rows are GRDB's, which has to know of them.
struct SQLiteStatement {
    private let database: GRDB.Database
    private let statement: OpaquePointer

    /// Whether SQLite's own calls may run it.
    static func isPlain(_ sql: String) -> Bool {
        for word in ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH "] where sql.utf8.starts(with: word.utf8) { return true }
        return false
    }

    init(_ database: GRDB.Database, _ sql: String, _ arguments: [SQLValue]) throws {
        self.database = database
        statement = try database.cachedStatement(sql: sql).sqliteStatement
        sqlite3_reset(statement)
        for position in 0..<sqlite3_bind_parameter_count(statement) { try bind(position + 1, sql, arguments) }
    }

    /// Steps until `body` answers false or there are no more rows.
    func run(_ body: (SQLiteColumns) throws -> Bool) throws {
        // Lets go of the arguments' copies as well.
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: guard try body(SQLiteColumns(statement: statement)) else { return }
            case SQLITE_DONE: return
            default: throw failure
            }
        }
    }

    private func bind(_ position: Int32, _ sql: String, _ arguments: [SQLValue]) throws {
        // Parameters are called $1, $2, …; SQLite numbers them as they appear.
        guard let name = sqlite3_bind_parameter_name(statement, position), let number = Int(String(cString: name + 1)),
            arguments.indices.contains(number - 1)
        else { throw DatabaseError.failed("the statement has more parameters than arguments") }
        let result: Int32
        switch arguments[number - 1] {
        case .null: result = sqlite3_bind_null(statement, position)
        case .integer(let value): result = sqlite3_bind_int64(statement, position, value)
        case .real(let value): result = sqlite3_bind_double(statement, position, value)
        case .text(var value):
            result = try value.withUTF8 { bytes in
                guard !bytes.contains(0) else { throw DatabaseError.constraintViolation("text may not hold U+0000") }
                let text = UnsafeRawPointer(bytes.baseAddress ?? Self.nothing).assumingMemoryBound(to: CChar.self)
                return sqlite3_bind_text(statement, position, text, Int32(bytes.count), Self.copied)
            }
        case .blob(let value):
            result = value.withUnsafeBytes {
                sqlite3_bind_blob(statement, position, $0.baseAddress ?? UnsafeRawPointer(Self.nothing), Int32($0.count), Self.copied)
            }
        }
        guard result == SQLITE_OK else { throw failure }
    }

    private var failure: GRDB.DatabaseError {
        let connection = database.sqliteConnection
        return GRDB.DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)), message: String(cString: sqlite3_errmsg(connection)))
    }

    /// SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
    /// An address for no bytes at all; without one they would be NULL.
    nonisolated(unsafe) private static let nothing = UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))
}
