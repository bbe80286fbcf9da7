import Events
import Foundation
import HTTPTypes
import Hummingbird
import ServiceLifecycle
import Synchronization
import WebAPI

/// `GET /api/events/?topic=…`: topics' events as they come, as server-sent events (WHATWG HTML section 9.2).
package struct EventStream: Sendable {
    /// A topic that may be followed.
    package struct Topic: Sendable {
        let name: String
        /// Whether a reader may be told of an event.
        let mayRead: @Sendable (CloudEvent, Principal) async throws -> Bool

        package init(name: String, mayRead: @escaping @Sendable (CloudEvent, Principal) async throws -> Bool) {
            self.name = name
            self.mayRead = mayRead
        }
    }

    private let log: any EventLog
    private let topics: [String: Topic]
    private let catalogue: EventCatalogue
    private let limits: Limits
    /// Who makes a request, as it stands now.
    private let principal: @Sendable (Request) async throws -> Principal?
    private let open = OpenStreams()

    package struct Limits: Sendable {
        /// Streams at once, of all and of one user.
        let streams: Int
        let streamsOfUser: Int
        /// A stream whose reader may read no more ends this long after at the latest.
        let recheck: Duration

        package init(streams: Int, streamsOfUser: Int, recheck: Duration) {
            self.streams = streams
            self.streamsOfUser = streamsOfUser
            self.recheck = recheck
        }
    }

    /// A comment is sent after this long without an event at the latest, so that proxies and dead peers are noticed.
    private static let heartbeat = Duration.seconds(15)
    /// Events that are sent in one piece.
    private static let batch = 100

    /// - Parameter principal: of a request; nil, or an error, where its credentials are good no more.
    package init(
        log: any EventLog, topics: [Topic], catalogue: EventCatalogue, limits: Limits,
        principal: @escaping @Sendable (Request) async throws -> Principal?
    ) {
        self.log = log
        self.topics = Dictionary(topics.map { ($0.name, $0) }) { first, _ in first }
        self.catalogue = catalogue
        self.limits = limits
        self.principal = principal
    }

    private final class OpenStreams: Sendable {
        private let byUser = Mutex<[String: Int]>([:])
        /// Nil where there are as many as may be.
        func enter(_ user: String, _ limits: Limits) -> Place? {
            byUser.withLock { streams in
                guard streams.values.reduce(0, +) < limits.streams, streams[user, default: 0] < limits.streamsOfUser else { return nil }
                streams[user, default: 0] += 1
                return Place(user: user, open: self)
            }
        }

        /// A stream's place among those that are open, for as long as somebody holds it: the answer to a HEAD, or to a client that is gone
        /// already, is never written.
        final class Place: Sendable {
            private let user: String
            private let open: OpenStreams
            init(user: String, open: OpenStreams) {
                self.user = user
                self.open = open
            }
            deinit {
                open.byUser.withLock { streams in
                    let left = streams[user, default: 0] - 1
                    streams[user] = left > 0 ? left : nil
                }
            }
        }
    }

    package var routes: [Route] {
        [
            Route(.get, "/api/events/", "Events as they happen", endpoint) { request, context in
                try await stream(request, context)
            }
        ]
    }

    private var endpoint: Endpoint {
        Endpoint(
            "events",
            details: "Server-sent events (WHATWG HTML section 9.2): each with its type, its CloudEvent as data, and an id to go on from. "
                + "It ends when the credentials do. "
                + "What each type looks like: GET /api/events/schema/.",
            scope: "events:read",
            parameters: [
                .query("topic", .string(1...2000), "Topics, separated by commas: \(topics.keys.sorted().joined(separator: ", "))"),
                .query("type", .string(0...2000), "Only events of these types, separated by commas"),
                .query("from", .choice(["start"]), "From the first event that is retained; else from now on"),
                .query("last_event_id", .string(0...2000), "Behind this event, for those who cannot set the header"),
                .header("Last-Event-ID", .string(0...2000), "Behind this event"),
            ],
            answers: [
                .init(200, "A stream that does not end", .string(), contentType: "text/event-stream"),
                .init(503, "Too many streams are open", APIError.schema, headers: [("Retry-After", "Seconds")]),
            ])
    }

    /// What a request asks for.
    private struct Wish {
        var topics: [Topic]
        /// Nil for all.
        var types: Set<String>?
        var places: EventPlaces
    }

    private func stream(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let reader = try context.requirePrincipal()
        let wish = try await wish(request)
        guard let place = open.enter(reader.subject, limits) else {
            throw APIError(
                .serviceUnavailable, code: "too_many_streams", detail: "Too many event streams are open. Try again later.",
                headers: [.retryAfter: "10"])
        }
        let body = ResponseBody { writer in
            defer { withExtendedLifetime(place) {} }
            // Tells a browser how soon to come back, and that the stream is open.
            try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
            var (places, reader, checked) = (wish.places, reader, ContinuousClock.now)
            while true {
                let batch: (topic: Topic, events: [LoggedEvent])?
                do {
                    // A server that is asked to stop ends its streams; clients come back to the next.
                    batch = try await cancelWhenGracefulShutdown { [places] in try await next(wish.topics, places) }
                } catch is CancellationError {
                    break
                }
                if ContinuousClock.now - checked >= limits.recheck {
                    // Signed out, disabled or expired meanwhile; a client that still may comes back with what it has by then.
                    guard let again = try? await principal(request), (try? endpoint.admit(again)) != nil else { break }
                    (reader, checked) = (again, .now)
                }
                var text = batch == nil ? ": \n\n" : ""
                for logged in batch?.events ?? [] {
                    guard let topic = batch?.topic else { break }
                    places.pass(logged.offset, in: topic.name)
                    guard wish.types?.contains(logged.event.type) != false, try await topic.mayRead(logged.event, reader) else { continue }
                    text += "id: \(places.id)\nevent: \(logged.event.type)\ndata: \(logged.event.json)\n\n"
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

    /// The next events of whichever topic has some; nil after a heartbeat without.
    private func next(_ topics: [Topic], _ places: EventPlaces) async throws -> (topic: Topic, events: [LoggedEvent])? {
        let wait = min(Self.heartbeat, limits.recheck)
        if topics.count > 1 {
            // The one that stands still longest comes first, so that none starves another.
            for topic in topics.shuffled() {
                let events = try await read(topic, places, wait: .zero)
                if !events.isEmpty { return (topic, events) }
            }
        }
        return try await withThrowingTaskGroup(of: (Topic, [LoggedEvent]).self) { group in
            for topic in topics { group.addTask { (topic, try await read(topic, places, wait: wait)) } }
            defer { group.cancelAll() }
            while let (topic, events) = try await group.next() {
                if !events.isEmpty { return (topic, events) }
            }
            return nil
        }
    }

    private func read(_ topic: Topic, _ places: EventPlaces, wait: Duration) async throws -> [LoggedEvent] {
        try await log.read(topic: topic.name, from: places.next[topic.name] ?? 0, limit: Self.batch, wait: wait)
    }

    // MARK: What is asked for

    private func wish(_ request: Request) async throws -> Wish {
        let parameters = request.uri.queryParameters
        func list(_ name: String) -> [String] {
            var seen: Set<String> = []
            return parameters.filter { $0.key == name[...] }
                .flatMap { $0.value.split(separator: ",").map(String.init) }
                .filter { seen.insert($0).inserted }
        }
        let names = list("topic")
        guard !names.isEmpty else { throw APIError.invalid("topic", "This field is required.") }
        let wanted = try names.map { name in
            guard let topic = topics[name] else {
                throw APIError.invalid(
                    "topic", "\"\(name)\" is not a valid choice; there are: \(topics.keys.sorted().joined(separator: ", ")).")
            }
            return topic
        }
        let types = list("type")
        let known = catalogue.types(of: Set(names)).map(\.name)
        if let unknown = types.first(where: { !known.contains($0) }) {
            throw APIError.invalid("type", "\"\(unknown)\" is not a valid choice; there are: \(known.joined(separator: ", ")).")
        }
        return Wish(topics: wanted, types: types.isEmpty ? nil : Set(types), places: try await places(request, names))
    }

    /// Behind the last event that the client has seen; from the beginning where it asks for it; else what comes from now on.
    private func places(_ request: Request, _ topics: [String]) async throws -> EventPlaces {
        let parameters = request.uri.queryParameters
        let seen = request.headers[HTTPField.Name("Last-Event-ID")!] ?? parameters["last_event_id"].map(String.init)
        var places = EventPlaces([:])
        if let seen, !seen.isEmpty {
            guard let known = EventPlaces(id: seen, topics: topics) else {
                throw APIError.invalid("last_event_id", "A valid event id is required.")
            }
            places = known
        }
        for topic in topics {
            let end = try await log.endOffset(of: topic)
            // A place behind the end is one of another log, from before a restore: all that this one has is new to the client.
            if let next = places.next[topic], next > end { places.restart(topic) }
            places.begin(topic, at: parameters["from"] == "start" ? 0 : end)
        }
        return places
    }
}
