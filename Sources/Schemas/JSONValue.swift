import Foundation

/// A JSON value (RFC 8259) that a client sent. Numbers are decimal, so that an amount of money is what was written; one that is too large
/// or too small for a decimal is the nearest there is.
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Decimal)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Objects and arrays within one another.
    private static let depth = 500

    /// Why a text is no JSON.
    public struct ParseError: Error, Sendable {}

    /// - Throws: `ParseError`, also for numbers beyond what a `Double` holds and for nesting beyond 500.
    public init(parsing json: Data) throws(ParseError) {
        do { self = try JSONScanner.read(json, depth: Self.depth) } catch { throw ParseError() }
    }

    /// The members of an object; none of any other value.
    public var members: [String: JSONValue] { if case .object(let members) = self { members } else { [:] } }
    /// The elements of an array; none of any other value.
    public var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
    public var string: String? { if case .string(let text) = self { text } else { nil } }
    public var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    public var number: Decimal? { if case .number(let number) = self { number } else { nil } }
    public var isNull: Bool { self == .null }

    /// A number without a fraction, within 64 bits.
    public var integer: Int? {
        guard case .number(let number) = self else { return nil }
        var (rounded, source) = (Decimal(), number)
        NSDecimalRound(&rounded, &source, 0, .plain)
        // By way of the text: the value of an NSNumber wraps around where it does not fit.
        return rounded == number ? Int("\(rounded)") : nil
    }

    /// A member of an object; nil where it is not there, or this is no object.
    public subscript(_ name: String) -> JSONValue? { members[name] }

    /// The value as JSON text, members in the order of their names.
    public var json: String {
        switch self {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): "\(number)"
        case .string(let text): JSONText.string(text)
        case .array(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
        case .object(let members): JSONText.object(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })
        }
    }
}

extension JSONValue: JSONReadable {
    /// Of two members of one name the first counts.
    package static func json(object members: [(name: String, value: JSONValue)]) -> JSONValue {
        .object(Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first })
    }
    package static func json(array elements: [JSONValue]) -> JSONValue { .array(elements) }
    package static func json(string: String) -> JSONValue { .string(string) }
    package static func json(number text: String) throws(JSONFailure) -> JSONValue {
        if let number = Decimal(string: text) { return .number(number) }
        // Beyond 10^127 or so. What nobody asked for must not spoil the rest of a body, and a schema's bounds tell the others.
        guard let number = Double(text), number.isFinite else { throw JSONFailure("a number without bounds") }
        let largest = Decimal.greatestFiniteMagnitude
        return .number(number.magnitude < 1 ? 0 : number < 0 ? -largest : largest)
    }
    package static func json(bool: Bool) -> JSONValue { .bool(bool) }
    package static var jsonNull: JSONValue { .null }
}

/// There is no literal for null: `nil` would be one too where a function returns `JSONValue?`.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number(Decimal(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(Dictionary(elements) { $1 }) }
}
