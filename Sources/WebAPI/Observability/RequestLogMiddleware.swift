import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// Gives every request its id, and leaves one log line and its metrics behind. Stands outermost.
struct RequestLogMiddleware: RouterMiddleware {
    let ledger: RequestLedger
    private static let requestID = HTTPField.Name("X-Request-Id")!
    private static let forwardedFor = HTTPField.Name("X-Forwarded-For")!

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = RequestID.usable(request.headers[Self.requestID]) ?? RequestID.make()
        context.forwardedFor = request.headers[values: Self.forwardedFor]
        context.logger[metadataKey: "request_id"] = "\(context.requestID)"
        context.logger[metadataKey: "hb.request.id"] = nil
        var response = try await next(request, context)
        response.headers[Self.requestID] = context.requestID
        if response.headers[.xContentTypeOptions] == nil { response.headers[.xContentTypeOptions] = "nosniff" }
        // The line says it itself.
        var logger = context.logger
        logger[metadataKey: "request_id"] = nil
        ledger.note(
            RequestLedger.Entry(
                method: request.method.rawValue, route: context.endpointPath ?? "unmatched", status: response.status.code,
                path: request.uri.path, remote: context.remoteAddress, requestID: context.requestID, elapsed: ContinuousClock.now - start),
            logger: logger)
        return response
    }
}
