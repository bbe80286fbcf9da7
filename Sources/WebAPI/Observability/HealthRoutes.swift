import Hummingbird
import Schemas
import Synchronization

/// One thing that has to work for the server to be ready.
public struct HealthCheck: Sendable {
    public let name: String
    /// Whether the server is not ready without it; where false, its failure is only told.
    public let isEssential: Bool
    /// A detail for the answer, such as a queue's length.
    /// - Throws: where the thing does not work; the error's text is logged, not answered.
    public let check: @Sendable () async throws -> String

    public init(_ name: String, isEssential: Bool = true, check: @escaping @Sendable () async throws -> String) {
        self.name = name
        self.isEssential = isEssential
        self.check = check
    }
}

/// `/health/live/` (the process answers), `/health/ready/` and `/health/` (what it stands on works), `/metrics`.
public struct HealthRoutes: Sendable {
    private let checks: [HealthCheck]
    private let metrics: MetricsRegistry
    private let patience: Duration
    /// What was asked before and has not answered yet, by name: it is not asked again meanwhile, and all who ask get its one answer.
    private let running = Running()

    /// - Parameter patience: how long a check may take; one that takes longer has failed.
    public init(checks: [HealthCheck], metrics: MetricsRegistry, patience: Duration = .seconds(5)) {
        self.checks = checks
        self.metrics = metrics
        self.patience = patience
    }

    private final class Running: Sendable {
        struct Run: Sendable {
            let since: ContinuousClock.Instant
            var listeners: [AsyncThrowingStream<String, any Error>.Continuation]
        }
        let byName = Mutex<[String: Run]>([:])
    }

    private struct NoAnswer: Error, CustomStringConvertible {
        let description = "no answer in time"
    }

    public var routes: [Route] {
        [
            Route(.get, "/health/live/", "Whether the process answers", Self.endpoint) { _, _ in Self.json(.ok, "{\"status\":\"ok\"}") },
            Route(.get, "/health/ready/", "Whether requests can be served", Self.endpoint) { _, context in await report(context) },
            Route(.get, "/health/", "Whether requests can be served", Self.endpoint) { _, context in await report(context) },
            Route(.get, "/metrics", "Metrics in Prometheus's text format", Self.metricsEndpoint) { _, _ in
                var response = Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: await metrics.exposition())))
                response.headers[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
                return response
            },
        ]
    }

    private static let state = JSONSchema.object(
        .required("status", .choice(["ok", "unavailable"])),
        .optional("checks", .map(.object(.required("status", .choice(["ok", "failed"])), .optional("detail", .string()))))
    ).named("Health")

    private static let endpoint = Endpoint(
        "server", access: .anyone, answers: [.ok(state), Endpoint.Answer(503, "Not now", state)], isThrottled: false)

    private static let metricsEndpoint = Endpoint(
        "server", access: .anyone,
        answers: [Endpoint.Answer(200, "OK", .string(), contentType: "text/plain")], isThrottled: false)

    private func report(_ context: APIRequestContext) async -> Response {
        var members: [(String, String)] = []
        var isReady = true
        for check in checks {
            do {
                let detail = try await answer(check)
                members.append((check.name, JSONText.object([("status", "\"ok\""), ("detail", JSONText.string(detail))])))
            } catch {
                isReady = isReady && !check.isEssential
                context.logger.warning("health check failed", metadata: ["check": "\(check.name)", "error": "\(error)"])
                members.append((check.name, JSONText.object([("status", "\"failed\"")])))
            }
        }
        let body = JSONText.object([("status", isReady ? "\"ok\"" : "\"unavailable\""), ("checks", JSONText.object(members))])
        return Self.json(isReady ? .ok : .serviceUnavailable, body)
    }

    /// What the check says, or that it takes too long. Whoever asks a database cannot be called back, so nobody waits for it here.
    private func answer(_ check: HealthCheck) async throws -> String {
        let (running, now) = (running, ContinuousClock.now)
        let (answers, listener) = AsyncThrowingStream<String, any Error>.makeStream()
        let (since, isFirst) = running.byName.withLock { runs in
            guard let run = runs[check.name] else {
                runs[check.name] = Running.Run(since: now, listeners: [listener])
                return (now, true)
            }
            // Who comes too late for this one's answer is not kept.
            if now - run.since < patience { runs[check.name]?.listeners.append(listener) }
            return (run.since, false)
        }
        guard now - since < patience else { throw NoAnswer() }
        if isFirst {
            Task {
                let result: Result<String, any Error>
                do { result = .success(try await check.check()) } catch { result = .failure(error) }
                for listener in running.byName.withLock({ $0.removeValue(forKey: check.name)?.listeners ?? [] }) {
                    if case .success(let detail) = result { listener.yield(detail) }
                    if case .failure(let error) = result { listener.finish(throwing: error) }
                    listener.finish()
                }
            }
        }
        return try await withTimeLimit(patience - (now - since), else: NoAnswer()) {
            for try await detail in answers { return detail }
            throw NoAnswer()
        }
    }

    private static func json(_ status: HTTPResponse.Status, _ body: String) -> Response {
        var response = Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
        response.headers[.contentType] = "application/json"
        response.headers[.cacheControl] = "no-store"
        return response
    }
}
