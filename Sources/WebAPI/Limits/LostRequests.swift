import Hummingbird

/// Counts requests for paths that there are none of, which reach no route that would count them.
struct LostRequestMiddleware: RouterMiddleware {
    let throttle: Throttle

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch {
            // Hummingbird's own: a route that finds nothing throws ours, and was counted.
            if let error = error as? HTTPError, error.status == .notFound { try throttle.admit(context) }
            throw error
        }
    }
}
