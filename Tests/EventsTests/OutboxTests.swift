import Events
import Foundation
import Logging
import Persistence
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// Outbox, relay, inbox and consumer, on both engines: once in effect, whatever is lost or sent twice.
@Suite struct OutboxTests {
    private let logger = EventsFixture.logger

    private func event(_ id: String) -> CloudEvent { EventsFixture.event(id) }

    private func run(_ services: [any Service], until isDone: @escaping @Sendable () async throws -> Bool) async throws {
        try await EventsFixture.run(services, until: isDone)
    }

    @Test(arguments: SQLDialect.allCases)
    func whatIsCommittedIsToldAndWhatIsRolledBackIsNot(_ dialect: SQLDialect) async throws {
        struct Refused: Error {}
        let fixture = try await EventsFixture(dialect)
        let (database, log) = (fixture.database, fixture.log)
        let relay = OutboxRelay(database: database, log: log, logger: logger)
        for number in 0..<450 {
            try? await database.write { connection in
                try Outbox.append(event("event-\(number)"), topic: "test.events", on: connection)
                if number % 3 == 1 { throw Refused() }
            }
        }
        relay.wake()
        try await run([relay]) { try await log.endOffset(of: "test.events") == 300 }
        let ids = try await log.read(topic: "test.events", from: 0, limit: 1000, wait: .zero).map(\.event.id)
        #expect(ids == (0..<450).filter { $0 % 3 != 1 }.map { "event-\($0)" })
        #expect(try await database.read { try Outbox.pendingCount(on: $0) } == 0)
        await fixture.close()
    }

    @Test func aRelayThatDiedBetweenTheLogAndTheOutboxTellsNothingTwice() async throws {
        let fixture = try await EventsFixture()
        let (database, log) = (fixture.database, fixture.log)
        try await database.write { connection in
            for number in 0..<3 { try Outbox.append(event("event-\(number)"), topic: "test.events", on: connection) }
        }
        // As it stands after such a death: two are in the log, all are in the outbox.
        try await log.append([event("event-0"), event("event-1")], to: "test.events")
        try await run([OutboxRelay(database: database, log: log, logger: logger)]) {
            try await database.read { try Outbox.pendingCount(on: $0) } == 0
        }
        #expect(
            try await log.read(topic: "test.events", from: 0, limit: 9, wait: .zero).map(\.event.id) == ["event-0", "event-1", "event-2"])
        await fixture.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func aConsumerDoesEachEventsWorkOnceAcrossRestarts(_ dialect: SQLDialect) async throws {
        let fixture = try await EventsFixture(dialect)
        let (database, log) = (fixture.database, fixture.log)
        let consumer = EventConsumer(name: "test", topic: "test.events", log: log, database: database, logger: logger) {
            event, connection in
            let next = try connection.query("SELECT COUNT(*) AS n FROM seen")[0].int("n")
            _ = try connection.execute("INSERT INTO seen (position, event_id) VALUES ($1, $2)", [SQLValue(next), SQLValue(event.id)])
        }
        for round in 0..<3 {
            try await log.append((0..<20).map { event("event-\(round)-\($0)") }, to: "test.events")
            try await run([consumer]) { try await database.read { try $0.query("SELECT position FROM seen") }.count == 20 * (round + 1) }
        }
        let seen = try await database.read { try $0.query("SELECT event_id FROM seen ORDER BY position").map { try $0.text("event_id") } }
        #expect(seen == (0..<3).flatMap { round in (0..<20).map { "event-\(round)-\($0)" } })
        // The offset is behind them all, and the inbox knows them all.
        let isNew = try await database.write { try Inbox.record("event-2-19", consumer: "test", on: $0) }
        #expect(!isNew)
        await fixture.close()
    }

