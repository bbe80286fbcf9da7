import Hummingbird

/// One route as a service declares it. The same declaration serves, answers 405 for the other methods of its path, and
/// describes itself.
public struct Route: Sendable {
    public typealias Handler = @Sendable (Request, APIRequestContext) async throws -> Response

    public let method: HTTPRequest.Method
    /// Hummingbird's path pattern, such as `/api/media/{id}/`; the form without the trailing slash answers the same.
    public let path: String
    public let summary: String
    public let handler: Handler

    public init(_ method: HTTPRequest.Method, _ path: String, _ summary: String, handler: @escaping Handler) {
        self.method = method
        self.path = path
        self.summary = summary
        self.handler = handler
    }
}

/// Builds the router of a server from the routes of its services.
public enum APIRouter {
    private static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]

    /// - Parameters:
    ///   - corsOrigins: origins whose pages may call this API; `*` for every one.
    ///   - translate: turns the services' own errors into what a client sees; nil where it does not know one.
    public static func router(
        routes: [Route], authenticator: Authenticator, metrics: MetricsRegistry, corsOrigins: [String] = [],
        translate: @escaping @Sendable (any Error) -> APIError?
    ) -> Router<APIRequestContext> {
        let router = Router(context: APIRequestContext.self)
        router.add(middleware: RequestLogMiddleware(ledger: RequestLedger(metrics: metrics)))
        router.add(middleware: CORSMiddleware(origins: Set(corsOrigins)))
        router.add(middleware: ErrorMiddleware(translate: translate))
        router.add(middleware: AuthenticationMiddleware(authenticator: authenticator))
        for (path, declared) in Dictionary(grouping: routes, by: \.path) {
            var allowed = Set(declared.map(\.method))
            for route in declared {
                router.on(RouterPath(path), method: route.method, use: route.handler)
                // RFC 9110 section 9.3.2: HEAD is GET without the content.
                if route.method == .get, allowed.insert(.head).inserted {
                    router.on(RouterPath(path), method: .head) { request, context in
                        try await route.handler(request, context).createHeadResponse()
                    }
                }
            }
            let allow = (allowed.union([.options])).map(\.rawValue).sorted().joined(separator: ", ")
            for method in methods where !allowed.contains(method) {
                router.on(RouterPath(path), method: method) { request, _ in
                    if request.method == .options { return Response(status: .noContent, headers: [.allow: allow]) }
                    throw APIError(
                        .methodNotAllowed, code: "method_not_allowed", detail: "Method \"\(request.method.rawValue)\" not allowed.",
                        headers: [.allow: allow])
                }
            }
        }
        return router
    }
}
