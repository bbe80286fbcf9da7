import AuthService
import Events
import Foundation
import Logging
import ServiceLifecycle
import WebAPI

/// Tells the list of what has ended what the auth service tells on its topic, in whatever process that runs: from so far back that no
/// access token is older, and then as it comes.
struct RevocationFollower: Service {
    let log: any EventLog
    let revocations: RevocationList
    /// The longest life of an access token, in seconds.
    let lifetime: TimeInterval
    let logger: Logger

    private static let batch = 500

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await follow()
                } catch {
                    if Task.isCancelled { return }
                    logger.error("ended sessions are not heard of", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    private func follow() async throws {
        var next = try await first(since: Date(timeIntervalSinceNow: -lifetime))
        while !Task.isCancelled {
            let batch = try await log.read(topic: AuthService.topic, from: next, limit: Self.batch, wait: .seconds(5))
            for logged in batch {
                revocations.take(eventType: logged.event.type, subject: logged.event.subject, data: logged.event.data)
                next = logged.offset + 1
            }
        }
    }

    /// Takes in what is in the log already. To be called before requests are taken.
    func catchUp() async throws {
        var next = try await first(since: Date(timeIntervalSinceNow: -lifetime))
        let end = try await log.endOffset(of: AuthService.topic)
        while next < end {
            let batch = try await log.read(topic: AuthService.topic, from: next, limit: Self.batch, wait: .zero)
            guard let last = batch.last else { return }
            for logged in batch {
                revocations.take(eventType: logged.event.type, subject: logged.event.subject, data: logged.event.data)
            }
            next = last.offset + 1
        }
    }

    /// The offset of the first event that is not older: events stand in the order of their time, give or take what clocks differ.
    private func first(since time: Date) async throws -> Int64 {
        var (low, high) = (Int64(0), try await log.endOffset(of: AuthService.topic))
        while low < high {
            let middle = low + (high - low) / 2
            guard let logged = try await log.read(topic: AuthService.topic, from: middle, limit: 1, wait: .zero).first else { return low }
            if logged.event.time < time.addingTimeInterval(-60) { low = max(logged.offset, middle) + 1 } else { high = middle }
        }
        return low
    }
}
