import Events
import Foundation
import Logging
import Persistence
import ServiceLifecycle
import Synchronization
import WebAPI

/// Sends what waits in the queues: several requests at once to each endpoint, so that one that is slow or down holds up nobody
/// but itself.
struct WebhookDispatcher: Service {
    let core: WebhookCore

    private static let longestSleep = Duration.seconds(2)
    private static let sweepInterval = Duration.seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await sweep() }
                while !Task.isCancelled {
                    var sleep = Self.longestSleep
                    do {
                        let (claims, next) = try await claim()
                        for claim in claims { group.addTask { await deliver(claim) } }
                        if let next { sleep = min(sleep, max(.milliseconds(10), .milliseconds(next - MediaCore.now()))) }
                    } catch is CancellationError {
                        break
                    } catch {
                        core.logger.error("webhooks wait", metadata: ["error": "\(error)"])
                    }
                    await core.signal.wait(atMost: sleep)
                }
            }
        }
    }

    // MARK: Taking

    private struct Claim: Sendable {
        let delivery: WebhookDelivery
        let url: String
        let secrets: [WebhookSecret]
    }

    /// Takes what is due, as far as each endpoint has room.
    private func claim() async throws -> (claims: [Claim], next: Int64?) {
        let now = MediaCore.now()
        // Looking first keeps an idle server from writing.
        let (endpoints, next) = try await core.database.read { try WebhookQueue.due(now: now, on: $0) }
        let rooms = endpoints.map { (id: $0, room: core.settings.connections - core.underWay.count(of: $0)) }.filter { $0.room > 0 }
        guard !rooms.isEmpty else { return ([], next) }
        let until = now + Int64((core.settings.timeout + .seconds(60)) / .milliseconds(1))
        let claims = try await core.database.write { [vault = core.vault] connection in
            try rooms.flatMap { endpoint in
                guard let found = try WebhookTable.findActive(endpoint.id, on: connection) else { return [Claim]() }
                let secrets = try WebhookTable.sealedSecrets(of: found.id, now: now, on: connection).compactMap {
                    vault.open($0, of: found.id)
                }
                return try WebhookQueue.lease(found.id, limit: endpoint.room, now: now, until: until, on: connection).map {
                    Claim(delivery: $0, url: found.url, secrets: secrets)
                }
            }
        }
        for claim in claims { core.underWay.begin(claim.delivery.endpointID) }
        return (claims, next)
    }

    // MARK: Sending

    private func deliver(_ claim: Claim) async {
        let delivery = claim.delivery
        let start = ContinuousClock.now
        let attempt = await core.sender.send(delivery, to: claim.url, secrets: claim.secrets, now: Date())
        let decision = WebhookSchedule(waits: core.settings.waits).decide(attempt, number: delivery.attempts, random: .random(in: 0...1))
        do {
            try await settle(delivery, attempt, decision)
        } catch {
            // The lease ends by itself, and the delivery is sent again under the same id.
            core.logger.error("a webhook's outcome could not be written", metadata: ["delivery": "\(delivery.id)", "error": "\(error)"])
        }
        core.underWay.end(delivery.endpointID)
        record(delivery, attempt, decision, seconds: (ContinuousClock.now - start) / .seconds(1))
        await core.signal.wake()
    }

    private func settle(_ delivery: WebhookDelivery, _ attempt: WebhookAttempt, _ decision: WebhookSchedule.Decision) async throws {
        var status: Int?
        var reason: String?
        switch attempt {
        case .answered(let code, _):
            status = code
            if !(200..<300).contains(code) { reason = (300..<400).contains(code) ? "redirect" : "http_status" }
        case .failed(let code): reason = code
        case .cancelled: break
        }
        try await core.database.write { [status, reason] connection in
            let now = MediaCore.now()
            switch decision {
            case .delivered:
                try WebhookQueue.settle(delivery, as: .delivered, responseStatus: status, error: nil, now: now, on: connection)
            case .giveUp:
                try WebhookQueue.settle(delivery, as: .failed, responseStatus: status, error: reason, now: now, on: connection)
            case .retry(let wait):
                try WebhookQueue.release(
                    delivery, runAfter: now + Int64(wait / .milliseconds(1)), responseStatus: status, error: reason, countsAttempt: true,
                    on: connection)
            case .putBack:
                try WebhookQueue.release(
                    delivery, runAfter: now, responseStatus: delivery.lastStatus, error: delivery.lastError, countsAttempt: false,
                    on: connection)
            case .disable:
                try WebhookQueue.settle(delivery, as: .failed, responseStatus: status, error: "gone", now: now, on: connection)
                try WebhookCore.disable(delivery.endpointID, "gone", now: now, on: connection)
            }
        }
    }

    private func record(_ delivery: WebhookDelivery, _ attempt: WebhookAttempt, _ decision: WebhookSchedule.Decision, seconds: Double) {
        let result =
            switch decision {
            case .delivered: "delivered"
            case .retry: "retry"
            case .giveUp: "given_up"
            case .disable: "gone"
            case .putBack: "put_back"
            }
        core.metrics.count("agrovet_webhook_attempts_total", "Webhook requests sent.", labels: [("result", result)])
        core.metrics.observe("agrovet_webhook_duration_seconds", "Time from sending a webhook to its answer.", seconds)
        // Neither the URL, which may hold a secret of the receiver's, nor the body.
        core.logger.log(
            level: decision == .delivered ? .debug : decision == .giveUp || decision == .disable ? .warning : .info, "webhook",
            metadata: [
                "endpoint": "\(delivery.endpointID)", "delivery": "\(delivery.id)", "type": "\(delivery.type)",
                "attempt": "\(delivery.attempts)", "outcome": "\(attempt)", "result": "\(result)",
            ])
    }

    // MARK: Housekeeping

    private func sweep() async {
        while !Task.isCancelled {
            do {
                try await core.sweep()
            } catch {
                core.logger.error("old webhooks could not be removed", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: Self.sweepInterval)
        }
    }
}

/// How many requests are under way to each endpoint.
final class WebhooksUnderWay: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func count(of endpoint: String) -> Int { counts.withLock { $0[endpoint] ?? 0 } }
    func begin(_ endpoint: String) { counts.withLock { $0[endpoint, default: 0] += 1 } }
    func end(_ endpoint: String) {
        counts.withLock { counts in
            counts[endpoint, default: 0] -= 1
            if counts[endpoint, default: 0] <= 0 { counts[endpoint] = nil }
        }
    }
}
