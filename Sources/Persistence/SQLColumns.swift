/// The columns of one row by their position in the SELECT, from 0; valid only while the row is read. A wrong type or position is thrown as
/// `DatabaseError.decoding`.
public protocol SQLColumns {
    func optionalInt(_ column: Int) throws(DatabaseError) -> Int?
    func optionalText(_ column: Int) throws(DatabaseError) -> String?
}

extension SQLColumns {
    public func int(_ column: Int) throws(DatabaseError) -> Int {
        guard let value = try optionalInt(column) else { throw .decoding("column \(column) is null") }
        return value
    }

    public func text(_ column: Int) throws(DatabaseError) -> String {
        guard let value = try optionalText(column) else { throw .decoding("column \(column) is null") }
        return value
    }
}
