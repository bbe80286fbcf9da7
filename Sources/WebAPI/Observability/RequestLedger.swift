import HTTPTypes
import Logging
import Synchronization

/// Leaves one log line and the metrics of each request behind, whichever way it was answered. Cheap: the series of a route are
/// looked up once and kept.
public final class RequestLedger: Sendable {
    /// One request that was answered.
    package struct Entry: Sendable {
        let method: String
        /// The route's pattern, never the path itself: what clients type must not multiply the series.
        let route: String
        let status: Int
        /// Without the query: it may carry a signature.
        let path: String
        let remote: String?
        let requestID: String
        let elapsed: Duration
        /// Answered on the connection's own thread.
        let isReady: Bool

        package init(
            method: String, route: String, status: Int, path: String, remote: String?, requestID: String, elapsed: Duration,
            isReady: Bool = false
        ) {
            self.method = method
            self.route = route
            self.status = status
            self.path = path
            self.remote = remote
            self.requestID = requestID
            self.elapsed = elapsed
            self.isReady = isReady
        }
    }

    private struct Series: Hashable {
        let method: String
        let route: String
        let status: Int
        let isReady: Bool
    }

    private typealias Metrics = (count: MetricsRegistry.Counter, duration: MetricsRegistry.Histogram, ready: MetricsRegistry.Counter?)

    private let metrics: MetricsRegistry
    private let kept = Mutex<[Series: Metrics]>([:])

    public init(metrics: MetricsRegistry) {
        self.metrics = metrics
    }

    package func note(_ entry: Entry, logger: Logger) {
        let series = series(Series(method: Self.label(entry.method), route: entry.route, status: entry.status, isReady: entry.isReady))
        series.count.add(1)
        series.ready?.add(1)
        series.duration.observe(entry.elapsed / .seconds(1))
        let isQuiet = entry.route.hasPrefix("/health") || entry.route == "/metrics"
        let level: Logger.Level = entry.status >= 500 ? .warning : isQuiet ? .debug : .info
        guard level >= logger.logLevel else { return }
        logger.log(level: level, "request", metadata: ["request": .stringConvertible(LoggedRequest(entry: entry))])
    }

    private func series(_ series: Series) -> Metrics {
        kept.withLock { kept in
            if let known = kept[series] { return known }
            let labels: MetricsRegistry.Labels = [("method", series.method), ("route", series.route)]
            let new: Metrics = (
                metrics.counter(
                    "agrovet_http_requests_total", "HTTP requests answered.", labels: labels + [("status", "\(series.status)")]),
                metrics.histogram(
                    "agrovet_http_request_duration_seconds", "Time from a request's head to its answer's head.", labels: labels),
                series.isReady
                    ? metrics.counter(
                        "agrovet_ready_answers_total", "HTTP requests answered without a task or another thread.",
                        labels: [("route", series.route)]) : nil
            )
            kept[series] = new
            return new
        }
    }

    private static func label(_ method: String) -> String {
        switch method {
        case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS": method
        default: "other"
        }
    }
}

/// What the log tells of a request: the members of one JSON object. One value instead of six entries of metadata, which would be
/// hashed, sorted and boxed for each request.
struct LoggedRequest: CustomStringConvertible, Sendable {
    let entry: RequestLedger.Entry

    private var duration: String {
        let tenths = Int((entry.elapsed / .microseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    func write(to line: inout JSONLine) {
        line.raw(",\"duration_ms\":\"")
        line.raw(duration)
        line.raw("\",\"method\":")
        line.string(entry.method)
        line.raw(",\"path\":")
        line.string(entry.path)
        line.raw(",\"remote\":")
        line.string(entry.remote ?? "-")
        line.raw(",\"request_id\":")
        line.string(entry.requestID)
        line.raw(",\"status\":\"")
        line.raw(String(entry.status))
        line.raw("\"")
    }

    var description: String {
        "\(entry.method) \(entry.path) \(entry.status) duration_ms=\(duration) remote=\(entry.remote ?? "-") request_id=\(entry.requestID)"
    }
}
