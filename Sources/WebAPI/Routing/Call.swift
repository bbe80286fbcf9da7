import Foundation
import Hummingbird
import Schemas

/// A request as an operation's handler gets it: who makes it is known and may, parameters and body are read and right.
public struct Call: Sendable {
    public let request: Request
    public let context: APIRequestContext
    public let parameters: ParameterValues
    /// `null` where the operation takes none, or it was left out.
    public let body: JSONValue
    private let bytes: ByteBuffer

    /// The body as it came, where it was read: for texts that are kept as somebody wrote them.
    public var bodyText: String { String(buffer: bytes) }

    public init(
        request: Request, context: APIRequestContext, parameters: ParameterValues = ParameterValues(), body: JSONValue = .null,
        bytes: ByteBuffer = ByteBuffer()
    ) {
        self.request = request
        self.context = context
        self.parameters = parameters
        self.body = body
        self.bytes = bytes
    }

    public var principal: Principal? { context.principal }

    /// - Throws: `APIError.notAuthenticated`.
    public func user() throws -> Principal { try context.requirePrincipal() }

    /// A part of the path.
    /// - Throws: `APIError.notFound` where it is none that the operation's schema allows.
    public func path(_ name: String) throws -> String {
        guard let text = context.parameters.get(name), !text.utf8.contains(0) else { throw APIError.notFound }
        return text
    }

    /// An id in the path; one that is no UUID is that of nothing.
    /// - Throws: `APIError.notFound`.
    public func id(_ name: String = "id") throws -> String {
        let text = try path(name)
        guard text.utf8.count == 36, UUID(uuidString: text) != nil else { throw APIError.notFound }
        return text.lowercased()
    }

    /// The body as a type; its members are those that the schema has checked.
    public func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        do { return try JSONDecoder().decode(type, from: Data(body.json.utf8)) } catch {
            throw APIError(.badRequest, code: "parse_error", detail: "The body is not what is expected here.")
        }
    }

    /// - Parameter tag: of the version there is, with its quotes; an `EntityTag` that a client sends is compared by its version.
    /// - Throws: `APIError` 412 where `If-Match` names another (RFC 9110 section 13.1.1).
    public func requireMatch(_ tag: String) throws(APIError) {
        guard let candidates = request.headers[.ifMatch] else { return }
        guard EntityTag.isMeant(candidates, for: tag) else { throw APIError.changedMeanwhile }
    }

    /// 304 where the client has this version, else the representation with its tag.
    public func answer(_ json: String, tag: String) -> Response {
        var response = Response.json(.ok, json)
        let candidates =
            request.headers[.ifNoneMatch].map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } } ?? []
        if candidates.contains(where: { $0 == "*" || $0 == tag || $0 == "W/" + tag }) { response = Response(status: .notModified) }
        response.headers[.eTag] = tag
        response.headers[.cacheControl] = "private, no-cache"
        return response
    }
}

extension APIError {
    /// 412: another changed it in between.
    public static var changedMeanwhile: APIError {
        APIError(
            .preconditionFailed, code: "precondition_failed", detail: "It was changed in the meantime. Load it again and repeat the change."
        )
    }
}

extension Response {
    /// Answers with a JSON text that is not to be kept without asking again.
    public static func json(_ status: HTTPResponse.Status, _ text: String, headers: HTTPFields = [:]) -> Response {
        var response = Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        response.headers[.contentType] = "application/json"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "private, no-cache" }
        return response
    }

    public static func created(_ text: String, location: String? = nil, tag: String? = nil) -> Response {
        var response = json(.created, text)
        if let location { response.headers[.location] = location }
        if let tag { response.headers[.eTag] = tag }
        return response
    }

    public static var noContent: Response { Response(status: .noContent) }
}

extension Request {
    /// Scheme, host and port that links in an answer begin with: the setting's, or where the request came to.
    public func base(publicURL: String) -> String {
        publicURL.isEmpty ? head.authority.map { "http://\($0)" } ?? "" : publicURL
    }
}
