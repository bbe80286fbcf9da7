import Foundation
import Logging
import Persistence
import ServiceLifecycle

/// Reads topics from where it left off and hands each event to a handler, in one transaction with the place and the inbox: at least
/// once on the wire, exactly once in effect, each topic in its order. An event that fails again and again goes to the topic
/// `<topic>.dead` (`DeadLetter`), and the consumer goes on.
///
/// Several processes may run one consumer on one database: one of them moves on at a time, and no event is handled by two.
public struct EventConsumer: Service {
    /// Does an event's work in the transaction; may be called again after a failure.
    public typealias Handler = @Sendable (CloudEvent, any SQLConnection) throws -> Void

    let name: String
    let log: any EventLog
    let database: any Database
    let attempts: Int
    let firstWait: Duration
    let linger: Duration
    let logger: Logger
    let afterCommit: @Sendable () async -> Void
    /// The handler of events of a type; nil where they are passed over.
    let handler: @Sendable (_ type: String) -> Handler?
    private let topics: [String]
    private let inboxMemory: Duration

    /// How long a consumer waits for events before it looks again whether its place was moved.
    public static let patience = Duration.seconds(5)
    private static let forgetEvery = Duration.seconds(3600)

    /// A consumer of several topics.
    /// - Parameters:
    ///   - name: the consumer group; places and inbox are kept by it.
    ///   - database: the consumer's own, with `Inbox.migration`.
    ///   - attempts: how often a failing event is tried; the waits between double.
    ///   - linger: how long an event waits for others to be handled with, in one transaction.
    ///   - inboxMemory: how long the inbox remembers an event: longer than an outbox may hold one back.
    ///   - afterCommit: called when events' work is durable; to wake whoever goes on from there.
    ///   - handlers: by the events' type; events of other types are passed over.
    public init(
        name: String, topics: [String], log: any EventLog, database: any Database, attempts: Int = 5,
        firstWait: Duration = .milliseconds(200), linger: Duration = .zero, inboxMemory: Duration = .seconds(90 * 86_400), logger: Logger,
        afterCommit: @escaping @Sendable () async -> Void = {}, handlers: [String: Handler]
    ) {
        self.init(
            name, topics, log, database, attempts, firstWait, linger, inboxMemory, logger, afterCommit, { type in handlers[type] })
    }

    /// A consumer of every event of one topic.
    public init(
        name: String, topic: String, log: any EventLog, database: any Database, attempts: Int = 5, firstWait: Duration = .milliseconds(200),
        linger: Duration = .zero, inboxMemory: Duration = .seconds(90 * 86_400), logger: Logger,
        afterCommit: @escaping @Sendable () async -> Void = {}, handler: @escaping Handler
    ) {
        self.init(
            name, [topic], log, database, attempts, firstWait, linger, inboxMemory, logger, afterCommit, { _ in handler })
    }

    private init(
        _ name: String, _ topics: [String], _ log: any EventLog, _ database: any Database, _ attempts: Int, _ firstWait: Duration,
        _ linger: Duration, _ inboxMemory: Duration, _ logger: Logger, _ afterCommit: @escaping @Sendable () async -> Void,
        _ handler: @escaping @Sendable (String) -> Handler?
    ) {
        self.name = name
        self.topics = topics
        self.log = log
        self.database = database
        self.attempts = max(1, attempts)
        self.firstWait = firstWait
        self.linger = linger
        self.inboxMemory = inboxMemory
        self.logger = logger
        self.afterCommit = afterCommit
        self.handler = handler
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for topic in topics {
                    group.addTask { await TopicFollower(consumer: self, topic: topic, source: .events).run() }
                    // What a person has tried again.
                    group.addTask {
                        await TopicFollower(consumer: self, topic: DeadLetter.topic(of: topic), source: .deadLetters).run()
                    }
                }
                group.addTask { await forget() }
            }
        }
    }

    /// Keeps the inbox from growing for ever.
    private func forget() async {
        while !Task.isCancelled {
            do {
                let limit = Int64((Date().timeIntervalSince1970 - inboxMemory / .seconds(1)) * 1000)
                try await database.write { try Inbox.forget(before: limit, consumer: name, on: $0) }
            } catch {
                logger.error("old events could not be forgotten", metadata: ["consumer": "\(name)", "error": "\(error)"])
            }
            try? await Task.sleep(for: Self.forgetEvery)
        }
    }
}
