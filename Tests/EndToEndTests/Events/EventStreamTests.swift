import AsyncHTTPClient
import Foundation
import NIOCore
import TestSupport
import Testing

@Suite struct EventStreamTests {
    /// One server-sent event.
    private struct Event: Sendable {
        var id = ""
        var type = ""
        var data = ""
        var cloudEvent: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]) ?? [:] }
    }

    private struct Refused: Error {
        let status: Int
    }

    /// Reads a stream until `count` events have come.
    private func events(_ client: HTTPTestClient, _ query: String, headers: [String: String] = [:], count: Int) async throws -> [Event] {
        var request = HTTPClientRequest(url: client.baseURL + "/api/events/?topic=media.events" + query)
        request.headers.add(name: "Authorization", value: "Bearer \(client.token ?? "")")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(180))
        guard response.status == .ok else { throw Refused(status: Int(response.status.code)) }
        #expect(response.headers.first(name: "Content-Type") == "text/event-stream")
        var events: [Event] = []
        var event = Event()
        var pending = ""
        for try await chunk in response.body {
            pending += String(buffer: chunk)
            while let end = pending.firstIndex(of: "\n") {
                let line = String(pending[..<end])
                pending = String(pending[pending.index(after: end)...])
                if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { event.type = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { event.data = String(line.dropFirst(6)) }
                if line.isEmpty {
                    if !event.data.isEmpty { events.append(event) }
                    event = Event()
                    if events.count == count { return events }
                }
            }
        }
        return events
    }

    @Test func aMediaItemsLifeIsToldInOrderAsCloudEvents() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        let id = try #require(try await client.upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"]).json["id"] as? String)
        _ = try await client.send(.PATCH, "/api/media/\(id)/", json: #"{"title":"Nuevo"}"#)
        _ = try await client.request(.DELETE, "/api/media/\(id)/")
        let events = try await events(client, "&from=start", count: 4)
        #expect(events.map(\.type) == ["media.created", "media.ready", "media.updated", "media.deleted"])
        for event in events {
            let cloud = event.cloudEvent
            #expect(cloud["specversion"] as? String == "1.0")
            #expect(cloud["source"] as? String == "/agrovet/media")
            #expect(cloud["type"] as? String == event.type)
            #expect(cloud["subject"] as? String == id)
            #expect((cloud["data"] as? [String: Any])?["id"] as? String == id)
            #expect((cloud["id"] as? String)?.count == 36)
        }
        let rest = try await self.events(client, "", headers: ["Last-Event-ID": events[1].id], count: 2)
        #expect(rest.map(\.type) == ["media.updated", "media.deleted"], "a stream goes on behind the last event seen")
        #expect(await server.stop() == 0)

        // The log outlives the process.
        let again = try await AgrovetProcess.start(dataFolder: server.dataFolder)
        let remembered = try await self.events(HTTPTestClient(again), "&from=start", count: 4)
        #expect(remembered.map(\.id) == events.map(\.id))
        #expect(await again.stop() == 0)
    }

    @Test func aStreamTellsWhatHappensWhileItIsOpen() async throws {
        let client = try await SharedServer.client
        async let heard = events(client, "", count: 1)
        // The stream is open when it can hear: uploads go on until it has heard one.
        var uploads = 0
        let uploader = Task {
            while !Task.isCancelled {
                _ = try await client.upload(sample: "gray.jpg")
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        uploads = try await heard.count
        uploader.cancel()
        #expect(uploads == 1)
    }

    @Test func aStreamNeedsATokenAndATopic() async throws {
        let client = try await SharedServer.client
        #expect(try await client.anonymous.get("/api/events/?topic=media.events").status == 401)
        #expect(try await client.get("/api/events/").json["topic"] as? [String] == ["This field is required."])
        #expect(try await client.get("/api/events/?topic=secrets").status == 400)
        #expect(try await client.get("/api/events/?topic=media.events&last_event_id=x").status == 400)
    }

    @Test func aPictureThatCannotBeDecodedFailsWithAReasonAndIsNotTriedAgain() async throws {
        let client = try await SharedServer.client
        // Whole by its structure, checksums and all; what is compressed in it is noise.
        let header: [UInt8] = [0, 0, 0, 64, 0, 0, 0, 64, 8, 2, 0, 0, 0]
        let noise = (0..<4000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }
        let png: [UInt8] =
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Self.chunk("IHDR", header) + Self.chunk("IDAT", noise)
            + Self.chunk("IEND", [])
        let answer = try await client.upload([("broken.png", Data(png))], headers: ["Prefer": "wait=30"])
        #expect(answer.status == 201)
        #expect(answer.json["status"] as? String == "failed")
        let error = try #require(answer.json["error"] as? [String: Any])
        #expect(error["code"] as? String == "corrupt")
        #expect((error["message"] as? String)?.hasPrefix("The PNG file is damaged") == true)
        #expect((answer.json["renditions"] as? [Any])?.isEmpty == true)
        let id = try #require(answer.json["id"] as? String)
        let rendition = try await client.get("/media/\(id)/thumb.webp")
        #expect(rendition.status == 404)
        #expect(rendition.json["code"] as? String == "corrupt")
        #expect(try await client.get("/media/\(id)/original").body == Data(png), "what was uploaded is kept")
        #expect(try await client.get("/api/media/?status=failed").text.contains(id))
        #expect(try await !client.anonymous.get("/api/media/?page_size=100").text.contains(id), "a failed item is its owner's business")
    }

    /// A PNG chunk with its CRC (W3C PNG annex D).
    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        var crc: UInt32 = ~0
        for byte in body {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        func bigEndian(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
        return bigEndian(UInt32(data.count)) + body + bigEndian(~crc)
    }

    /// A place is held by a stream that is read, not by the answer to a HEAD, or by one whose client left before it began.
    @Test func aStreamThatNobodyReadsKeepsNoPlace() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_MAX_EVENT_STREAMS_PER_USER": "2"])
        let client = HTTPTestClient(server)
        for _ in 0..<6 { #expect(try await client.request(.HEAD, "/api/events/?topic=media.events").status == 200) }
        let port = try #require(URL(string: server.baseURL)?.port)
        for _ in 0..<20 {
            let socket = try RawSocket(port: port)
            try socket.send("GET /api/events/?topic=media.events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(server.token)\r\n\r\n")
            socket.reset()
        }
        _ = try await client.upload(sample: "gray.jpg", headers: ["Prefer": "wait=30"])
        let deadline = ContinuousClock.now + Patience.usual
        var heard: [Event] = []
        while heard.isEmpty, ContinuousClock.now < deadline {
            // Those that are being let go may still be there.
            heard = (try? await events(client, "&from=start", count: 2)) ?? []
        }
        #expect(heard.map(\.type) == ["media.created", "media.ready"])
        #expect(await server.stop() == 0)
    }

    /// What was everybody's when it happened may be private by now.
    @Test func whatHasBecomePrivateIsToldToNobodyElse() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        let registration = #"{"username":"ana","password":"correcto caballo 9"}"#
        let ana = try await client.anonymous.send(.POST, "/api/auth/register/", json: registration)
        let reader = HTTPTestClient(server.baseURL, token: try #require(ana.json["access"] as? String, "\(ana.text)"))
        let wait = ["Prefer": "wait=30"]
        let first = try await client.upload(sample: "photo.jpg", headers: wait)
        let hidden = try #require(first.json["id"] as? String)
        #expect(try await client.send(.PATCH, "/api/media/\(hidden)/", json: #"{"visibility":"private"}"#).status == 200)
        let second = try await client.upload(sample: "gray.jpg", headers: wait)
        let shown = try #require(second.json["id"] as? String)
        // Those that are told as they happen are not looked up.
        try await Task.sleep(for: .seconds(3))
        let told = try await events(reader, "&from=start", count: 2)
        #expect(told.map { $0.cloudEvent["subject"] as? String } == [shown, shown])
        let own = try await events(client, "&from=start", count: 5)
        #expect(own.prefix(3).allSatisfy { $0.cloudEvent["subject"] as? String == hidden })
        #expect(await server.stop() == 0)
    }
}
