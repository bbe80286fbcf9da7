import Application
import Events
import Foundation
import Testing

/// Ids of server-sent events, and times as a person writes them.
@Suite struct EventPlacesTests {
    @Test func anIdTellsThePlaceInEveryTopic() {
        #expect(EventPlaces(["a.events": 18]).id == "17")
        #expect(EventPlaces(["b.events": 0, "a.events": 18]).id == "a.events:17,b.events:-1")
        let both = ["a.events", "b.events"]
        #expect(EventPlaces(id: "a.events:17,b.events:-1", topics: both) == EventPlaces(["a.events": 18, "b.events": 0]))
        #expect(EventPlaces(id: "17", topics: ["a.events"]) == EventPlaces(["a.events": 18]))
        // A client that follows other topics than before goes on with those that it knows.
        #expect(EventPlaces(id: "a.events:17,b.events:3", topics: ["b.events"]) == EventPlaces(["b.events": 4]))
        #expect(EventPlaces(id: "a.events:17", topics: both) == EventPlaces(["a.events": 18]))
    }

    @Test(arguments: [
        "x", "-1", "+1", "1.5", "9223372036854775807", "a.events", "a.events:", ":1", "a.events:-2", "a.events:1,a.events:2", ",",
        "a.events:+1",
        "a.events:9223372036854775807",
    ])
    func whatIsNoIdIsRefused(_ id: String) {
        #expect(EventPlaces(id: id, topics: ["a.events"]) == nil)
    }

    @Test func severalTopicsNeedNamesInTheId() {
        #expect(EventPlaces(id: "17", topics: ["a.events", "b.events"]) == nil)
    }

    @Test func timesAreReadAsAPersonWritesThem() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        #expect(EventTime.parse("90s", now: now) == now.addingTimeInterval(-90))
        #expect(EventTime.parse("15m", now: now) == now.addingTimeInterval(-900))
        #expect(EventTime.parse("2h", now: now) == now.addingTimeInterval(-7200))
        #expect(EventTime.parse("3d", now: now) == now.addingTimeInterval(-259_200))
        #expect(EventTime.parse("2026-11-24", now: now) == Date(timeIntervalSince1970: 1_795_478_400))
        #expect(EventTime.parse("2026-11-24T08:00:00Z", now: now) == Date(timeIntervalSince1970: 1_795_507_200))
        #expect(EventTime.parse("2026-11-24T08:00:00.250Z", now: now) == Date(timeIntervalSince1970: 1_795_507_200.25))
        for text in ["", "soon", "-5m", "5 minutes", "m", "2026-13-01", "99999999999d"] { #expect(EventTime.parse(text, now: now) == nil) }
    }
}
