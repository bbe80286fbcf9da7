import Events
import Foundation
import HTTPTypes
import Hummingbird
import ServiceLifecycle
import Synchronization
import WebAPI

/// `GET /api/events/?topic=…`: a topic's events as they come, as server-sent events (WHATWG HTML section 9.2). The id of each
/// is its offset, so that a client that reconnects goes on where it was.
struct EventStream: Sendable {
    let log: any EventLog
    let topics: Set<String>
    /// Streams at once.
    let limit: Int
    private let open = OpenStreams()

    init(log: any EventLog, topics: Set<String>, limit: Int) {
        self.log = log
        self.topics = topics
        self.limit = limit
    }

    /// A comment is sent after this long without an event, so that proxies and dead peers are noticed.
    private static let heartbeat = Duration.seconds(15)

    private final class OpenStreams: Sendable {
        private let count = Mutex(0)
        func enter(limit: Int) -> Bool {
            count.withLock { count in
                guard count < limit else { return false }
                count += 1
                return true
            }
        }
        func leave() { count.withLock { $0 -= 1 } }
    }

    var routes: [Route] {
        [Route(.get, "/api/events/", "A topic's events as they happen") { request, context in try await stream(request, context) }]
    }

    private func stream(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let reader = try context.requirePrincipal()
        guard let topic = request.uri.queryParameters["topic"].map(String.init) else {
            throw APIError.invalid("topic", "This field is required.")
        }
        guard topics.contains(topic) else {
            throw APIError.invalid("topic", "\"\(topic)\" is not a valid choice; there are: \(topics.sorted().joined(separator: ", ")).")
        }
        let first = try await firstOffset(request, topic)
        guard open.enter(limit: limit) else {
            throw APIError(
                .serviceUnavailable, code: "too_many_streams", detail: "Too many event streams are open. Try again later.",
                headers: [.retryAfter: "10"])
        }
        let (log, open) = (log, open)
        let body = ResponseBody { writer in
            defer { open.leave() }
            // Tells a browser how soon to come back, and that the stream is open.
            try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
            var next = first
            while true {
                let batch: [LoggedEvent]
                do {
                    // A server that is asked to stop ends its streams; clients come back to the next.
                    batch = try await cancelWhenGracefulShutdown { [next] in
                        try await log.read(topic: topic, from: next, limit: 100, wait: Self.heartbeat)
                    }
                } catch is CancellationError {
                    break
                }
                var text = batch.isEmpty ? ": \n\n" : ""
                for logged in batch {
                    next = logged.offset + 1
                    guard Self.mayRead(logged.event, reader) else { continue }
                    text += "id: \(logged.offset)\nevent: \(logged.event.type)\ndata: \(logged.event.json)\n\n"
                }
                if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", HTTPField.Name("X-Accel-Buffering")!: "no"],
            body: body)
    }

    /// Behind the last event that the client has seen; from the beginning where it asks for it; else what comes from now on.
    private func firstOffset(_ request: Request, _ topic: String) async throws -> Int64 {
        let parameters = request.uri.queryParameters
        let seen = request.headers[HTTPField.Name("Last-Event-ID")!] ?? parameters["last_event_id"].map(String.init)
        if let seen, !seen.isEmpty {
            guard let offset = Int64(seen), offset >= 0, offset < .max else {
                throw APIError.invalid("last_event_id", "A valid event id is required.")
            }
            return offset + 1
        }
        if parameters["from"] == "start" { return 0 }
        return try await log.endOffset(of: topic)
    }

    private struct Audience: Decodable {
        let visibility: String?
        let owner: String?
    }

    /// What is private is told to its owner only.
    private static func mayRead(_ event: CloudEvent, _ reader: Principal) -> Bool {
        guard let audience = try? JSONDecoder().decode(Audience.self, from: Data(event.data.utf8)) else { return false }
        return audience.visibility != "private" || audience.owner == reader.subject
    }
}
