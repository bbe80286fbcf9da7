import Logging
import Persistence
import ServiceLifecycle

/// Moves events from a service's outbox to the event log, each topic's in order. An entry leaves the outbox only when it is durable in the
/// log; if the process dies between the two it is sent again, and the log drops it by its id. Two processes that relay one outbox do so
/// beside each other.
public final class OutboxRelay: Service {
    private let database: any Database
    private let log: any EventLog
    private let logger: Logger
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    private static let batch = 200
    /// What an event of another process on the same database waits for at most.
    private static let poll = Duration.seconds(2)
    private static let longestWait = Duration.seconds(30)

    public init(database: any Database, log: any EventLog, logger: Logger) {
        self.database = database
        self.log = log
        self.logger = logger
        // One wake-up is as good as many: the relay empties the outbox.
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// To be called after a commit that left events in the outbox.
    public func wake() { wakeUp.yield() }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while (try? await Task.sleep(for: Self.poll)) != nil { self.wake() }
                }
                group.addTask { await self.relay() }
            }
        }
        // What was committed before the end is told before the end.
        _ = try? await Task { try await self.empty() }.value
    }

    private func relay() async {
        var wait = Duration.milliseconds(100)
        wake()
        for await _ in wakeUps {
            do {
                try await empty()
                wait = .milliseconds(100)
            } catch {
                if Task.isCancelled { return }
                logger.error("events wait in the outbox", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: wait)
                wait = min(wait * 2, Self.longestWait)
                wake()
            }
        }
    }

    /// Publishes until nothing is left but what cannot be published now. A topic that fails holds up no other, and none of its own events
    /// overtakes another.
    /// - Throws: what the last topic failed with.
    private func empty() async throws {
        var failures: [String: any Error] = [:]
        while true {
            let entries = try await database.read { [topics = Set(failures.keys)] in
                try Outbox.oldest(Self.batch, without: topics, on: $0)
            }
            guard !entries.isEmpty else { break }
            for (topic, ofTopic) in Dictionary(grouping: entries, by: \.topic) {
                do {
                    try await log.append(ofTopic.map(\.event), to: topic)
                } catch {
                    if Task.isCancelled { throw error }
                    failures[topic] = error
                    continue
                }
                // At once: what is in the log need not be sent again because another topic fails.
                try await database.write { try Outbox.remove(ofTopic, on: $0) }
            }
        }
        if let failure = failures.first { throw Blocked(topics: failures.keys.sorted(), reason: "\(failure.value)") }
    }

    private struct Blocked: Error, CustomStringConvertible {
        let topics: [String]
        let reason: String
        var description: String { "\(topics.joined(separator: ", ")): \(reason)" }
    }
}
