import Events
import Persistence
import WebAPI

/// What waits between the services, at the time of a scrape.
struct EventGauges: Sendable {
    /// Databases with an outbox, by the service's name.
    let outboxes: [(service: String, database: any Database)]
    /// Databases with inboxes.
    let inboxes: [any Database]
    let log: any EventLog
    private let letters: [(topic: String, letters: DeadLetters)]

    init(
        outboxes: [(service: String, database: any Database)], inboxes: [any Database], log: any EventLog, topics: [String]
    ) {
        self.outboxes = outboxes
        self.inboxes = inboxes
        self.log = log
        letters = topics.map { ($0, DeadLetters(log: log, topic: $0)) }
    }

    /// A database that is away leaves its values out.
    func gauges() async -> [MetricsRegistry.Gauge] {
        var gauges: [MetricsRegistry.Gauge] = []
        for (service, database) in outboxes {
            guard let pending = try? await database.read({ try Outbox.pendingCount(on: $0) }) else { continue }
            gauges.append(
                .init(
                    "agrovet_events_outbox_pending", "Events that are not in the log yet.", Double(pending), labels: [("service", service)])
            )
        }
        for database in inboxes {
            let places = (try? await database.read { try Inbox.places(on: $0) }) ?? []
            for place in places where !DeadLetter.isTopic(place.topic) {
                guard let end = try? await log.endOffset(of: place.topic) else { continue }
                gauges.append(
                    .init(
                        "agrovet_events_consumer_lag", "Events that a consumer has not handled yet.", Double(max(0, end - place.next)),
                        labels: [("consumer", place.consumer), ("topic", place.topic)]))
            }
        }
        for (topic, letters) in letters {
            guard let count = try? await letters.unsettled().count else { continue }
            gauges.append(
                .init(
                    "agrovet_events_dead_letters", "Events that a consumer gave up and nobody has settled.", Double(count),
                    labels: [("topic", topic)]))
        }
        return gauges
    }
}
