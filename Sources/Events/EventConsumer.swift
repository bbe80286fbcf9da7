import Logging
import Persistence
import ServiceLifecycle

/// Reads a topic from where it left off and hands each event to a handler, in one transaction with the offset and the inbox:
/// at least once on the wire, exactly once in effect. An event that fails again and again goes to the topic `<topic>.dead`, and
/// the consumer goes on.
public struct EventConsumer: Service {
    /// Does an event's work in the transaction; may be called again after a failure.
    public typealias Handler = @Sendable (CloudEvent, any SQLConnection) throws -> Void

    private let name: String
    private let topic: String
    private let log: any EventLog
    private let database: any Database
    private let attempts: Int
    private let firstWait: Duration
    private let linger: Duration
    private let logger: Logger
    /// Events that are read, and handled, at once.
    private static let batchSize = 100

    private let afterCommit: @Sendable () async -> Void
    private let handler: Handler

    /// - Parameters:
    ///   - name: the consumer group; offsets and inbox are kept by it.
    ///   - database: the consumer's own, with `Inbox.migration`.
    ///   - attempts: how often a failing event is tried; the waits between double.
    ///   - linger: how long an event waits for others to be handled with, in one transaction.
    ///   - afterCommit: called when an event's work is durable; to wake whoever goes on from there.
    public init(
        name: String, topic: String, log: any EventLog, database: any Database, attempts: Int = 5, firstWait: Duration = .milliseconds(200),
        linger: Duration = .zero, logger: Logger, afterCommit: @escaping @Sendable () async -> Void = {}, handler: @escaping Handler
    ) {
        self.name = name
        self.topic = topic
        self.log = log
        self.database = database
        self.attempts = attempts
        self.firstWait = firstWait
        self.linger = linger
        self.logger = logger
        self.afterCommit = afterCommit
        self.handler = handler
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await consume()
                } catch {
                    if Task.isCancelled { return }
                    logger.error("consumer waits", metadata: ["consumer": "\(name)", "topic": "\(topic)", "error": "\(error)"])
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    private func consume() async throws {
        var next = try await database.read { try Inbox.offset(name, topic, on: $0) }
        while !Task.isCancelled {
            var batch = try await log.read(topic: topic, from: next, limit: Self.batchSize, wait: .seconds(5))
            if linger > .zero, !batch.isEmpty, batch.count < Self.batchSize {
                try await Task.sleep(for: linger)
                batch = try await log.read(topic: topic, from: next, limit: Self.batchSize, wait: .zero)
            }
            guard let last = batch.last else { continue }
            if try await !processTogether(batch) {
                for logged in batch {
                    try await process(logged)
                    next = logged.offset + 1
                }
            }
            next = last.offset + 1
        }
    }

    /// Does the work of several events in one transaction, which costs as much as one event's; false where one of them failed,
    /// and nothing happened.
    private func processTogether(_ batch: [LoggedEvent]) async throws -> Bool {
        guard linger > .zero, batch.count > 1, let last = batch.last else { return false }
        do {
            try await database.write { connection in
                for logged in batch where try Inbox.record(logged.event.id, consumer: name, on: connection) {
                    try handler(logged.event, connection)
                }
                try Inbox.setOffset(last.offset + 1, name, topic, on: connection)
            }
        } catch {
            // Each by itself, so that the one that fails is found.
            if Task.isCancelled || error is CancellationError { throw error }
            return false
        }
        await afterCommit()
        return true
    }

    private func process(_ logged: LoggedEvent) async throws {
        var wait = firstWait
        for attempt in 1...max(1, attempts) {
            do {
                try await database.write { connection in
                    if try Inbox.record(logged.event.id, consumer: name, on: connection) { try handler(logged.event, connection) }
                    try Inbox.setOffset(logged.offset + 1, name, topic, on: connection)
                }
                await afterCommit()
                return
            } catch let error as DatabaseError where error.isOutage {
                // Not the event's fault: it is tried again for as long as it takes.
                throw error
            } catch {
                // Nor is the end of the process.
                if Task.isCancelled || error is CancellationError { throw error }
                logger.warning(
                    "an event could not be handled",
                    metadata: ["consumer": "\(name)", "event_id": "\(logged.event.id)", "attempt": "\(attempt)", "error": "\(error)"])
                if attempt < attempts {
                    try await Task.sleep(for: wait)
                    wait = wait * 2
                }
            }
        }
        try await log.append([logged.event], to: topic + ".dead")
        try await database.write { connection in
            _ = try Inbox.record(logged.event.id, consumer: name, on: connection)
            try Inbox.setOffset(logged.offset + 1, name, topic, on: connection)
        }
    }
}

extension DatabaseError {
    fileprivate var isOutage: Bool {
        switch self {
        case .unavailable, .diskFull, .conflict: true
        default: false
        }
    }
}
