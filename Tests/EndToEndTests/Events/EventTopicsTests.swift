import Application
import AsyncHTTPClient
import Events
import Foundation
import Schemas
import ServiceTestSupport
import Synchronization
import TestSupport
import Testing
import WebAPI

/// `GET /api/events/` of several topics, each with its own word on who may read what.
@Suite struct EventTopicsTests {
    private struct Told: Equatable {
        var id = ""
        var type = ""
        var subject = ""
    }

    private static let catalogue = EventCatalogue([
        EventType("cow.born", topic: "farm.events", "A calf.", data: .object()),
        EventType("cow.sold", topic: "farm.events", "A cow less.", data: .object()),
        EventType("barn.built", topic: "house.events", "A barn.", data: .object()),
    ])

    private func event(_ type: String, _ subject: String) -> CloudEvent {
        CloudEvent(id: UUID().uuidString, source: "/agrovet/test", type: type, subject: subject, time: Date(), data: "{}")
    }

    /// Runs a server of the stream alone while `body` uses it; its address and log are handed to it.
    private func withServer(
        streams: Int = 10, mayRead: @escaping @Sendable () -> Bool = { true },
        _ body: @escaping @Sendable (String, FileEventLog) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let log = try FileEventLog(folder: folder.path)
        let stream = EventStream(
            log: log,
            topics: [
                .init(name: "farm.events") { event, reader in event.subject != "secret" || reader.subject == "someone else" },
                .init(name: "house.events") { _, _ in true },
            ], catalogue: Self.catalogue, limits: .init(streams: 10, streamsOfUser: streams, recheck: .milliseconds(200))
        ) { _ in mayRead() ? Principal(subject: "reader") : nil }
        try await TestServer.run(stream.routes) { try await body($0.address + "/api/events/", log) }
        withExtendedLifetime(folder) {}
    }

