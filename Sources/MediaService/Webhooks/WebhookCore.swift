import Events
import Foundation
import Logging
import Persistence
import WebAPI

/// What all parts of the webhooks share, and the changes that more than one of them makes.
struct WebhookCore: Sendable {
    let database: any Database
    let settings: WebhookSettings
    let vault: WebhookVault
    let policy: AddressPolicy
    let sender: WebhookSender
    let metrics: MetricsRegistry
    let logger: Logger
    let underWay = WebhooksUnderWay()
    /// Wakes the dispatcher.
    let signal = WakeUpSignal()

    /// The consumer group of the topic.
    static let consumer = "webhooks"

    /// Puts an event into the queue of every endpoint that wants it and may have it; in the transaction that the consumer's offset
    /// is moved in.
    func enqueue(_ event: CloudEvent, on connection: any SQLConnection) throws {
        let now = MediaCore.now()
        let happened = Timestamp.milliseconds(event.time)
        var body: String?
        // An endpoint is not told of what was before it.
        for endpoint in try WebhookTable.active(on: connection)
        where endpoint.events.contains(event.type) && endpoint.created <= happened && WebhookAudience.mayRead(event, endpoint.owner) {
            let text = body ?? WebhookPayload(publicURL: settings.publicURL).body(of: event)
            body = text
            try WebhookQueue.enqueue(
                .init(id: event.id, type: event.type, subject: event.subject, body: text), to: endpoint.id, now: now, on: connection)
        }
    }

    /// Switches an endpoint off and gives up what waits for it.
    static func disable(_ id: String, _ reason: String, now: Int64, on connection: any SQLConnection) throws {
        guard var endpoint = try WebhookTable.find(id, on: connection) else { return }
        endpoint.isActive = false
        endpoint.disabledReason = reason
        endpoint.updated = now
        try WebhookTable.update(endpoint, on: connection)
        try WebhookQueue.failAll(of: id, error: "endpoint_disabled", now: now, on: connection)
    }

    /// Removes what is old, and switches off endpoints that too much waits for.
    func sweep() async throws {
        let overflowing = try await database.write { [settings] connection in
            let now = MediaCore.now()
            try WebhookQueue.removeSettled(before: now - Int64(settings.retention / .milliseconds(1)), on: connection)
            try WebhookTable.removeExpiredSecrets(now: now, on: connection)
            let overflowing = try WebhookQueue.overflowing(limit: settings.pending, on: connection)
            for id in overflowing { try Self.disable(id, "too_many_pending", now: now, on: connection) }
            return overflowing
        }
        for id in overflowing {
            logger.error("a webhook endpoint was switched off: too much waits for it", metadata: ["endpoint": "\(id)"])
        }
    }
}
