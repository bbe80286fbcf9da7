import Foundation
import HTTPTypes
import Hummingbird
import ObjectStorage
import S3Wire
import Synchronization
import WebAPI

/// `/api/storage/`, on the main port: what the console page does with buckets, objects and access keys. Whoever administers the
/// server acts as S3's root; nobody else is served.
///
/// Bytes go through here and not by presigned addresses: the page's own origin is the only one that is sure to be reachable from where
/// the page is (behind one proxy host the S3 port often is not), its session is the credential, no CORS rule is needed for a bucket,
/// and the page's Content-Security-Policy stays at `'self'`.
public struct StorageConsole: Sendable {
    let core: S3Core
    let responder: S3Responder
    let keys: AccessKeyStore
    let settings: StorageConsoleSettings
    let address: S3PublicAddress

    /// - Parameter address: what presigned links begin with.
    public init(service: S3Service, settings: StorageConsoleSettings, address: S3PublicAddress) {
        core = service.core
        responder = service.responder
        keys = service.core.authentication.keys
        self.settings = settings
        self.address = address
    }

    /// The group of its operations, and what they are about.
    public static let tags = [("storage", "Buckets, objects and access keys of S3, for whoever administers the server")]

    public var routes: [Route] {
        usageRoutes + bucketRoutes + documentRoutes + objectRoutes + contentRoutes + uploadRoutes + linkRoutes + keyRoutes
    }

    /// One route under `/api/storage/`; errors of S3 become those of this API.
    func route(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String, _ endpoint: Endpoint,
        _ handler: @escaping @Sendable (Call) async throws -> Response
    ) -> Route {
        Route(method, "/api/storage/" + path, summary, endpoint) { call in
            do { return try await handler(call) } catch { throw APIError(storage: error) ?? error }
        }
    }

    /// What a route takes and answers. All are closed to everybody but the administrator, and to credentials that are good for some
    /// things only: whoever is let in acts as root.
    func endpoint(
        _ details: String = "", parameters: [Parameter] = [], body: Endpoint.Body? = nil, answers: [Endpoint.Answer],
        isThrottled: Bool = true
    ) -> Endpoint {
        Endpoint(
            "storage", details: details, access: .only(settings.administrator), parameters: parameters, body: body, answers: answers,
            isThrottled: isThrottled)
    }

    /// The bucket that the path names.
    ///
    /// - Throws: 404 where there is none; 403 where it is to be changed and is another service's.
    func bucket(_ call: Call, toRead: Bool? = nil) async throws -> Bucket {
        let name = try call.path("bucket")
        let isRead = toRead ?? (call.request.method == .get || call.request.method == .head)
        guard isRead || core.settings.readOnlyBuckets[name] == nil else {
            throw APIError(
                .forbidden, code: "read_only_bucket",
                detail: "The bucket \(name) belongs to another service; its objects are changed there.")
        }
        guard let bucketName = BucketName(name), let bucket = try await core.store.bucket(bucketName) else { throw S3Error.noSuchBucket }
        return bucket
    }

    /// Does what a request of root's would do, with all the checks of the S3 endpoint.
    @discardableResult
    func perform(
        _ method: HTTPRequest.Method, _ bucket: String, key: String? = nil, query: [(String, String)] = [], headers: HTTPFields = [:],
        body: RequestBody? = nil, _ call: Call
    ) async throws -> S3Response {
        try await core.route(S3Request(ofRoot: method, bucket, key: key, query: query, headers: headers, body: body, call)) { _ in }
    }

    /// The same with a document, or none.
    @discardableResult
    func perform(
        _ method: HTTPRequest.Method, _ bucket: String, key: String? = nil, query: [(String, String)], headers: HTTPFields = [:],
        document: ByteBuffer, _ call: Call
    ) async throws -> S3Response {
        var headers = headers
        headers[.contentLength] = String(document.readableBytes)
        return try await perform(method, bucket, key: key, query: query, headers: headers, body: RequestBody(buffer: document), call)
    }
}

extension S3Request {
    /// What root would send to the S3 endpoint.
    init(
        ofRoot method: HTTPRequest.Method, _ bucket: String, key: String? = nil, query: [(String, String)] = [], headers: HTTPFields = [:],
        body: RequestBody? = nil, _ call: Call
    ) {
        self.init(
            method: method, bucket: bucket, key: key, query: S3Query(items: query.map { .init(name: $0.0, value: $0.1) }), headers: headers,
            body: body ?? RequestBody(buffer: ByteBuffer()), caller: .root, requestID: call.context.requestID,
            remoteAddress: call.context.remoteAddress, isSecure: false, received: Date(), authority: call.request.head.authority ?? "")
    }
}

extension Caller {
    /// Whoever administers the server.
    static let root = Caller(user: RootKeyFile.user, accessKey: nil, policy: nil, isRoot: true)
}

/// Whom the console serves, and how it names itself.
public struct StorageConsoleSettings: Sendable {
    /// The principal that acts as root.
    public var administrator: String
    /// What links between pages of lists begin with; empty: where the request came to.
    public var publicURL = ""

    public init(administrator: String) { self.administrator = administrator }
}

/// Where clients reach the S3 endpoint: what the setting says, or the host that the console is reached at with the endpoint's port.
public final class S3PublicAddress: Sendable {
    private let configured: String
    private let port = Mutex<Int?>(nil)

    /// - Parameter configured: `https://s3.example.org`; empty where nothing is configured.
    public init(configured: String) { self.configured = configured }

    /// Told when the endpoint listens.
    public func listening(port: Int) { self.port.withLock { $0 = port } }

    /// - Parameter host: of the console's own request, with or without a port.
    func base(host: String) -> (scheme: String, authority: String) {
        if let separator = configured.range(of: "://") {
            return (String(configured[..<separator.lowerBound]), String(configured[separator.upperBound...]))
        }
        // An IPv6 address has colons of its own, within brackets.
        let end = host.lastIndex(of: ":").flatMap { host[$0...].contains("]") ? nil : $0 } ?? host.endIndex
        return ("http", host[..<end] + (port.withLock { $0 }.map { ":\($0)" } ?? ""))
    }
}
