import Events
import Foundation
import Persistence
import Synchronization
import TestSupport
import Testing

/// The relay where a topic cannot be written.
@Suite struct RelayTests {
    /// A log one of whose topics fails as long as it is broken.
    private final class Failing: EventLog {
        struct Failure: Error {}
        let log: FileEventLog
        let broken: Mutex<String?>

        init(_ log: FileEventLog, broken: String) {
            self.log = log
            self.broken = Mutex(broken)
        }

        func append(_ events: [CloudEvent], to topic: String) async throws {
            if broken.withLock({ $0 }) == topic { throw Failure() }
            try await log.append(events, to: topic)
        }

        func read(topic: String, from offset: Int64, limit: Int, wait: Duration) async throws -> [LoggedEvent] {
            try await log.read(topic: topic, from: offset, limit: limit, wait: wait)
        }

        func endOffset(of topic: String) async throws -> Int64 { try await log.endOffset(of: topic) }
    }

    @Test(arguments: SQLDialect.allCases) func aTopicThatFailsHoldsUpNoOtherAndKeepsItsOrder(_ dialect: SQLDialect) async throws {
        let fixture = try await EventsFixture(dialect)
        let failing = Failing(fixture.log, broken: "b.events")
        try await fixture.database.write { connection in
            for number in 0..<600 {
                try Outbox.append(
                    EventsFixture.event("event-\(number)", subject: "cow-\(number % 7)"), topic: number % 3 == 0 ? "a.events" : "b.events",
                    on: connection)
            }
        }
        let relay = OutboxRelay(database: fixture.database, log: failing, logger: EventsFixture.logger)
        let (log, database) = (fixture.log, fixture.database)
        try await EventsFixture.run([relay]) {
            let pending = try await database.read { try Outbox.pendingCount(on: $0) }
            // More than one batch of the broken topic stands before some of the others.
            if try await log.endOffset(of: "a.events") == 200, pending == 400 { failing.broken.withLock { $0 = nil } }
            return pending == 0
        }
        #expect(try await fixture.read("a.events").map(\.id) == (0..<600).filter { $0 % 3 == 0 }.map { "event-\($0)" })
        #expect(try await fixture.read("b.events").map(\.id) == (0..<600).filter { $0 % 3 != 0 }.map { "event-\($0)" })
        await fixture.close()
    }

    @Test(arguments: SQLDialect.allCases) func twoRelaysOfOneOutboxTellEverythingOnceInOrder(_ dialect: SQLDialect) async throws {
        let fixture = try await EventsFixture(dialect)
        let other = try FileEventLog(folder: fixture.folder.path + "/events")
        let relays = [fixture.log, other].map { OutboxRelay(database: fixture.database, log: $0, logger: EventsFixture.logger) }
        let database = fixture.database
        let writing = Task {
            for number in 0..<400 {
                try await database.write { try Outbox.append(EventsFixture.event("event-\(number)"), topic: "test.events", on: $0) }
                for relay in relays { relay.wake() }
            }
        }
        try await EventsFixture.run(relays) {
            guard try await other.endOffset(of: "test.events") == 400 else { return false }
            return try await database.read { try Outbox.pendingCount(on: $0) } == 0
        }
        try await writing.value
        #expect(try await fixture.read("test.events").map(\.id) == (0..<400).map { "event-\($0)" })
        await fixture.close()
    }
}
