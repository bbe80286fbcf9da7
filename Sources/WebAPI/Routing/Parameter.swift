import Foundation
import HTTPTypes
import Hummingbird
import Schemas

/// A parameter of an endpoint: read from the address or a header field, checked, and told by the OpenAPI document.
public struct Parameter: Sendable {
    public enum Place: String, Sendable {
        case path
        case query
        case header
    }

    public let place: Place
    public let name: String
    public let schema: JSONSchema
    public let isRequired: Bool
    public let description: String
    /// Whether whoever reads it says what is wrong with it, or takes it for none: then the schema only tells what it should be.
    public let isAdvisory: Bool

    public init(
        _ place: Place, _ name: String, _ schema: JSONSchema, required: Bool = false, isAdvisory: Bool = false, _ description: String
    ) {
        self.place = place
        self.name = name
        self.schema = schema
        isRequired = required || place == .path
        self.description = description
        self.isAdvisory = isAdvisory
    }

    public static func query(_ name: String, _ schema: JSONSchema, _ description: String) -> Parameter {
        Parameter(.query, name, schema, description)
    }

    public static func header(_ name: String, _ schema: JSONSchema, required: Bool = false, _ description: String) -> Parameter {
        Parameter(.header, name, schema, required: required, description)
    }

    /// Of a list that pages by number (`PageRequest`).
    public static func paging(maximumSize: Int = 100) -> [Parameter] {
        [
            Parameter(.query, "page", .integer(1...1_000_000_000), isAdvisory: true, "Page, from 1; 404 where there is none"),
            pageSize(maximumSize),
        ]
    }

    /// Of an endless list (`CursorRequest`).
    public static func cursor(maximumSize: Int = 100) -> [Parameter] {
        [
            .query("cursor", .string(0...500), "As `next` and `previous` have it"),
            pageSize(maximumSize),
        ]
    }

    private static func pageSize(_ maximum: Int) -> Parameter {
        Parameter(
            .query, "page_size", .oneOf(.integer(1...1_000_000_000), .string()), isAdvisory: true,
            "Items on a page; more than \(maximum) is \(maximum), what is no number from 1 on is as good as none")
    }

    public static let search = Parameter.query("search", .string(0...200), "Words that all have to be found")

    /// - Parameter fields: what may be ordered by.
    public static func ordering(_ fields: some Sequence<String>) -> Parameter {
        let fields = fields.sorted()
        let field = "-?(\(fields.joined(separator: "|")))"
        let names = fields.joined(separator: ", ")
        return .query(
            "ordering", .string(0...200, matching: .init("^\(field)(,\(field))*$", or: "These are the fields to order by: \(names).")),
            "Fields to order by, with - in front for downwards: \(names)")
    }

    /// A place on the earth, to find what is near it.
    public static func near(_ description: String = "") -> Parameter {
        let (latitude, longitude) = ("-?(90|[0-8]?[0-9])([.][0-9]{1,15})?", "-?(180|1[0-7][0-9]|[0-9]?[0-9])([.][0-9]{1,15})?")
        return .query(
            "near",
            .string(
                3...60,
                matching: .init(
                    "^ ?\(latitude) ?, ?\(longitude) ?$", or: "Enter latitude and longitude in degrees, such as 4.711,-74.072.")),
            "Latitude and longitude in degrees, such as 4.711,-74.072" + description)
    }

    public static let ifNoneMatch = Parameter.header(
        "If-None-Match", .string(0...500), "Entity tag of the version that is known; 304 where it is this")

    public static let ifMatch = Parameter.header(
        "If-Match", .string(0...500), "Entity tag of the version that the change is meant for; 412 where it is another by now")

    /// Reads the parameter's text by its schema's kind: a number from digits, a list from what stands between commas.
    /// - Returns: the text itself where it has another form, for the schema to complain about.
    func value(of text: String) -> JSONValue { Self.value(of: text, schema.unnamed) }

    private static func value(of text: String, _ schema: JSONSchema) -> JSONValue {
        switch schema.kind {
        case .integer: Int(text).map { .number(Decimal($0)) } ?? decimal(text) ?? .string(text)
        case .number: decimal(text) ?? .string(text)
        case .boolean:
            switch text {
            case "true", "True", "1": true
            case "false", "False", "0": false
            default: .string(text)
            }
        case .array(let element, _):
            .array(text.split(separator: ",", omittingEmptySubsequences: false).map { value(of: String($0), element.unnamed) })
        default: .string(text)
        }
    }

    /// Digits, a point, an exponent: what JSON calls a number.
    private static func decimal(_ text: String) -> JSONValue? {
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
            let value = try? JSONValue(parsing: Data(text.utf8)), value.number != nil
        else { return nil }
        return value
    }
}

/// The parameters of a request that were given and are right.
public struct ParameterValues: Sendable {
    private let values: [String: JSONValue]

    public init(_ values: [String: JSONValue] = [:]) { self.values = values }

    public subscript(_ name: String) -> JSONValue? { values[name] }
    public func string(_ name: String) -> String? { values[name]?.string }
    public func integer(_ name: String) -> Int? { values[name]?.integer }
    public func number(_ name: String) -> Decimal? { values[name]?.number }
    public func bool(_ name: String) -> Bool? { values[name]?.bool }
    /// A time, or the start of a day, in milliseconds since 1970, UTC.
    /// - Throws: `APIError` 400 where it is neither.
    public func time(_ name: String) throws(APIError) -> Int64? {
        guard let text = string(name) else { return nil }
        guard let time = Timestamp.milliseconds(text) else {
            throw .invalid(name, "Enter a valid date or time in ISO 8601, such as 2026-11-24 or 2026-11-24T08:00:00Z.")
        }
        return time
    }

    /// A list's texts.
    public func strings(_ name: String) -> [String] { values[name]?.elements.compactMap(\.string) ?? [] }

    /// Reads those of the query and the header; an empty one is as good as none, as DRF's filters have it.
    /// - Throws: `APIError` 400 that names the parameters.
    package init(_ parameters: [Parameter], of request: Request) throws(APIError) {
        var values: [String: JSONValue] = [:]
        var errors: [String: [String]] = [:]
        // As forms have it (WHATWG URL): browsers write a space as +.
        let text = parameters.contains { $0.place == .query } ? request.uri.query ?? "" : ""
        guard let query = FormFields.decode(text) else {
            throw APIError(
                .badRequest, code: "invalid_query", detail: "The query is not percent-encoded UTF-8, or has too many parameters.")
        }
        for parameter in parameters where parameter.place != .path {
            let text: String? =
                switch parameter.place {
                case .query: query.first { $0.name == parameter.name }?.value
                default: HTTPField.Name(parameter.name).flatMap { request.headers[$0] }
                }
            guard let text, !text.isEmpty else {
                if parameter.isRequired { errors[parameter.name] = [SchemaProblem.required.message] }
                continue
            }
            let value = parameter.value(of: text)
            if parameter.isAdvisory {
                values[parameter.name] = value
                continue
            }
            let problems = parameter.schema.problems(of: value)
            if problems.isEmpty {
                values[parameter.name] = value
            } else {
                errors[parameter.name] = problems.sorted { $0.key < $1.key }.flatMap { $0.value.map(\.message) }
            }
        }
        if !errors.isEmpty { throw APIError(invalid: errors) }
        self.values = values
    }
}
