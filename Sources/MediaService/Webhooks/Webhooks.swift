import Events
import Foundation
import Logging
import Persistence
import ServiceLifecycle
import WebAPI

/// Signed messages to other services when media change (Standard Webhooks; docs/HOOKS.md). A consumer of the media events: what an
/// endpoint is to be told is written down in the transaction that moves the consumer on, and stays written down until the
/// receiver has said 2xx or the schedule has ended.
public struct Webhooks: Sendable {
    private let core: WebhookCore
    private let log: any EventLog

    /// - Parameters:
    ///   - database: the media service's, migrated.
    ///   - log: that the media service's events are published to.
    ///   - key: of the installation; seals the endpoints' secrets in the database.
    public init(
        database: any Database, log: any EventLog, key: String, settings: WebhookSettings, metrics: MetricsRegistry, logger: Logger
    ) {
        let policy = AddressPolicy(allowing: settings.allowed)
        core = WebhookCore(
            database: database, settings: settings, vault: WebhookVault(secret: key), policy: policy,
            sender: WebhookSender(policy: policy, timeout: settings.timeout), metrics: metrics, logger: logger)
        self.log = log
        metrics.collect { [core] in
            guard let pending = try? await core.database.read({ try WebhookQueue.pendingCount(on: $0) }) else { return [] }
            return [MetricsRegistry.Gauge("agrovet_webhook_pending", "Webhook deliveries not settled yet.", Double(pending))]
        }
    }

    /// Takes up what a process that died had in hand. To be called once, by the only process on the database.
    public func prepare() async throws {
        try await core.database.write { try WebhookQueue.releaseAll(on: $0) }
    }

    public var routes: [Route] { WebhookRoutes(core: core).routes }

    /// The work that goes on beside requests.
    public var services: [any Service] {
        let consumer = EventConsumer(
            name: WebhookCore.consumer, topic: MediaService.topic, log: log, database: core.database, linger: .milliseconds(30),
            logger: core.logger,
            afterCommit: { [core] in await core.signal.wake() }
        ) { [core] event, connection in try core.enqueue(event, on: connection) }
        return [consumer, WebhookDispatcher(core: core)]
    }
}
