/// Conditions of a statement with their values, joined by AND: what a list's filters become.
public struct SQLFilter: Sendable {
    public private(set) var conditions: [String] = []
    public private(set) var arguments: [SQLValue] = []

    public init() {}

    /// Nothing, or `WHERE` with all conditions.
    public var clause: String { conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ") }

    /// - Parameters:
    ///   - condition: SQL of this program's own; each `?` in it stands for one of the values, in order.
    public mutating func add(_ condition: String, _ values: SQLValue...) { add(condition, values) }

    public mutating func add(_ condition: String, _ values: [SQLValue]) {
        var parts = condition.split(separator: "?", omittingEmptySubsequences: false)[...]
        precondition(parts.count == values.count + 1, "a value for each ? of \(condition)")
        var text = String(parts.removeFirst())
        for (value, part) in zip(values, parts) { text += place(value) + part }
        conditions.append(text)
    }

    /// Takes a value in, and says where it is found: `$3`.
    public mutating func place(_ value: SQLValue) -> String {
        arguments.append(value)
        return "$\(arguments.count)"
    }
}
