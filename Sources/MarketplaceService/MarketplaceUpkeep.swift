import Foundation
import Persistence
import ServiceLifecycle
import WebAPI

/// What time does: ads expire, orders that are not paid are cancelled, old keys are forgotten, ads are indexed anew.
struct MarketplaceUpkeep: Service {
    let core: MarketplaceCore

    /// In one transaction.
    private static let batch = 100

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    while try await AddSearch.refresh(core.database) {}
                    while try await expireAdds() {}
                    while try await cancelOrders() {}
                    try await forget()
                } catch {
                    if Task.isCancelled { return }
                    core.logger.error("the marketplace could not be tidied", metadata: ["error": "\(error)"])
                }
                await core.upkeep.wait(atMost: core.settings.interval)
            }
        }
    }

    /// Whether there may be more.
    private func expireAdds() async throws -> Bool {
        let now = Timestamp.now()
        let due = "WHERE adds.state IN ('published', 'sold') AND adds.expires <= $1 ORDER BY adds.expires LIMIT \(Self.batch)"
        // Looking first keeps an idle server from writing.
        guard try await core.database.read({ try !AddTable.list(due, [SQLValue(now)], on: $0).isEmpty }) else { return false }
        return try await core.write { connection in
            let adds = try AddTable.list(due, [SQLValue(now)], on: connection)
            for var add in adds {
                add.state = .expired
                try core.stockChanged(&add, on: connection)
            }
            return adds.count == Self.batch
        }
    }

    private func cancelOrders() async throws -> Bool {
        let last = Timestamp.now() - Int64(core.settings.paymentTimeout / .milliseconds(1))
        let due = "WHERE state = 'pending' AND created <= $1 ORDER BY created LIMIT \(Self.batch)"
        guard try await core.database.read({ try !OrderTable.list(due, [SQLValue(last)], on: $0).isEmpty }) else { return false }
        return try await core.write { connection in
            let orders = try OrderTable.list(due, [SQLValue(last)], on: connection)
            for order in orders {
                _ = try core.move(order, to: .cancelled, by: .system, "system", note: "The payment did not come in time.", on: connection)
            }
            return orders.count == Self.batch
        }
    }

    private func forget() async throws {
        let oldest = Timestamp.now() - Int64(core.settings.idempotency / .milliseconds(1))
        let isDue = try await core.database.read { connection in
            try !connection.query("SELECT 1 AS one FROM idempotency_keys WHERE created < $1 LIMIT 1", [SQLValue(oldest)]).isEmpty
        }
        if isDue { try await core.database.write { try IdempotencyKey.forget(before: oldest, on: $0) } }
    }
}
