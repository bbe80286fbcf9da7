import Hummingbird
import NIOCore

/// One route as a service declares it. The same declaration serves, answers 405 for the other methods of its path, and
/// describes itself (`OpenAPIDocument`).
public struct Route: Sendable {
    public typealias Handler = @Sendable (Request, APIRequestContext) async throws -> Response

    public let method: HTTPRequest.Method
    /// Hummingbird's path pattern, such as `/api/media/{id}/`; the form without the trailing slash answers the same.
    public let path: String
    public let summary: String
    /// What it takes and answers; nil for what is no part of the API, such as a page's files.
    public let endpoint: Endpoint?
    let serve: @Sendable (Request, APIRequestContext, RouterSettings) async throws -> Response

    /// A route whose handler reads its request by itself.
    public init(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String, _ endpoint: Endpoint? = nil, handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.summary = summary
        self.endpoint = endpoint
        serve = { request, context, settings in
            if let endpoint {
                try endpoint.begin(request, context, settings)
            } else if context.principal?.scopes != nil {
                // What says nothing of scopes is not for credentials that have some.
                throw APIError.insufficientScope(nil)
            }
            return try await handler(request, context)
        }
    }

    /// A route whose parameters and body are read and checked before its handler runs.
    public init(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String, _ endpoint: Endpoint,
        call: @escaping @Sendable (Call) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.summary = summary
        self.endpoint = endpoint
        serve = { request, context, settings in
            try endpoint.begin(request, context, settings)
            try endpoint.requireAcceptable(request)
            let parameters = try ParameterValues(endpoint.parameters, of: request)
            let body = try await endpoint.body?.read(request, limit: settings.jsonBytes)
            return try await call(
                Call(
                    request: request, context: context, parameters: parameters, body: body?.value ?? .null,
                    bytes: body?.bytes ?? ByteBuffer()))
        }
    }
}

/// What is the same for all routes of a server.
public struct RouterSettings: Sendable {
    /// Origins whose pages may call this API; `*` for every one.
    public var corsOrigins: [String] = []
    /// Bytes of a body that is JSON or a form's fields.
    public var jsonBytes = 1024 * 1024
    /// Nil for no limit.
    public var throttle: Throttle?

    public init() {}
}

extension Endpoint {
    /// Who asks may, and not too often.
    func begin(_ request: Request, _ context: APIRequestContext, _ settings: RouterSettings) throws(APIError) {
        if let limits = settings.throttle {
            if isThrottled { try limits.admit(context) }
            if let throttle { try limits.admit(context, to: throttle) }
        }
        try admit(context.principal)
        try Self.requirePlain(request)
    }

    /// - Throws: `APIError` 415 for content that is compressed (RFC 9110 section 15.5.16): nothing here takes it apart, and what was sent
    ///   would be told to be no JSON, or a form without its file.
    private static func requirePlain(_ request: Request) throws(APIError) {
        guard let coding = request.headers[.contentEncoding]?.lowercased(), !["", "identity"].contains(coding),
            [.post, .put, .patch].contains(request.method)
        else { return }
        throw APIError(
            .unsupportedMediaType, code: "unsupported_content_encoding",
            detail: "The content is sent as it is here, not in the coding \"\(coding.prefix(40))\" (Content-Encoding).",
            headers: [.acceptEncoding: "identity"])
    }

    /// - Throws: `APIError` 406 where the client takes none of what the operation answers with.
    func requireAcceptable(_ request: Request) throws(APIError) {
        guard let accept = request.headers[.accept] else { return }
        let types = Set(answers.filter { $0.schema != nil && $0.status < 300 }.map(\.contentType))
        // What somebody stored is of the type that it is.
        guard !types.isEmpty, !types.contains("*/*"), ContentNegotiation.choose(accept: accept, offers: types.map { ($0, false) }) == nil
        else { return }
        throw APIError(.notAcceptable, code: "not_acceptable", detail: "Could not satisfy the request Accept header.")
    }
}

extension HTTPRequest.Method {
    /// The HTTP QUERY method (draft-ietf-httpbis-safe-method-w-body).
    fileprivate static let query = HTTPRequest.Method("QUERY")!
}

/// Builds the router of a server from the routes of its services.
public enum APIRouter {
    private static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace, .query]

    /// - Parameter translate: turns the services' own errors into what a client sees; nil where it does not know one.
    public static func router(
        routes: [Route], authenticator: Authenticator, metrics: MetricsRegistry, settings: RouterSettings = RouterSettings(),
        translate: @escaping @Sendable (any Error) -> APIError?
    ) -> Router<APIRequestContext> {
        let router = Router(context: APIRequestContext.self)
        router.add(middleware: RequestLogMiddleware(ledger: RequestLedger(metrics: metrics)))
        router.add(middleware: CORSMiddleware(origins: Set(settings.corsOrigins)))
        router.add(middleware: ErrorMiddleware(translate: translate))
        router.add(middleware: AuthenticationMiddleware(authenticator: authenticator, throttle: settings.throttle))
        if let throttle = settings.throttle { router.add(middleware: LostRequestMiddleware(throttle: throttle)) }
        for (path, declared) in Dictionary(grouping: routes, by: \.path) {
            var allowed = Set(declared.map(\.method))
            for route in declared {
                router.on(RouterPath(path), method: route.method) { try await route.serve($0, $1, settings) }
                // RFC 9110 section 9.3.2: HEAD is GET without the content.
                if route.method == .get, allowed.insert(.head).inserted {
                    router.on(RouterPath(path), method: .head) { request, context in
                        var answer = try await route.serve(request, context, settings)
                        // Behind a head that is all there is, a file would be the next answer.
                        FileOutbox.current?.withdraw(&answer.headers)
                        return answer.createHeadResponse()
                    }
                }
            }
            let allow = (allowed.union([.options])).map(\.rawValue).sorted().joined(separator: ", ")
            let isShared = declared.contains { $0.endpoint?.isShared ?? false }
            for method in methods where !allowed.contains(method) {
                router.on(RouterPath(path), method: method) { request, context in
                    if request.method == .options {
                        let isPreflight = isShared && request.headers[.accessControlRequestMethod] != nil
                        return Response(status: .noContent, headers: isPreflight ? CORSMiddleware.sharedPreflight : [.allow: allow])
                    }
                    try settings.throttle?.admit(context)
                    throw APIError(
                        .methodNotAllowed, code: "method_not_allowed", detail: "Method \"\(request.method.rawValue)\" not allowed.",
                        headers: [.allow: allow])
                }
            }
        }
        return router
    }
}
