import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// The one place where errors become answers. What is not meant for clients is logged and answered as a plain 500.
struct ErrorMiddleware: RouterMiddleware {
    typealias Context = APIRequestContext

    /// Errors of the services' own floors, turned into what a client sees; nil where it does not know the error.
    let translate: @Sendable (any Error) -> APIError?

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        let response = try await answer(request, context, next)
        // RFC 9110 section 9.3.2: an answer to HEAD has no content, an error no more than any other.
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        _ request: Request, _ context: APIRequestContext, _ next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPParserError {
            // The connection answers it: what comes behind it on the wire cannot be trusted.
            throw error
        } catch {
            let shown = apiError(for: error, context)
            return shown.response(to: request)
        }
    }

    private func apiError(for error: any Error, _ context: APIRequestContext) -> APIError {
        if let error = error as? APIError { return error }
        if let error = error as? HTTPError { return Self.apiError(for: error) }
        if error is CancellationError {
            return APIError(.serviceUnavailable, code: "shutting_down", detail: "The server is shutting down.", headers: [.retryAfter: "2"])
        }
        if let known = translate(error) {
            known.log(cause: error, context.logger)
            return known
        }
        // The client went away in the middle of its body: nobody reads the answer, and it is no fault of the server.
        if ConnectionLoss.isOne(error) {
            return APIError(.badRequest, code: "incomplete_body", detail: "The request body ended early.")
        }
        context.logger.error("unexpected error", metadata: ["error": "\(String(reflecting: error))"])
        return APIError(
            .internalServerError, code: "server_error",
            detail: "Something went wrong on the server. The request id \(context.requestID) finds it in the log.")
    }

    private static func apiError(for error: HTTPError) -> APIError {
        switch error.status {
        case .notFound: .notFound
        case .methodNotAllowed: APIError(.methodNotAllowed, code: "method_not_allowed", detail: error.body ?? "Method not allowed.")
        default: APIError(error.status, code: "error", detail: error.body ?? error.status.reasonPhrase)
        }
    }
}

extension APIError {
    /// The client hears that the server cannot; why is for whoever runs it.
    public func log(cause: any Error, _ logger: Logger) {
        guard status.kind == .serverError else { return }
        logger.warning("a request was not served", metadata: ["error": "\(String(reflecting: cause))"])
    }
}

/// How a client's leaving shows.
public enum ConnectionLoss {
    public static func isOne(_ error: any Error) -> Bool {
        if let error = error as? IOError { return [ECONNRESET, EPIPE, ETIMEDOUT, ENOTCONN].contains(error.errnoCode) }
        return error is ChannelError || error is IncompleteBody
    }
}

/// The connection closed before the body that was announced had come.
public struct IncompleteBody: Error, Sendable {
    public init() {}
}
