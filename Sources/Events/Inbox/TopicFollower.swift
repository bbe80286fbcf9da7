import Foundation
import Logging
import Persistence

/// One consumer in one topic.
struct TopicFollower: Sendable {
    enum Source: Sendable {
        case events
        /// The topic of what failed: retries that are asked for there are events of the consumer's topic once more.
        case deadLetters
    }

    let consumer: EventConsumer
    let topic: String
    let source: Source

    /// Events that are read, and handled, at once.
    private static let batchSize = 100

    /// What is to be done at a place of the topic.
    private struct Work: Sendable {
        let offset: Int64
        /// Its place in the inbox.
        let id: String
        /// Nil where the event is passed over.
        var event: CloudEvent?
        var handler: EventConsumer.Handler?
        /// Which time the event is told: 1, or more after retries.
        var round = 1
        /// Where the event was in the consumer's topic.
        var origin: Int64
    }

    /// Until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                try await follow()
            } catch is Inbox.Moved {
                // Read again from where it is now.
            } catch {
                if Task.isCancelled { return }
                consumer.logger.error(
                    "consumer waits", metadata: ["consumer": "\(consumer.name)", "topic": "\(topic)", "error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func place() async throws -> Int64 {
        if let place = try await consumer.database.read({ try Inbox.place(consumer.name, topic, on: $0) }) { return place }
        try await consumer.database.write { try Inbox.begin(consumer.name, topic, on: $0) }
        return 0
    }

    private func follow() async throws {
        var next = try await place()
        while !Task.isCancelled {
            var batch = try await consumer.log.read(topic: topic, from: next, limit: Self.batchSize, wait: EventConsumer.patience)
            if consumer.linger > .zero, !batch.isEmpty, batch.count < Self.batchSize {
                try await Task.sleep(for: consumer.linger)
                batch = try await consumer.log.read(topic: topic, from: next, limit: Self.batchSize, wait: .zero)
            }
            guard let last = batch.last else {
                // It may have been moved meanwhile.
                next = try await place()
                continue
            }
            var works: [Work] = []
            for logged in batch { works.append(try await work(logged)) }
            if try await !doTogether(works, from: next) {
                for work in works {
                    try await doAlone(work, from: next)
                    next = work.offset + 1
                }
            }
            next = last.offset + 1
        }
    }

    private func work(_ logged: LoggedEvent) async throws -> Work {
        var work = Work(offset: logged.offset, id: logged.event.id, origin: logged.offset)
        switch source {
        case .events:
            work.event = logged.event
        case .deadLetters:
            guard let request = DeadLetter.Request(logged.event), request.action == .retry, request.consumer == consumer.name else { break }
            let found = try await consumer.log.read(topic: topic, from: request.offset, limit: 1, wait: .zero).first
            guard let found, let letter = DeadLetter(found), letter.id == request.letter else {
                consumer.logger.error(
                    "an event that is to be tried again is no longer in the log",
                    metadata: ["consumer": "\(consumer.name)", "letter": "\(request.letter)"])
                break
            }
            work.event = letter.event
            work.round = letter.round + 1
            work.origin = letter.offset
        }
        work.handler = work.event.flatMap { consumer.handler($0.type) }
        return work
    }

    private func perform(_ work: Work, on connection: any SQLConnection) throws {
        guard let event = work.event, let handler = work.handler else { return }
        if try Inbox.record(work.id, consumer: consumer.name, on: connection) { try handler(event, connection) }
    }

    /// Does the work of several events in one transaction, which costs as much as one event's; false where one of them failed,
    /// and nothing happened.
    private func doTogether(_ works: [Work], from next: Int64) async throws -> Bool {
        guard works.count > 1, let last = works.last else { return false }
        do {
            try await consumer.database.write { connection in
                for work in works { try perform(work, on: connection) }
                try Inbox.move(consumer.name, topic, from: next, to: last.offset + 1, on: connection)
            }
        } catch {
            // Each by itself, so that the one that fails is found.
            if Task.isCancelled || error is CancellationError || error is Inbox.Moved { throw error }
            return false
        }
        await consumer.afterCommit()
        return true
    }

    private func doAlone(_ work: Work, from next: Int64) async throws {
        var wait = consumer.firstWait
        var reason = ""
        for attempt in 1...consumer.attempts {
            do {
                try await consumer.database.write { connection in
                    try perform(work, on: connection)
                    try Inbox.move(consumer.name, topic, from: next, to: work.offset + 1, on: connection)
                }
                await consumer.afterCommit()
                return
            } catch let error as DatabaseError where error.isOutage {
                // Not the event's fault: it is tried again for as long as it takes.
                throw error
            } catch {
                // Nor is the end of the process, or another who was faster.
                if Task.isCancelled || error is CancellationError || error is Inbox.Moved { throw error }
                reason = "\(error)"
                consumer.logger.warning(
                    "an event could not be handled",
                    metadata: ["consumer": "\(consumer.name)", "event_id": "\(work.id)", "attempt": "\(attempt)", "error": "\(reason)"])
                if attempt < consumer.attempts {
                    try await Task.sleep(for: wait)
                    wait = wait * 2
                }
            }
        }
        try await bury(work, from: next, reason)
    }

    /// The event goes to the dead letters, and the consumer goes on.
    private func bury(_ work: Work, from next: Int64, _ reason: String) async throws {
        guard let event = work.event else { return }
        let letter = DeadLetter.event(
            event, consumer: consumer.name, reason: reason, attempts: consumer.attempts, round: work.round, offset: work.origin)
        try await consumer.log.append([letter], to: source == .events ? DeadLetter.topic(of: topic) : topic)
        try await consumer.database.write { connection in
            _ = try Inbox.record(work.id, consumer: consumer.name, on: connection)
            try Inbox.move(consumer.name, topic, from: next, to: work.offset + 1, on: connection)
        }
        consumer.logger.error(
            "an event was given up", metadata: ["consumer": "\(consumer.name)", "event_id": "\(event.id)", "letter": "\(letter.id)"])
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
