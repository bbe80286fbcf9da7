import HTTPTypes
import Hummingbird

/// Lets pages of other origins call the API from a browser (WHATWG Fetch section 3.2), where the setting names them. Such a page
/// authenticates with a token; the session cookie stays with the page of this origin, since credentials are never allowed.
struct CORSMiddleware: RouterMiddleware {
    /// Origins such as `https://app.example.org`; `*` for every one.
    let origins: Set<String>

    private static let methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    private static let requestHeaders =
        "Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, Prefer, Range, X-Request-Id, X-Requested-With"
    private static let answerHeaders =
        "Accept-Ranges, Content-Length, Content-Range, ETag, Location, Retry-After, X-Error-Code, X-Request-Id"

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin] else { return try await next(request, context) }
        let isAllowed = origins.contains("*") || origins.contains(origin)
        let isPreflight = request.method == .options && request.headers[.accessControlRequestMethod] != nil
        if isPreflight, isAllowed {
            var headers = allowance(origin)
            headers[.accessControlAllowMethods] = Self.methods
            headers[.accessControlAllowHeaders] = Self.requestHeaders
            headers[.accessControlMaxAge] = "86400"
            return Response(status: .noContent, headers: headers)
        }
        var response = try await next(request, context)
        guard isAllowed else { return response }
        for field in allowance(origin) {
            if field.name == .vary {
                response.headers.append(field)
            } else {
                response.headers[field.name] = field.value
            }
        }
        return response
    }

    private func allowance(_ origin: String) -> HTTPFields {
        [
            .accessControlAllowOrigin: origins.contains("*") ? "*" : origin, .accessControlExposeHeaders: Self.answerHeaders,
            // Caches keep what they give to one origin from another.
            .vary: "Origin",
        ]
    }
}
