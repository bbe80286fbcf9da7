import Schemas

/// JSON as a policy needs it read: strictly by RFC 8259, with every name of an object once (two of a name would let a policy say one
/// thing to its reader and another to the server), and not deeper than policies are.
enum PolicyJSON: Sendable, Hashable {
    case string(String)
    /// As it was written.
    case number(String)
    case bool(Bool)
    case null
    case array([PolicyJSON])
    /// In the order of the text.
    case object([Member])

    struct Member: Sendable, Hashable {
        let name: String
        let value: PolicyJSON
    }

    private static let maximumDepth = 24

    init(_ text: String) throws(JSONFailure) { self = try JSONScanner.read(text.utf8, depth: Self.maximumDepth) }
}

extension PolicyJSON: JSONReadable {
    static func json(object members: [(name: String, value: PolicyJSON)]) throws(JSONFailure) -> PolicyJSON {
        var names: Set<String> = []
        for member in members where !names.insert(member.name).inserted { throw JSONFailure("\(member.name) stands twice") }
        return .object(members.map { Member(name: $0.name, value: $0.value) })
    }
    static func json(array elements: [PolicyJSON]) -> PolicyJSON { .array(elements) }
    static func json(string: String) -> PolicyJSON { .string(string) }
    static func json(number: String) -> PolicyJSON { .number(number) }
    static func json(bool: Bool) -> PolicyJSON { .bool(bool) }
    static var jsonNull: PolicyJSON { .null }
}
