import Events
import Foundation
import Persistence
import Synchronization
import TestSupport
import Testing

/// Consumers of several topics, what they could not handle, and what is done again.
@Suite struct ConsumerTests {
    private struct Poison: Error, CustomStringConvertible {
        let description = "the cow is purple"
    }

    @Test(arguments: SQLDialect.allCases) func oneTableSaysWhatAServiceListensTo(_ dialect: SQLDialect) async throws {
        let fixture = try await EventsFixture(dialect)
        for number in 0..<30 {
            try await fixture.log.append(
                [EventsFixture.event("a-\(number)", type: number % 2 == 0 ? "cow.born" : "cow.sneezed")], to: "a.events")
            try await fixture.log.append([EventsFixture.event("b-\(number)", type: "barn.built")], to: "b.events")
        }
        let consumer = EventConsumer(
            name: "test", topics: ["a.events", "b.events"], log: fixture.log, database: fixture.database, logger: EventsFixture.logger,
            handlers: ["cow.born": EventsFixture.note, "barn.built": EventsFixture.note])
        let database = fixture.database
        try await EventsFixture.run([consumer]) {
            try await database.read { try Inbox.places(on: $0) }.filter { $0.next == 30 }.count == 2
        }
        let seen = try await fixture.seen()
        #expect(seen.filter { $0.hasPrefix("a-") } == stride(from: 0, to: 30, by: 2).map { "a-\($0)" })
        #expect(seen.filter { $0.hasPrefix("b-") } == (0..<30).map { "b-\($0)" })
        #expect(seen.count == 45)
        let places = try await database.read { try Inbox.places(on: $0) }
        #expect(Set(places.map(\.topic)) == ["a.events", "a.events.dead", "b.events", "b.events.dead"])
        await fixture.close()
    }

    @Test func aDatabaseWithoutAnInboxHasNoPlaces() async throws {
        let folder = try TemporaryFolder()
        let database = try SQLiteDatabase(.init(path: folder.path + "/test.sqlite"))
        #expect(try await database.read { try Inbox.places(on: $0) }.isEmpty)
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases) func aPlaceThatIsSetBackHasEventsDoneAgainWhileTheConsumerRuns(_ dialect: SQLDialect) async throws
    {
        let fixture = try await EventsFixture(dialect)
        try await fixture.log.append((0..<10).map { EventsFixture.event("event-\($0)") }, to: "test.events")
        let consumer = EventConsumer(
            name: "test", topic: "test.events", log: fixture.log, database: fixture.database, logger: EventsFixture.logger,
            handler: EventsFixture.note)
        let (database, log) = (fixture.database, fixture.log)
        let isRewound = Mutex(false)
        try await EventsFixture.run([consumer]) {
            let count = try await database.read { try $0.query("SELECT position FROM seen").count }
            if count == 10, !isRewound.withLock({ $0 }) {
                isRewound.withLock { $0 = true }
                try await database.write { connection in
                    try Inbox.forget((4..<9).map { "event-\($0)" }, consumer: "test", on: connection)
                    try Inbox.rewind("test", "test.events", to: 4, on: connection)
                }
                // It hears of the next, and finds that its place is another.
                try await log.append([EventsFixture.event("event-10")], to: "test.events")
            }
            return count == 16
        }
        // event-9 was not forgotten: it is not done again.
        let again = (0..<10).map { "event-\($0)" } + (4..<9).map { "event-\($0)" } + ["event-10"]
        #expect(try await fixture.seen() == again)
        await fixture.close()
    }

