import Events
import Foundation
import Logging
import Persistence
import Schemas
import WebAPI

/// Settings of the marketplace; each is one of the program's.
public struct MarketplaceSettings: Sendable {
    /// How long an ad stays in the lists where its seller did not say.
    public var addLifetime = Duration.seconds(60 * 86_400)
    /// Ads of one seller that are not expired.
    public var addsPerSeller = 1000
    /// How long an order waits for its payment before it is cancelled.
    public var paymentTimeout = Duration.seconds(3 * 86_400)
    /// What currency an ad has where its seller did not say; ISO 4217.
    public var currency = "USD"
    public var savedSearchesPerUser = 50
    /// How long repetitions of a request are recognised.
    public var idempotency = Duration.seconds(7 * 86_400)
    /// Public address of the media service; empty: as the client addressed this server.
    public var mediaURL = ""
    public var publicURL = ""
    /// Between two looks for what has expired.
    public var interval = Duration.seconds(60)

    public init() {}
}

/// What all parts of the marketplace share.
struct MarketplaceCore: Sendable {
    static let source = "/agrovet/marketplace"

    let database: any Database
    let settings: MarketplaceSettings
    let payments: any PaymentProvider
    let logger: Logger
    /// Called after a commit that left events in the outbox.
    let wakeRelay: @Sendable () -> Void
    /// Buyers of one ad, one after the other: they would only undo each other's transactions.
    let turns = Turns()
    /// Wakes whoever tidies up.
    let upkeep = WakeUpSignal()

    /// Writes an event into the outbox of the transaction under way.
    func emit(_ type: String, _ subject: String, _ data: JSONValue, on connection: any SQLConnection) throws {
        try Outbox.append(
            CloudEvent(id: UUIDv7.make(), source: Self.source, type: type, subject: subject, time: Date(), data: data.json),
            topic: MarketplaceService.topic, on: connection)
    }

    @discardableResult
    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        let value = try await database.write(body)
        wakeRelay()
        return value
    }

    func mediaBase(_ call: Call) -> String {
        call.request.base(publicURL: settings.mediaURL.isEmpty ? settings.publicURL : settings.mediaURL)
    }
    func base(_ call: Call) -> String { call.request.base(publicURL: settings.publicURL) }
}

/// Lets those who want the same thing have it one after the other, first come, first served.
actor Turns {
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    func take<T: Sendable>(_ key: String, _ body: @Sendable () async throws -> T) async rethrows -> T {
        if waiting[key] == nil {
            waiting[key] = []
        } else {
            await withCheckedContinuation { waiting[key]?.append($0) }
        }
        defer { pass(key) }
        return try await body()
    }

    private func pass(_ key: String) {
        guard var queue = waiting[key] else { return }
        if queue.isEmpty {
            waiting[key] = nil
        } else {
            let next = queue.removeFirst()
            waiting[key] = queue
            next.resume()
        }
    }
}
