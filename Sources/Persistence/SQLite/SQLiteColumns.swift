import GRDBSQLite

/// The row that a statement stands at.
struct SQLiteColumns: SQLColumns {
    let statement: OpaquePointer

    func optionalInt(_ column: Int) throws(DatabaseError) -> Int? {
        switch sqlite3_column_type(statement, Int32(column)) {
        case SQLITE_INTEGER: return Int(sqlite3_column_int64(statement, Int32(column)))
        case SQLITE_NULL where column < count: return nil
        default: throw .decoding("column \(column) is not an integer")
        }
    }

    func optionalText(_ column: Int) throws(DatabaseError) -> String? {
        switch sqlite3_column_type(statement, Int32(column)) {
        case SQLITE_TEXT: return text(column)
        case SQLITE_NULL where column < count: return nil
        default: throw .decoding("column \(column) is not text")
        }
    }

    private var count: Int { Int(sqlite3_column_count(statement)) }

    private func text(_ column: Int) -> String {
        // The pointer first: asking for it may change the length.
        guard let bytes = sqlite3_column_text(statement, Int32(column)) else { return "" }
        return String(
            decoding: UnsafeBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, Int32(column)))), as: UTF8.self)
    }

    /// Every column of the row.
    var values: [SQLValue] {
        (0..<count).map { column in
            switch sqlite3_column_type(statement, Int32(column)) {
            case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, Int32(column)))
            case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, Int32(column)))
            case SQLITE_TEXT: return .text(text(column))
            case SQLITE_BLOB:
                let bytes = sqlite3_column_blob(statement, Int32(column))
                return .blob([UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, Int32(column))))))
            default: return .null
            }
        }
    }

    var names: [String] { (0..<count).map { String(cString: sqlite3_column_name(statement, Int32($0))) } }
}
