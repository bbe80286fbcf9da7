import HTTPTypes
import Hummingbird

/// An error that a client is meant to see, in Django REST Framework's form: a validation error is
/// `{"field": ["message"]}` with status 400, any other `{"detail": "message", "code": "stable-code"}`.
public struct APIError: Error, Sendable, Equatable {
    public let status: HTTPResponse.Status
    /// Stable and machine-readable; clients translate by it.
    public let code: String
    /// A sentence for a person.
    public let detail: String
    /// Messages by the name of the field, for validation errors only.
    public let fields: [String: [String]]
    /// Sent along: `Retry-After`, `Allow`, `WWW-Authenticate`.
    public var headers: HTTPFields

    public init(_ status: HTTPResponse.Status, code: String, detail: String, headers: HTTPFields = [:]) {
        self.init(status, code: code, detail: detail, fields: [:], headers: headers)
    }

    init(_ status: HTTPResponse.Status, code: String, detail: String, fields: [String: [String]], headers: HTTPFields) {
        self.status = status
        self.code = code
        self.detail = detail
        self.fields = fields
        self.headers = headers
    }

    /// 400 with messages by field.
    /// - Parameter code: says more than `invalid` where there is more to say; DRF's body has no place for it, so it is told
    ///   in the header `X-Error-Code`.
    public init(invalid fields: [String: [String]], code: String = "invalid") {
        status = .badRequest
        self.code = code
        detail = "Invalid input."
        self.fields = fields
        headers = [:]
    }

    /// 400 with one message for one field.
    public static func invalid(_ field: String, _ message: String) -> APIError {
        APIError(invalid: [field: [message]])
    }

    public static var notFound: APIError { APIError(.notFound, code: "not_found", detail: "Not found.") }

    public static var notAuthenticated: APIError {
        APIError(
            .unauthorized, code: "not_authenticated", detail: "Authentication credentials were not provided.",
            headers: [.wwwAuthenticate: "Bearer"])
    }

    public static var permissionDenied: APIError {
        APIError(.forbidden, code: "permission_denied", detail: "You do not have permission to perform this action.")
    }

    /// 412: `If-Match` or `If-Unmodified-Since` (RFC 9110 section 13.1) names another representation than the one there is.
    public static var preconditionFailed: APIError {
        APIError(.preconditionFailed, code: "precondition_failed", detail: "The file is not the one that the request is for.")
    }

    /// 413: the payload names the setting, so that whoever runs the server knows what to raise.
    public static func contentTooLarge(limit: Int, setting: String) -> APIError {
        APIError(
            .contentTooLarge, code: "content_too_large",
            detail: "The request body is larger than the \(limit) bytes that the setting \(setting) allows.",
            headers: [.connection: "close"])
    }

    /// 507: nothing was stored.
    public static var insufficientStorage: APIError {
        APIError(
            HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"), code: "insufficient_storage",
            detail: "The server has no room left on its disk. Nothing was stored; try again later.")
    }

    /// The body in DRF's form.
    public var jsonBody: String {
        if fields.isEmpty { return JSONText.object([("detail", JSONText.string(detail)), ("code", JSONText.string(code))]) }
        return JSONText.object(
            fields.sorted { $0.key < $1.key }.map { ($0.key, "[" + $0.value.map(JSONText.string).joined(separator: ",") + "]") })
    }

    /// In every error, validation errors among them: what programs and translations go by.
    private static let codeHeader = HTTPField.Name("X-Error-Code")!

    /// The answer in DRF's form.
    public func response() -> Response {
        var response = Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: jsonBody)))
        response.headers[.contentType] = "application/json"
        response.headers[Self.codeHeader] = code
        // A cache may keep some that do not say so, such as a 404 (RFC 9111 section 4.2.2), whose reason may be gone a moment later.
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}
