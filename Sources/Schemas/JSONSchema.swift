import Foundation

/// A JSON Schema (draft 2020-12, the dialect of OpenAPI 3.1 and AsyncAPI 3), as far as this API needs it. One value says what a body, a
/// parameter or an event has to look like: it checks (`problems(of:)`) and it documents (`document`), so that the two cannot differ.
public struct JSONSchema: Sendable {
    public indirect enum Kind: Sendable {
        case any
        case null
        case boolean
        case integer(ClosedRange<Int>)
        case number(minimum: Decimal?, maximum: Decimal?)
        case string(Text)
        case array(JSONSchema, count: ClosedRange<Int>)
        case object([Property], additional: Bool)
        /// Members of any name, or of names that are such texts, all of one form.
        case map(JSONSchema, names: Text? = nil)
        case oneOf([JSONSchema])
        /// One that stands among the components of a document by its name.
        case named(String, JSONSchema)
    }

    /// What a text has to be.
    public struct Text: Sendable {
        /// In Unicode scalars, as JSON Schema and Django count.
        public var length: ClosedRange<Int>
        public var format: Format?
        /// The texts that are allowed; nil for any.
        public var choices: [String]?
        /// What the whole text has to match; nil for anything.
        public var pattern: Pattern?
        /// Whether white space says something, as in a key. Elsewhere a text of nothing but white space is blank, as DRF has it.
        public var isVerbatim = false

        public static let longest = 1_000_000
    }

    /// A regular expression, of what ECMA-262 and ICU read in the same way.
    public struct Pattern: Sendable, Hashable {
        /// With `^` and `$`.
        public let expression: String
        /// What a person is told whose text does not match.
        public let complaint: String

        public init(_ expression: String, or complaint: String) {
            self.expression = expression
            self.complaint = complaint
        }
    }

    public enum Format: String, Sendable {
        /// RFC 9562, any version, in lower or upper case.
        case uuid
        /// RFC 3339.
        case dateTime = "date-time"
        /// `2026-11-24`.
        case date
        case email
        /// `http` or `https` with a host.
        case uri
        /// A decimal number in text, such as `12.50`: what DRF calls a DecimalField.
        case decimal
        /// Not checked: said to those who read the document.
        case password
        case binary
    }

    public struct Property: Sendable {
        public let name: String
        public let schema: JSONSchema
        public let isRequired: Bool

        /// A member that has to be there.
        public static func required(_ name: String, _ schema: JSONSchema) -> Property {
            Property(name: name, schema: schema, isRequired: true)
        }

        public static func optional(_ name: String, _ schema: JSONSchema) -> Property {
            Property(name: name, schema: schema, isRequired: false)
        }
    }

    public var kind: Kind
    public var isNullable = false
    public var description: String?
    /// JSON values, shown to readers.
    public var examples: [JSONValue] = []
    public var defaultValue: JSONValue?

    public init(_ kind: Kind) { self.kind = kind }
}

extension JSONSchema {
    public static let any = JSONSchema(.any)
    public static let null = JSONSchema(.null)
    public static let boolean = JSONSchema(.boolean)
    public static let uuid = string(format: .uuid)
    public static let dateTime = string(format: .dateTime)

    /// What a database column and every client can hold.
    public static func integer(_ range: ClosedRange<Int> = -9_007_199_254_740_991...9_007_199_254_740_991) -> JSONSchema {
        JSONSchema(.integer(range))
    }

    public static func number(_ minimum: Decimal? = nil, _ maximum: Decimal? = nil) -> JSONSchema {
        JSONSchema(.number(minimum: minimum, maximum: maximum))
    }

    /// - Parameter length: in Unicode scalars.
    public static func string(_ length: ClosedRange<Int> = 0...Text.longest, format: Format? = nil) -> JSONSchema {
        JSONSchema(.string(Text(length: length, format: format, choices: nil)))
    }

    /// A text that has to match a pattern.
    public static func string(_ length: ClosedRange<Int> = 0...Text.longest, matching pattern: Pattern) -> JSONSchema {
        JSONSchema(.string(Text(length: length, format: nil, choices: nil, pattern: pattern)))
    }

    /// A text that is taken as it is, white space and all: the key of an object, a separator.
    public static func verbatim(_ length: ClosedRange<Int> = 0...Text.longest) -> JSONSchema {
        JSONSchema(.string(Text(length: length, format: nil, choices: nil, isVerbatim: true)))
    }

    public static func choice(_ choices: [String]) -> JSONSchema {
        JSONSchema(.string(Text(length: 0...Text.longest, format: nil, choices: choices)))
    }

    public static func choice<Choice: CaseIterable & RawRepresentable>(_ type: Choice.Type) -> JSONSchema where Choice.RawValue == String {
        choice(type.allCases.map(\.rawValue))
    }

    public static func array(_ element: JSONSchema, count: ClosedRange<Int> = 0...10_000) -> JSONSchema {
        JSONSchema(.array(element, count: count))
    }

    /// An object; members that are not named are let through and ignored, as DRF does.
    public static func object(_ properties: Property...) -> JSONSchema { JSONSchema(.object(properties, additional: true)) }
    public static func object(_ properties: [Property]) -> JSONSchema { JSONSchema(.object(properties, additional: true)) }

    /// An object of the named members and no other.
    public static func closed(_ properties: Property...) -> JSONSchema { JSONSchema(.object(properties, additional: false)) }

    public static func map(_ value: JSONSchema) -> JSONSchema { JSONSchema(.map(value)) }

    /// - Parameter names: what names are; a schema of texts.
    public static func map(_ value: JSONSchema, names: JSONSchema) -> JSONSchema {
        guard case .string(let text) = names.kind else { preconditionFailure("the names of members are texts") }
        return JSONSchema(.map(value, names: text))
    }

    public static func oneOf(_ schemas: JSONSchema...) -> JSONSchema { JSONSchema(.oneOf(schemas)) }

    /// The schema under a name, which documents refer to.
    public func named(_ name: String) -> JSONSchema { JSONSchema(.named(name, self)) }

    public var nullable: JSONSchema {
        var copy = self
        copy.isNullable = true
        return copy
    }

    public func described(_ text: String) -> JSONSchema {
        var copy = self
        copy.description = text
        return copy
    }

    public func example(_ value: JSONValue) -> JSONSchema {
        var copy = self
        copy.examples.append(value)
        return copy
    }

    public func defaulting(to value: JSONValue) -> JSONSchema {
        var copy = self
        copy.defaultValue = value
        return copy
    }

    /// The members of an object, through its name; none of any other schema.
    public var properties: [Property] {
        switch kind {
        case .object(let properties, _): properties
        case .named(_, let schema): schema.properties
        default: []
        }
    }

    /// The same object with no member required: what a PATCH sends.
    public var partial: JSONSchema {
        guard case .object(let properties, let additional) = unnamed.kind else { return self }
        var copy = unnamed
        copy.kind = .object(properties.map { .optional($0.name, $0.schema) }, additional: additional)
        return copy
    }

    /// The schema itself, without its name.
    public var unnamed: JSONSchema { if case .named(_, let schema) = kind { schema.unnamed } else { self } }
}