    private func request(_ address: String, lastEventID: String?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address)
        request.headers.add(name: "Authorization", value: "Bearer token")
        if let lastEventID { request.headers.add(name: "Last-Event-ID", value: lastEventID) }
        return request
    }

    /// The first events of a stream.
    private func follow(
        _ address: String, lastEventID: String? = nil, count: Int, hearing: @Sendable (Told) -> Void = { _ in }
    ) async throws -> [Told] {
        let response = try await HTTPClient.shared.execute(request(address, lastEventID: lastEventID), timeout: .seconds(180))
        try #require(response.status == .ok)
        var (told, event, pending) = ([Told](), Told(), "")
        for try await chunk in response.body {
            pending += String(buffer: chunk)
            while let end = pending.firstIndex(of: "\n") {
                let line = String(pending[..<end])
                pending = String(pending[pending.index(after: end)...])
                if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { event.type = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { event.subject = try CloudEvent(json: String(line.dropFirst(6))).subject }
                if line.isEmpty, !event.id.isEmpty {
                    told.append(event)
                    hearing(event)
                    event = Told()
                    if told.count == count { return told }
                }
            }
        }
        return told
    }

    @Test func severalTopicsAreFollowedAndGoneOnWithByOneId() async throws {
        try await withServer { address, log in
            try await log.append([event("cow.born", "lola"), event("cow.sold", "lola"), event("cow.born", "secret")], to: "farm.events")
            try await log.append((0..<3).map { event("barn.built", "barn-\($0)") }, to: "house.events")
            let all = try await follow(address + "?topic=farm.events,house.events&from=start", count: 5)
            #expect(Set(all.map(\.subject)) == ["lola", "barn-0", "barn-1", "barn-2"], "what the reader may not see is left out")
            #expect(all.filter { $0.type.hasPrefix("cow") }.map(\.type) == ["cow.born", "cow.sold"])
            #expect(all.filter { $0.type.hasPrefix("barn") }.map(\.subject) == ["barn-0", "barn-1", "barn-2"])
            for (index, event) in all.enumerated() where index < 4 {
                let rest = try await follow(address + "?topic=farm.events,house.events", lastEventID: event.id, count: 4 - index)
                #expect(rest.map(\.subject).sorted() == all[(index + 1)...].map(\.subject).sorted(), "behind \(event.id)")
            }
            // What comes in either is told while the stream is open.
            for (topic, type) in [("farm.events", "cow.sold"), ("house.events", "barn.built")] {
                async let heard = follow(address + "?topic=house.events,farm.events", lastEventID: all[4].id, count: 1)
                try await Task.sleep(for: .milliseconds(100))
                let before = try await log.endOffset(of: topic)
                try await log.append([event(type, "new-\(topic)")], to: topic)
                #expect(try await log.endOffset(of: topic) == before + 1)
                #expect(try await heard.count == 1)
            }
        }
    }

    @Test func typesAreFilteredAndChecked() async throws {
        try await withServer { address, log in
            try await log.append([event("cow.born", "a"), event("cow.sold", "b"), event("cow.born", "c")], to: "farm.events")
            try await log.append([event("barn.built", "d")], to: "house.events")
            let born = try await follow(address + "?topic=farm.events&type=cow.born&from=start", count: 2)
            #expect(born.map(\.subject) == ["a", "c"])
            #expect(born.map(\.id) == ["0", "2"])
            let two = try await follow(address + "?topic=farm.events&topic=house.events&type=cow.sold,barn.built&from=start", count: 2)
            #expect(Set(two.map(\.subject)) == ["b", "d"])
            for query in [
                "?topic=farm.events&type=barn.built", "?topic=farm.events,cellar.events",
                "?topic=farm.events,house.events&last_event_id=17", "",
            ] {
                #expect(
                    try await HTTPClient.shared.execute(request(address + query, lastEventID: nil), timeout: .seconds(180)).status
                        == .badRequest)
            }
        }
    }

    /// Who signs out, or is disabled, hears nothing more.
    @Test func aStreamEndsWithItsCredentials() async throws {
        let isSignedIn = Mutex(true)
        try await withServer(mayRead: { isSignedIn.withLock { $0 } }) { address, log in
            try await log.append([event("cow.born", "lola")], to: "farm.events")
            let heard = Mutex(0)
            let hearing: @Sendable (Told) -> Void = { _ in heard.withLock { $0 += 1 } }
            async let told = follow(address + "?topic=farm.events,house.events&from=start", count: 100, hearing: hearing)
            func wait(for count: Int) async throws {
                let deadline = ContinuousClock.now + Patience.usual
                while heard.withLock({ $0 < count }), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
            }
            try await wait(for: 1)
            // Longer than it takes to look again: a reader who may read stays.
            try await Task.sleep(for: .milliseconds(700))
            try await log.append([event("cow.sold", "lola")], to: "farm.events")
            try await wait(for: 2)
            isSignedIn.withLock { $0 = false }
            try await Task.sleep(for: .milliseconds(400))
            try await log.append([event("cow.born", "rosa")], to: "farm.events")
            #expect(try await told.map(\.subject) == ["lola", "lola"])
        }
    }

    /// An id from before a restore: what is there is new to the client.
    @Test func aPlaceBehindTheEndBeginsAnew() async throws {
        try await withServer { address, log in
            try await log.append([event("cow.born", "a"), event("cow.sold", "b")], to: "farm.events")
            #expect(try await follow(address + "?topic=farm.events", lastEventID: "999", count: 2).map(\.subject) == ["a", "b"])
            let several = try await follow(
                address + "?topic=farm.events,house.events", lastEventID: "farm.events:999,house.events:-1", count: 2)
            #expect(several.map(\.subject) == ["a", "b"])
            // The last one that there is is no such place.
            async let next = follow(address + "?topic=farm.events", lastEventID: "1", count: 1)
            try await Task.sleep(for: .milliseconds(100))
            try await log.append([event("cow.born", "c")], to: "farm.events")
            #expect(try await next.map(\.subject) == ["c"])
        }
    }

    @Test func oneUserCannotTakeAllStreams() async throws {
        try await withServer(streams: 3) { address, _ in
            let open = try await withThrowingTaskGroup(of: HTTPClientResponse.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await HTTPClient.shared.execute(
                            request(address + "?topic=farm.events", lastEventID: nil), timeout: .seconds(180))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(open.allSatisfy { $0.status == .ok })
            let fourth = try await HTTPClient.shared.execute(
                request(address + "?topic=farm.events", lastEventID: nil), timeout: .seconds(180))
            #expect(fourth.status == .serviceUnavailable && fourth.headers.first(name: "Retry-After") != nil)
            withExtendedLifetime(open) {}
        }
    }
}