    @Test func whatCannotBeHandledIsKeptWithTheReasonAndCanBeTriedAgain() async throws {
        let fixture = try await EventsFixture()
        let isCured = Mutex(false)
        let poison = CloudEvent(
            id: "poison", source: "/agrovet/test", type: "test.happened", subject: "cow", time: Date(timeIntervalSince1970: 1_800_000_000),
            data: #"{"a":"ñ"}"#, traceparent: "00-1-2-01", extensions: ["herd": "7"])
        try await fixture.log.append([EventsFixture.event("good-1"), poison, EventsFixture.event("good-2")], to: "test.events")
        let consumer = EventConsumer(
            name: "test", topic: "test.events", log: fixture.log, database: fixture.database, attempts: 2, firstWait: .milliseconds(5),
            logger: EventsFixture.logger
        ) { event, connection in
            if event.id == "poison" {
                guard event == poison, isCured.withLock({ $0 }) else { throw Poison() }
            }
            try EventsFixture.note(event, connection)
        }
        let letters = DeadLetters(log: fixture.log, topic: "test.events")
        let round = Mutex(0)
        let (database, log) = (fixture.database, fixture.log)
        try await EventsFixture.run([consumer]) {
            let open = try await letters.unsettled()
            if let letter = open.first, letter.round == round.withLock({ $0 }) + 1 {
                round.withLock { $0 += 1 }
                if letter.round == 2 { isCured.withLock { $0 = true } }
                #expect(letter.event == poison)
                #expect(letter.consumer == "test")
                #expect(letter.reason == "the cow is purple")
                #expect(letter.attempts == 2)
                #expect(abs(letter.time.timeIntervalSinceNow) < 60)
                try await letters.retry(letter)
                // Who asks twice asks once.
                try await DeadLetters(log: log, topic: "test.events").retry(letter)
            }
            return try await database.read { try $0.query("SELECT position FROM seen").count } == 3
        }
        #expect(try await fixture.seen() == ["good-1", "good-2", "poison"])
        #expect(round.withLock { $0 } == 2)
        #expect(try await letters.unsettled().isEmpty)
        let types = try await fixture.read("test.events.dead").map(\.type)
        #expect(types == ["test.happened", "dead.retried", "test.happened", "dead.retried"])
        await fixture.close()
    }

    @Test func whatTwoConsumersCannotHandleIsKeptForBothAndDroppedForOne() async throws {
        let fixture = try await EventsFixture()
        try await fixture.log.append([EventsFixture.event("poison")], to: "test.events")
        let consumers = ["one", "other"].map {
            EventConsumer(
                name: $0, topic: "test.events", log: fixture.log, database: fixture.database, attempts: 1, logger: EventsFixture.logger,
                handler: { _, _ in throw Poison() })
        }
        let letters = DeadLetters(log: fixture.log, topic: "test.events")
        try await EventsFixture.run(consumers) { try await letters.unsettled().count == 2 }
        #expect(Set(try await letters.unsettled().map(\.consumer)) == ["one", "other"])
        try await letters.drop(try #require(try await letters.unsettled().first { $0.consumer == "one" }))
        #expect(try await letters.unsettled().map(\.consumer) == ["other"])
        #expect(try await DeadLetters(log: fixture.log, topic: "test.events").unsettled().map(\.consumer) == ["other"])
        await fixture.close()
    }

    @Test(arguments: SQLDialect.allCases) func theInboxForgetsWhatIsOld(_ dialect: SQLDialect) async throws {
        let fixture = try await EventsFixture(dialect)
        let (old, new) = ("01800000-0000-7000-8000-000000000000", UUIDv7.make())
        try await fixture.database.write { connection in
            for id in [old, new] { _ = try Inbox.record(id, consumer: "test", on: connection) }
            _ = try Inbox.record(old, consumer: "other", on: connection)
        }
        let consumer = EventConsumer(
            name: "test", topic: "test.events", log: fixture.log, database: fixture.database, logger: EventsFixture.logger,
            handler: EventsFixture.note)
        let database = fixture.database
        @Sendable func ids(_ name: String) async throws -> [String] {
            try await database.read {
                try $0.query("SELECT event_id FROM inbox WHERE consumer = $1", [SQLValue(name)]).map { try $0.text("event_id") }
            }
        }
        try await EventsFixture.run([consumer]) { try await ids("test").count == 1 }
        #expect(try await ids("test") == [new])
        #expect(try await ids("other") == [old], "each consumer looks after its own")
        await fixture.close()
    }

    /// What is in a transaction together fails together, and is then done one by one.
    @Test func oneThatFailsAmongManyCostsOnlyItself() async throws {
        let fixture = try await EventsFixture()
        try await fixture.log.append((0..<90).map { EventsFixture.event("event-\($0)") }, to: "test.events")
        let consumer = EventConsumer(
            name: "test", topic: "test.events", log: fixture.log, database: fixture.database, attempts: 2, firstWait: .milliseconds(1),
            logger: EventsFixture.logger
        ) { event, connection in
            if event.id == "event-40" { throw Poison() }
            try EventsFixture.note(event, connection)
        }
        let database = fixture.database
        try await EventsFixture.run([consumer]) { try await database.read { try $0.query("SELECT position FROM seen").count } == 89 }
        #expect(try await fixture.seen() == (0..<90).filter { $0 != 40 }.map { "event-\($0)" })
        await fixture.close()
    }
}
