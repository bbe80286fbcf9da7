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

    public var routes: [Route] {
        usageRoutes + bucketRoutes + documentRoutes + objectRoutes + contentRoutes + uploadRoutes + linkRoutes + keyRoutes
    }

    /// One route under `/api/storage/`, closed to everybody but the administrator; errors of S3 become those of this API.
    func route(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String,
        _ handler: @escaping @Sendable (ConsoleCall) async throws -> Response
    ) -> Route {
        Route(method, "/api/storage/" + path, summary) { [settings] request, context in
            guard try context.requirePrincipal().subject == settings.administrator else { throw APIError.permissionDenied }
            do {
                return try await handler(ConsoleCall(request: request, context: context, publicURL: settings.publicURL))
            } catch {
                throw APIError(storage: error) ?? error
            }
        }
    }

    /// The bucket that the path names.
    ///
    /// - Throws: 404 where there is none; 403 where it is to be changed and is another service's.
    func bucket(_ call: ConsoleCall, toRead: Bool? = nil) async throws -> Bucket {
        let name = try call.context.parameters.require("bucket")
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
        body: RequestBody? = nil, _ call: ConsoleCall
    ) async throws -> S3Response {
        try await core.route(call.asRoot(method, bucket, key: key, query: query, headers: headers, body: body)) { _ in }
    }

    /// The same with a document, or none.
    @discardableResult
    func perform(
        _ method: HTTPRequest.Method, _ bucket: String, key: String? = nil, query: [(String, String)], headers: HTTPFields = [:],
        document: ByteBuffer, _ call: ConsoleCall
    ) async throws -> S3Response {
        var headers = headers
        headers[.contentLength] = String(document.readableBytes)
        return try await perform(method, bucket, key: key, query: query, headers: headers, body: RequestBody(buffer: document), call)
    }
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
