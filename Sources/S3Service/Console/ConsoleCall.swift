import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import S3Wire
import WebAPI

/// One request to the console's API.
struct ConsoleCall: Sendable {
    let request: Request
    let context: APIRequestContext
    let query: S3Query
    /// See `StorageConsoleSettings`.
    private let publicURL: String

    /// Bytes of a JSON body at most: a thousand keys, or a bucket's rules.
    private static let bodyLimit = 2 << 20

    /// - Throws: `APIError` where an escape of the query is broken.
    init(request: Request, context: APIRequestContext, publicURL: String) throws(APIError) {
        guard let query = S3Query(raw: Substring(request.uri.query ?? "")) else {
            throw APIError(.badRequest, code: "invalid_query", detail: "The query is not percent-encoded UTF-8.")
        }
        self.request = request
        self.context = context
        self.query = query
        self.publicURL = publicURL
    }

    /// A parameter of the query that has to be there and not empty.
    func required(_ name: String) throws(APIError) -> String {
        guard let value = query[name], !value.isEmpty else { throw .invalid(name, "This field is required.") }
        return value
    }

    func optional(_ name: String) -> String? { query[name].flatMap { $0.isEmpty ? nil : $0 } }

    func flag(_ name: String) throws(APIError) -> Bool {
        switch query[name]?.lowercased() {
        case nil, ""?, "false"?, "0"?: return false
        case "true"?, "1"?: return true
        default: throw .invalid(name, "Must be a valid boolean.")
        }
    }

    /// `page_size`, from 1 to as many as there may be.
    func pageSize(limit: Int) -> Int {
        guard let size = query["page_size"].flatMap({ Int($0) }), size >= 1 else { return min(100, limit) }
        return min(size, limit)
    }

    /// Scheme, host and port that links begin with.
    var base: String { publicURL.isEmpty ? request.head.authority.map { "http://\($0)" } ?? "" : publicURL }

    /// The same address with other parameters.
    func link(setting values: [(String, String)]) -> String {
        let names = Set(values.map(\.0))
        let pairs = query.items.filter { !names.contains($0.name) }.map { ($0.name, $0.value) } + values
        let text = pairs.map { "\($0.0.urlPercentEncoded)=\($0.1.urlPercentEncoded)" }.joined(separator: "&")
        return base + request.uri.path + (text.isEmpty ? "" : "?" + text)
    }

    /// The JSON object that the body has to be.
    func body() async throws -> ConsoleBody {
        let type = HeaderParameters(request.headers[.contentType] ?? "").value
        guard type == "application/json" else {
            throw APIError(.unsupportedMediaType, code: "unsupported_media_type", detail: "Unsupported media type \"\(type)\" in request.")
        }
        return try ConsoleBody(try await bytes())
    }

    /// A small body, whole.
    func bytes() async throws -> ByteBuffer {
        var collected = ByteBuffer()
        for try await chunk in request.body {
            collected.writeImmutableBuffer(chunk)
            if collected.readableBytes > Self.bodyLimit {
                throw APIError(
                    .contentTooLarge, code: "content_too_large", detail: "The JSON body is larger than \(Self.bodyLimit) bytes.",
                    headers: [.connection: "close"])
            }
        }
        return collected
    }

    /// What root would send to the S3 endpoint.
    func asRoot(
        _ method: HTTPRequest.Method, _ bucket: String, key: String?, query: [(String, String)], headers: HTTPFields, body: RequestBody?
    ) -> S3Request {
        S3Request(
            method: method, bucket: bucket, key: key, query: S3Query(items: query.map { .init(name: $0.0, value: $0.1) }), headers: headers,
            body: body ?? RequestBody(buffer: ByteBuffer()), caller: .root, requestID: context.requestID,
            remoteAddress: context.remoteAddress, isSecure: false, received: Date(), authority: request.head.authority ?? "")
    }
}

extension Caller {
    /// Whoever administers the server.
    static let root = Caller(user: RootKeyFile.user, accessKey: nil, policy: nil, isRoot: true)
}

extension Response {
    static func json(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        var response = Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        response.headers[.contentType] = "application/json"
        response.headers[.cacheControl] = "no-store"
        return response
    }

    static var noContent: Response { Response(status: .noContent) }
}