    @Test func aPoisonEventGoesToTheDeadTopicAndTheConsumerGoesOn() async throws {
        struct Poison: Error {}
        let fixture = try await EventsFixture()
        let (database, log) = (fixture.database, fixture.log)
        try await log.append([event("good-1"), event("poison"), event("good-2")], to: "test.events")
        let attempts = Mutex(0)
        let consumer = EventConsumer(
            name: "test", topic: "test.events", log: log, database: database, attempts: 3, firstWait: .milliseconds(5), logger: logger
        ) { event, connection in
            if event.id == "poison" {
                attempts.withLock { $0 += 1 }
                throw Poison()
            }
            let next = try connection.query("SELECT COUNT(*) AS n FROM seen")[0].int("n")
            _ = try connection.execute("INSERT INTO seen (position, event_id) VALUES ($1, $2)", [SQLValue(next), SQLValue(event.id)])
        }
        try await run([consumer]) { try await database.read { try $0.query("SELECT position FROM seen") }.count == 2 }
        // Once among the others, and three times alone.
        #expect(attempts.withLock { $0 } == 4)
        #expect(try await log.read(topic: "test.events.dead", from: 0, limit: 9, wait: .zero).map(\.event.id) == ["poison/test/1"])
        await fixture.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func whatCouldNeverLeaveTheOutboxIsNotTakenIntoIt(_ dialect: SQLDialect) async throws {
        let fixture = try await EventsFixture(dialect)
        let database = fixture.database
        let broken = CloudEvent(id: "1", source: "/a", type: "t", subject: "s", time: Date(), data: "{")
        let nameless = CloudEvent(id: "", source: "/a", type: "t", subject: "s", time: Date(), data: "{}")
        for (event, topic) in [(broken, "test.events"), (nameless, "test.events"), (event("1"), "Not a topic")] {
            do {
                try await database.write { try Outbox.append(event, topic: topic, on: $0) }
                Issue.record("\(event) to \(topic) was taken")
            } catch DatabaseError.constraintViolation {
            }
        }
        #expect(try await database.read { try Outbox.pendingCount(on: $0) } == 0)
        await fixture.close()
    }

    @Test func theEndOfTheProcessIsNoFaultOfAnEvent() async throws {
        let fixture = try await EventsFixture()
        let (database, log) = (fixture.database, fixture.log)
        try await log.append([event("good")], to: "test.events")
        let calls = Mutex(0)
        let consumer = EventConsumer(name: "test", topic: "test.events", log: log, database: database, attempts: 1, logger: logger) {
            event, connection in
            // What a database that is waited for throws while the process shuts down.
            if calls.withLock({
                $0 += 1; return $0
            }) == 1 {
                throw CancellationError()
            }
            _ = try connection.execute("INSERT INTO seen (position, event_id) VALUES (0, $1)", [SQLValue(event.id)])
        }
        try await run([consumer]) { try await database.read { try $0.query("SELECT position FROM seen") }.count == 1 }
        #expect(try await database.read { try $0.query("SELECT position FROM seen") }.count == 1)
        #expect(try await log.endOffset(of: "test.events.dead") == 0)
        await fixture.close()
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"specversion":"0.3","id":"1","source":"/a","type":"t","subject":"s","time":"2026-01-01T00:00:00Z","data":{}}"#,
        #"{"specversion":"1.0","source":"/a","type":"t","subject":"s","time":"2026-01-01T00:00:00Z","data":{}}"#,
        #"{"specversion":"1.0","id":"1","source":"/a","type":"t","subject":"s","time":"yesterday","data":{}}"#,
        #"{"specversion":"1.0","id":"1","source":"/a","type":"t","subject":"s","time":"2026-01-01T00:00:00Z"}"#,
    ])
    func whatIsNoCloudEventIsRefused(_ text: String) {
        #expect(throws: CloudEvent.ParseError.self) { try CloudEvent(json: text) }
    }

    @Test func aCloudEventOfAnotherProducerIsRead() throws {
        let event = try CloudEvent(
            json:
                #"{"data": {"a": [1, 2]}, "id":"1", "source":"/a","specversion":"1.0", "time":"2026-01-01T00:00:00Z","type":"t","subject":"s","extra":5, "traceparent":"00-1-2-01"}"#
        )
        #expect(event.data == #"{"a":[1,2]}"#)
        #expect(event.traceparent == "00-1-2-01")
    }
}
