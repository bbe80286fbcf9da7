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
    private let logger: Logger
    private let handler: Handler

    /// - Parameters:
    ///   - name: the consumer group; offsets and inbox are kept by it.
    ///   - database: the consumer's own, with `Inbox.migration`.
    ///   - attempts: how often a failing event is tried; the waits between double.
    public init(
        name: String, topic: String, log: any EventLog, database: any Database, attempts: Int = 5, firstWait: Duration = .milliseconds(200),
        logger: Logger, handler: @escaping Handler
    ) {
        self.name = name
        self.topic = topic
        self.log = log
        self.database = database
        self.attempts = attempts
        self.firstWait = firstWait
        self.logger = logger
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
            for logged in try await log.read(topic: topic, from: next, limit: 100, wait: .seconds(5)) {
                try await process(logged)
                next = logged.offset + 1
            }
        }
    }

    private func process(_ logged: LoggedEvent) async throws {
        var wait = firstWait
        for attempt in 1...max(1, attempts) {
            do {
                try await database.write { connection in
                    if try Inbox.record(logged.event.id, consumer: name, on: connection) { try handler(logged.event, connection) }
                    try Inbox.setOffset(logged.offset + 1, name, topic, on: connection)
                }
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
