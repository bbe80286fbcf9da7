/// One value of a row or of a statement's arguments, in the types that SQLite and PostgreSQL share.
/// Times are stored as integers (milliseconds since 1970, UTC), ids as text, flags as 0 and 1, JSON as text.
public enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(floatLiteral value: Double) { self = .real(value) }
    public init(booleanLiteral value: Bool) { self = .integer(value ? 1 : 0) }
    public init(nilLiteral: ()) { self = .null }

    public init(_ value: Int) { self = .integer(Int64(value)) }
    public init(_ value: Int64) { self = .integer(value) }
    public init(_ value: String) { self = .text(value) }
    public init(_ value: Bool) { self = .integer(value ? 1 : 0) }
    public init(_ value: Double) { self = .real(value) }
    public init(_ value: [UInt8]) { self = .blob(value) }
    public init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
    public init(_ value: String?) { self = value.map { .text($0) } ?? .null }
    public init(_ value: [UInt8]?) { self = value.map { .blob($0) } ?? .null }
}

/// One row of a result. Columns are read by name; a missing column or a wrong type is a programming error that is
/// thrown as `DatabaseError.decoding`, never a crash.
public struct SQLRow: Sendable {
    /// Column names in the order of the SELECT, shared by all rows of a result.
    public let columns: [String]
    public let values: [SQLValue]

    public init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of a column, or nil where the result has no such column.
    public subscript(_ column: String) -> SQLValue? {
        columns.firstIndex(of: column).map { values[$0] }
    }

    public func int(_ column: String) throws -> Int {
        guard let value = try optionalInt(column) else { throw DatabaseError.decoding("\(column) is null") }
        return value
    }

    public func optionalInt(_ column: String) throws -> Int? {
        switch self[column] {
        case .integer(let value): Int(value)
        case .null: nil
        case let other: throw DatabaseError.decoding("\(column) is not an integer: \(Self.kind(other))")
        }
    }

    public func text(_ column: String) throws -> String {
        guard let value = try optionalText(column) else { throw DatabaseError.decoding("\(column) is null") }
        return value
    }

    public func optionalText(_ column: String) throws -> String? {
        switch self[column] {
        case .text(let value): value
        case .null: nil
        case let other: throw DatabaseError.decoding("\(column) is not text: \(Self.kind(other))")
        }
    }

    public func optionalBlob(_ column: String) throws -> [UInt8]? {
        switch self[column] {
        case .blob(let value): value
        case .null: nil
        case let other: throw DatabaseError.decoding("\(column) is not a blob: \(Self.kind(other))")
        }
    }

    public func double(_ column: String) throws -> Double {
        switch self[column] {
        case .real(let value): return value
        case .integer(let value): return Double(value)
        case let other: throw DatabaseError.decoding("\(column) is not a number: \(Self.kind(other))")
        }
    }

    public func bool(_ column: String) throws -> Bool { try int(column) != 0 }

    /// Names the type only: a value must not end up in a log.
    private static func kind(_ value: SQLValue?) -> String {
        switch value {
        case nil: "no such column"
        case .null: "null"
        case .integer: "integer"
        case .real: "real"
        case .text: "text"
        case .blob: "blob"
        }
    }
}
