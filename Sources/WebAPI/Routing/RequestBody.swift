import Foundation
import Hummingbird
import NIOCore
import Schemas

extension Endpoint.Body {
    /// Reads and checks a request's body; what the handler reads by itself is left alone.
    /// - Parameter limit: bytes.
    /// - Throws: `APIError` 400 with what is wrong by field, 413, 415.
    func read(_ request: Request, limit: Int) async throws -> (value: JSONValue, bytes: ByteBuffer) {
        let nothing = (value: JSONValue.null, bytes: ByteBuffer())
        switch self {
        case .raw: return nothing
        case .json(let schema):
            try Self.require("application/json", request)
            let bytes = try await Self.collect(request, limit)
            return (try Self.checked(try Self.parsed(bytes), schema), bytes)
        case .document(let schema, let field):
            try Self.require("application/json", request)
            let bytes = try await Self.collect(request, limit)
            let value = try Self.parsed(bytes)
            let problems = schema.problems(of: value)
            guard problems.isEmpty else { throw APIError(problems, ofDocument: field) }
            return (value, bytes)
        case .optionalJSON(let schema):
            let bytes = try await Self.collect(request, limit)
            // What says nothing need not say what it is.
            if bytes.readableBytes == 0 { return nothing }
            try Self.require("application/json", request)
            return (try Self.checked(try Self.parsed(bytes), schema), bytes)
        case .form(let schema):
            try Self.require("application/x-www-form-urlencoded", request)
            let bytes = try await Self.collect(request, limit)
            return (try Self.checked(try Self.form(String(buffer: bytes)), schema), bytes)
        }
    }

    private static func require(_ type: String, _ request: Request) throws(APIError) {
        let given = HeaderParameters(request.headers[.contentType] ?? "").value
        guard given == type else {
            throw APIError(.unsupportedMediaType, code: "unsupported_media_type", detail: "Unsupported media type \"\(given)\" in request.")
        }
    }

    private static func parsed(_ bytes: ByteBuffer) throws(APIError) -> JSONValue {
        do { return try JSONValue(parsing: Data(buffer: bytes)) } catch {
            throw APIError(.badRequest, code: "parse_error", detail: "JSON parse error: the body is not JSON.")
        }
    }

    private static func checked(_ value: JSONValue, _ schema: JSONSchema) throws(APIError) -> JSONValue {
        let problems = schema.problems(of: value)
        guard problems.isEmpty else { throw APIError(problems) }
        return value
    }

    private static func collect(_ request: Request, _ limit: Int) async throws -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw APIError.contentTooLarge(limit: limit, setting: "json-body-limit")
        }
        var collected = ByteBuffer()
        for try await chunk in request.body {
            collected.writeImmutableBuffer(chunk)
            if collected.readableBytes > limit { throw APIError.contentTooLarge(limit: limit, setting: "json-body-limit") }
        }
        return collected
    }

    /// A form's fields; one that stands twice is refused, as OAuth 2.0 demands (RFC 6749 section 3.2).
    private static func form(_ text: String) throws(APIError) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { String($0).replacing("+", with: " ").removingURLPercentEncoding() }
            guard let name = halves[0], let value = halves.count == 2 ? halves[1] : "",
                members.updateValue(.string(value), forKey: name) == nil
            else { throw APIError(.badRequest, code: "parse_error", detail: "The form cannot be read, or says one thing twice.") }
        }
        return .object(members)
    }
}

extension APIError {
    /// 400 in DRF's form; what is wrong with the body as a whole stands under `non_field_errors`.
    public init(_ problems: [String: [SchemaProblem]]) {
        var fields: [String: [String]] = [:]
        for (path, list) in problems { fields[path.isEmpty ? "non_field_errors" : path, default: []] += list.map(\.message) }
        self.init(invalid: fields)
    }

    /// The same of a text that is written as a whole.
    init(_ problems: [String: [SchemaProblem]], ofDocument field: String) {
        let messages = problems.sorted { $0.key < $1.key }.flatMap { path, list in
            let place = path.split(separator: ".").reduce("") { place, name in
                Int(name) != nil ? "\(place)[\(name)]" : place.isEmpty ? String(name) : "\(place).\(name)"
            }
            return list.map { place.isEmpty ? $0.message : "\(place): \($0.message)" }
        }
        self.init(invalid: [field: messages], code: "malformed_document")
    }

    /// Any error but those of validation.
    public static let schema = JSONSchema.object(
        .required("detail", .string().described("For a person")),
        .required("code", .string().described("For programs; also in the header X-Error-Code"))
    ).named("Error")

    /// Messages by the name of the field.
    public static let validationSchema = JSONSchema.map(.array(.string())).named("ValidationError")
}

extension JSONSchema {
    /// A page of a list in DRF's form.
    public static func page(of item: JSONSchema) -> JSONSchema {
        .object(
            .required("count", .integer(0...Int(Int32.max)).described("Items on all pages")),
            .required("next", .string(format: .uri).nullable),
            .required("previous", .string(format: .uri).nullable), .required("results", .array(item)))
    }

    /// A page of an endless list.
    public static func cursorPage(of item: JSONSchema) -> JSONSchema {
        .object(
            .required("next", .string(format: .uri).nullable), .required("previous", .string(format: .uri).nullable),
            .required("results", .array(item)))
    }
}
