import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// Gives every request its id, and leaves one log line and its metrics behind. Stands outermost.
struct RequestLogMiddleware: RouterMiddleware {
    let metrics: MetricsRegistry
    private static let requestID = HTTPField.Name("X-Request-Id")!

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = Self.usable(request.headers[Self.requestID]) ?? UUID().uuidString.lowercased()
        context.logger[metadataKey: "request_id"] = "\(context.requestID)"
        context.logger[metadataKey: "hb.request.id"] = nil
        var response = try await next(request, context)
        response.headers[Self.requestID] = context.requestID
        if response.headers[.xContentTypeOptions] == nil { response.headers[.xContentTypeOptions] = "nosniff" }

        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        // The route's pattern, never the path itself: what clients type must not multiply the series.
        let route = context.endpointPath ?? "unmatched"
        metrics.count(
            "agrovet_http_requests_total", "HTTP requests answered.",
            labels: [("method", Self.label(request.method)), ("route", route), ("status", "\(response.status.code)")])
        metrics.observe(
            "agrovet_http_request_duration_seconds", "Time from a request's head to its answer's head.", elapsed,
            labels: [("method", Self.label(request.method)), ("route", route)])
        let isQuiet = route.hasPrefix("/health") || route == "/metrics"
        context.logger.log(
            level: response.status.code >= 500 ? .warning : isQuiet ? .debug : .info, "request",
            metadata: [
                "method": "\(request.method.rawValue)",
                // Without the query: it may carry a signature.
                "path": "\(request.uri.path)",
                "status": "\(response.status.code)",
                "duration_ms": "\((elapsed * 10_000).rounded() / 10)",
                "remote": "\(context.remoteAddress ?? "-")",
            ])
        return response
    }

    /// A client may name its request, within reason: the id goes into logs and back into a header.
    private static func usable(_ id: String?) -> String? {
        guard let id, (1...64).contains(id.utf8.count),
            id.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x5F
            })
        else { return nil }
        return id
    }

    private static func label(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .patch, .delete, .options: method.rawValue
        default: "other"
        }
    }
}
