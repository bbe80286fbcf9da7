import CPostgreSQL

/// One row of a result in libpq's text form.
struct PostgreSQLColumns: SQLColumns {
    let result: OpaquePointer?
    let row: Int32

    func optionalInt(_ column: Int) throws(DatabaseError) -> Int? {
        guard let text = try optionalText(column) else { return nil }
        guard let value = Int(text) else { throw .decoding("column \(column) is not an integer") }
        return value
    }

    func optionalText(_ column: Int) throws(DatabaseError) -> String? {
        guard column < Int(PQnfields(result)) else { throw .decoding("there is no column \(column)") }
        guard PQgetisnull(result, row, Int32(column)) == 0, let bytes = PQgetvalue(result, row, Int32(column)) else { return nil }
        let length = Int(PQgetlength(result, row, Int32(column)))
        return bytes.withMemoryRebound(to: UInt8.self, capacity: length) {
            String(decoding: UnsafeBufferPointer(start: $0, count: length), as: UTF8.self)
        }
    }
}
