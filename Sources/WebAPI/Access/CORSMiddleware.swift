import HTTPTypes
import Hummingbird

/// Lets pages of other origins call the API from a browser (WHATWG Fetch section 3.2), where the setting names them. Such a page
/// authenticates with a token; the session cookie stays with the page of this origin, since credentials are never allowed.
struct CORSMiddleware: RouterMiddleware {
    /// Origins such as `https://app.example.org`; `*` for every one.
    let origins: Set<String>

    private static let methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    private static let requestHeaders =
        "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-Modified-Since, If-None-Match, If-Range, Last-Event-ID, "
        + "Prefer, Range, X-Request-Id, X-Requested-With, " + tusRequestHeaders
    private static let answerHeaders =
        "Accept-Ranges, Content-Length, Content-Range, ETag, Location, Retry-After, X-Error-Code, X-Request-Id, " + tusAnswerHeaders

    /// Those of resumable uploads by tus 1.0.
    private static let tusRequestHeaders =
        "Tus-Resumable, Upload-Checksum, Upload-Concat, Upload-Defer-Length, Upload-Length, Upload-Metadata, Upload-Offset, "
        + "X-HTTP-Method-Override"
    private static let tusAnswerHeaders =
        "Agrovet-Media, Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Concat, "
        + "Upload-Defer-Length, Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset"

    /// The answer to who asks whether a page of any origin may fetch a picture, with conditions and ranges.
    static let sharedPreflight: HTTPFields = [
        .accessControlAllowOrigin: "*", .accessControlAllowMethods: "GET, HEAD", .accessControlMaxAge: "86400",
        .accessControlAllowHeaders: "Cache-Control, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Range, "
            + "X-Request-Id, X-Requested-With",
    ]

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        if origins.isEmpty { return try await next(request, context) }
        let allowance = allowance(request.headers[.origin])
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil, allowance[.accessControlAllowOrigin] != nil {
            var headers = allowance
            headers[.accessControlAllowMethods] = Self.methods
            headers[.accessControlAllowHeaders] = Self.requestHeaders
            headers[.accessControlMaxAge] = "86400"
            return Response(status: .noContent, headers: headers)
        }
        var response = try await next(request, context)
        // Images say themselves that they are everybody's.
        if response.headers[.accessControlAllowOrigin] == "*" { return response }
        for field in allowance {
            if field.name == .vary {
                response.headers.append(field)
            } else {
                response.headers[field.name] = field.value
            }
        }
        return response
    }

    /// The same for every client where every origin is allowed; else told apart by `Vary` also where none is named, so that a
    /// cache does not give the answer of one to another.
    private func allowance(_ origin: String?) -> HTTPFields {
        if origins.contains("*") { return [.accessControlAllowOrigin: "*", .accessControlExposeHeaders: Self.answerHeaders] }
        guard let origin, origins.contains(origin) else { return [.vary: "Origin"] }
        return [.accessControlAllowOrigin: origin, .accessControlExposeHeaders: Self.answerHeaders, .vary: "Origin"]
    }
}
