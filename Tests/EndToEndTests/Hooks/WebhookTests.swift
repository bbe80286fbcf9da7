import Foundation
import TestSupport
import Testing

/// Against a receiver of its own process that verifies with the public library of Standard Webhooks.
@Suite struct WebhookTests {
    private static let path = "/api/media/webhooks/"
    private static let allow = ["--set", "webhook-allow=127.0.0.1", "--set", "public-url=https://media.example.org"]
    private static let quick = ["--set", "webhook-retries=100ms,100ms,100ms,100ms,100ms,100ms,100ms,100ms,100ms,100ms"]

    private struct Endpoint {
        let id: String
        let secret: String
        let name: String
        var path: String { WebhookTests.path + id + "/" }
    }

    /// Makes an endpoint at a path of the receiver that nobody else uses.
    private func endpoint(
        _ client: HTTPTestClient, _ receiver: WebhookReceiver, _ behaviour: String, events: [String]? = nil
    ) async throws -> Endpoint {
        let name = UUID().uuidString
        var json: [String: Any] = ["url": receiver.url("\(name)/\(behaviour)")]
        if let events { json["events"] = events }
        let text = String(decoding: try JSONSerialization.data(withJSONObject: json), as: UTF8.self)
        let answer = try await client.send(.POST, Self.path, json: text)
        try #require(answer.status == 201, "\(answer.text)")
        #expect(answer["Cache-Control"] == "no-store")
        let endpoint = Endpoint(
            id: try #require(answer.json["id"] as? String), secret: try #require(answer.json["secret"] as? String), name: name)
        try await receiver.expect([endpoint.secret], at: name)
        return endpoint
    }

    private func upload(_ client: HTTPTestClient, fields: [String: String] = [:]) async throws -> String {
        try #require(try await client.upload(sample: "gray.jpg", fields: fields, headers: ["Prefer": "wait=30"]).json["id"] as? String)
    }

    private func deliveries(
        _ client: HTTPTestClient, _ endpoint: Endpoint, until isDone: ([[String: Any]]) -> Bool
    ) async throws -> [[String: Any]] {
        let answer = try await client.poll(endpoint.path + "deliveries/") { isDone($0.json["results"] as? [[String: Any]] ?? []) }
        return answer.json["results"] as? [[String: Any]] ?? []
    }

    @Test func aMediaItemsLifeIsToldSignedInOrderAndWithWholeAddresses() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let server = try await AgrovetProcess.start(arguments: Self.allow)
        let client = HTTPTestClient(server)
        let endpoint = try await endpoint(client, receiver, "ok")
        #expect(endpoint.secret.hasPrefix("whsec_"))
        let id = try await upload(client)
        _ = try await client.send(.PATCH, "/api/media/\(id)/", json: #"{"title":"/media/Toro"}"#)
        _ = try await client.request(.DELETE, "/api/media/\(id)/")
        let messages = try await receiver.messages(endpoint.name) { $0.count >= 4 }
        #expect(messages.map(\.type) == ["media.created", "media.ready", "media.updated", "media.deleted"])
        #expect(Set(messages.map(\.id)).count == 4)
        for message in messages {
            #expect(message.method == "POST")
            #expect(message.verified == [endpoint.secret], "the public library accepts the signature")
            #expect(message.headers["content-type"] == "application/cloudevents+json")
            #expect(message.json["id"] as? String == message.id)
            #expect(message.json["specversion"] as? String == "1.0")
            #expect(message.json["timestamp"] as? String == message.json["time"] as? String)
            #expect(message.data["id"] as? String == id)
            #expect(message.data["url"] as? String == "https://media.example.org/media/\(id)/original")
        }
        let renditions = try #require(messages[1].data["renditions"] as? [[String: Any]])
        #expect(!renditions.isEmpty)
        #expect(renditions.allSatisfy { ($0["url"] as? String)?.hasPrefix("https://media.example.org/media/\(id)/") == true })
        #expect(messages[2].data["title"] as? String == "/media/Toro", "a person's words stay what they are")

        let listed = try await deliveries(client, endpoint) { $0.count == 4 && $0.allSatisfy { $0["status"] as? String == "delivered" } }
        #expect(listed.map { $0["webhook_id"] as? String } == messages.reversed().map(\.id))
        #expect(listed.allSatisfy { $0["response_status"] as? Int == 200 && $0["attempts"] as? Int == 1 })
        #expect(try await client.get("/metrics").text.contains(#"agrovet_webhook_attempts_total{result="delivered"}"#))

        // Shown once, and nowhere else: not in answers, logs or the database.
        #expect(try await !client.get(endpoint.path).text.contains("whsec_"))
        #expect(try await !client.get(Self.path).text.contains("whsec_"))
        #expect(await server.stop() == 0)
        let key = String(endpoint.secret.dropFirst(6))
        #expect(!server.log.contains(key) && !server.log.contains("whsec_"))
        for file in try FileManager.default.subpathsOfDirectory(atPath: server.dataFolder) {
            let bytes = FileManager.default.contents(atPath: server.dataFolder + "/" + file) ?? Data()
            #expect(bytes.range(of: Data(key.utf8)) == nil, "\(file)")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: server.dataFolder + "/keys/webhook-key")[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func aReceiverThatFailsIsTriedAgainUnderTheSameIdUntilItTakesIt() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let server = try await AgrovetProcess.start(arguments: Self.allow + Self.quick)
        let client = HTTPTestClient(server)
        let endpoint = try await endpoint(client, receiver, "fail/3", events: ["media.created", "media.ready"])
        let id = try await upload(client)
        let messages = try await receiver.messages(endpoint.name) { $0.filter { $0.status == 200 }.count >= 2 }
        #expect(messages.map(\.status) == [500, 500, 500, 200, 500, 500, 500, 200])
        #expect(messages.map(\.type) == Array(repeating: "media.created", count: 4) + Array(repeating: "media.ready", count: 4))
        #expect(Set(messages.map(\.id)).count == 2)
        #expect(messages.allSatisfy { $0.verified == [endpoint.secret] && $0.data["id"] as? String == id })
        let listed = try await deliveries(client, endpoint) { $0.allSatisfy { $0["status"] as? String == "delivered" } }
        #expect(listed.map { $0["attempts"] as? Int } == [4, 4])
        #expect(await server.stop() == 0)
    }

    @Test func whatIsGivenUpIsListedAndCanBeSentAgain() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let server = try await AgrovetProcess.start(arguments: Self.allow + ["--set", "webhook-retries=50ms"])
        let client = HTTPTestClient(server)
        let endpoint = try await endpoint(client, receiver, "fail/2", events: ["media.created"])
        _ = try await upload(client)
        let failed = try await deliveries(client, endpoint) { $0.first?["status"] as? String == "failed" }
        #expect(failed.first?["attempts"] as? Int == 2)
        #expect(failed.first?["response_status"] as? Int == 500)
        #expect(failed.first?["error"] as? String == "http_status")
        let id = try #require(failed.first?["id"] as? String)
        #expect(try await client.request(.POST, endpoint.path + "deliveries/\(id)/retry/").status == 202)
        _ = try await deliveries(client, endpoint) { $0.first?["status"] as? String == "delivered" }
        #expect(Set(receiver.messages(endpoint.name).map(\.id)).count == 1)
        #expect(receiver.messages(endpoint.name).last?.status == 200)
        #expect(try await client.get(endpoint.path + "deliveries/?status=failed").json["count"] as? Int == 0)
        #expect(await server.stop() == 0)
    }

    @Test func whatWasDueWhenTheServerDiedIsDeliveredAfterTheNextStart() async throws {
        let receiver = try await WebhookReceiver.start()
        let folder = try TemporaryFolder()
        let arguments = Self.allow + ["--set", "webhook-retries=" + Array(repeating: "3s", count: 49).joined(separator: ",")]
        let server = try await AgrovetProcess.start(arguments: arguments, dataFolder: folder.path + "/storage")
        let client = HTTPTestClient(server)
        let endpoint = try await endpoint(client, receiver, "ok", events: ["media.created", "media.ready"])
        await receiver.stop()
        var ids: [String] = []
        for _ in 0..<5 { ids.append(try await upload(client)) }
        let waiting = try await deliveries(client, endpoint) { deliveries in
            deliveries.count == 10 && deliveries.contains { $0["error"] as? String == "connection_failed" }
        }
        #expect(waiting.count == 10)
        #expect(waiting.allSatisfy { $0["status"] as? String == "pending" })
        await server.kill()

        let receiverAgain = try await receiver.again()
        try await receiverAgain.expect([endpoint.secret], at: endpoint.name)
        let again = try await AgrovetProcess.start(arguments: arguments, dataFolder: folder.path + "/storage")
        let messages = try await receiverAgain.messages(endpoint.name) { $0.count >= 10 }
        #expect(messages.count == 10, "each once")
        #expect(Set(messages.map(\.id)) == Set(waiting.compactMap { $0["webhook_id"] as? String }), "under the ids that they had")
        #expect(messages.allSatisfy { $0.verified == [endpoint.secret] })
        for id in ids {
            #expect(messages.filter { $0.data["id"] as? String == id }.map(\.type) == ["media.created", "media.ready"], "in order")
        }
        let settled = try await deliveries(HTTPTestClient(again), endpoint) { $0.allSatisfy { $0["status"] as? String == "delivered" } }
        #expect(settled.count == 10)
        #expect(await again.stop() == 0)
        await receiverAgain.stop()
    }

    @Test func goneSwitchesTheEndpointOff() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let server = try await AgrovetProcess.start(arguments: Self.allow + Self.quick)
        let client = HTTPTestClient(server)
        let endpoint = try await endpoint(client, receiver, "gone")
        _ = try await upload(client)
        let off = try await client.poll(endpoint.path) { $0.json["active"] as? Bool == false }
        #expect(off.json["disabled_reason"] as? String == "gone")
        let listed = try await deliveries(client, endpoint) { $0.allSatisfy { $0["status"] as? String == "failed" } }
        #expect(listed.contains { $0["response_status"] as? Int == 410 })
        _ = try await upload(client)
        #expect(try await client.request(.POST, endpoint.path + "test/").status == 409)
        #expect(receiver.messages(endpoint.name).count == 1, "nothing more is sent")
        // Its owner can switch it on again.
        let url = receiver.url("\(endpoint.name)/ok")
        let on = try await client.send(.PATCH, endpoint.path, json: "{\"active\": true, \"url\": \"\(url)\"}")
        #expect(on.json["active"] as? Bool == true)
        #expect(on.json["disabled_reason"] is NSNull)
        #expect(try await client.request(.POST, endpoint.path + "test/").status == 202)
        // What the second upload told late may come too.
        let messages = try await receiver.messages(endpoint.name) { $0.contains { $0.type == "webhook.test" } }
        #expect(messages.allSatisfy { $0.verified == [endpoint.secret] })
        #expect(messages.contains { $0.type == "webhook.test" })
        #expect(await server.stop() == 0)
    }

    @Test func redirectsAreNotFollowedAndSlowReceiversAreCutOff() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let server = try await AgrovetProcess.start(
            arguments: Self.allow + ["--set", "webhook-retries=10m", "--set", "webhook-timeout=300s"])
        let client = HTTPTestClient(server)
        let redirecting = try await endpoint(client, receiver, "redirect", events: ["media.created"])
        let slow = try await endpoint(client, receiver, "slow", events: ["media.created"])
        let fine = try await endpoint(client, receiver, "ok", events: ["media.created"])
        _ = try await upload(client)
        // One that is slow holds up no other: it has longer than this waits.
        let told = try await receiver.messages(fine.name) { !$0.isEmpty }
        #expect(told.count == 1)
        let redirected = try await deliveries(client, redirecting) { $0.first?["attempts"] as? Int == 1 && $0.first?["error"] is String }
        #expect(redirected.first?["response_status"] as? Int == 302)
        #expect(redirected.first?["error"] as? String == "redirect")
        #expect(redirected.first?["status"] as? String == "pending")
        #expect(receiver.messages(redirecting.name).allSatisfy { $0.behaviour == "redirect" })
        let waiting = try await deliveries(client, slow) { _ in true }
        #expect(!waiting.contains { $0["error"] is String })
        #expect(await server.stop() == 0)

        let strict = try await AgrovetProcess.start(
            arguments: Self.allow + ["--set", "webhook-retries=10m", "--set", "webhook-timeout=1s"])
        let strictClient = HTTPTestClient(strict)
        let unanswered = try await self.endpoint(strictClient, receiver, "slow", events: ["media.created"])
        _ = try await upload(strictClient)
        let cutOff = try await deliveries(strictClient, unanswered) { $0.first?["error"] is String }
        #expect(cutOff.first?["error"] as? String == "timeout")
        #expect(await strict.stop() == 0)
    }

    @Test func retryAfterIsHonoured() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let server = try await AgrovetProcess.start(arguments: Self.allow + Self.quick)
        let client = HTTPTestClient(server)
        let endpoint = try await endpoint(client, receiver, "busy/3", events: ["media.created"])
        _ = try await upload(client)
        let messages = try await receiver.messages(endpoint.name) { $0.count >= 2 }
        try #require(messages.map(\.status) == [503, 200])
        #expect(messages[1].at - messages[0].at >= 2.9, "the schedule alone would have been 100 ms")
        #expect(await server.stop() == 0)
    }

    @Test func aRotatedSecretSignsBesideTheNewOneForAWhile() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let server = try await AgrovetProcess.start(arguments: Self.allow + ["--set", "webhook-secret-overlap=60s"])
        let client = HTTPTestClient(server)
        let endpoint = try await endpoint(client, receiver, "ok")
        let rotated = try await client.request(.POST, endpoint.path + "rotate/")
        let fresh = try #require(rotated.json["secret"] as? String)
        #expect(fresh != endpoint.secret)
        #expect(rotated.json["previous_secret_expires"] is String)
        try await receiver.expect([endpoint.secret, fresh], at: endpoint.name)
        // Tests are sent until the old secret has run out.
        var count = 0
        let deadline = ContinuousClock.now + Patience.usual
        var last: WebhookReceiver.Message?
        while last?.verified != [fresh], ContinuousClock.now < deadline {
            #expect(try await client.request(.POST, endpoint.path + "test/").status == 202)
            count += 1
            last = try await receiver.messages(endpoint.name) { [count] in $0.count >= count }.last
            try await Task.sleep(for: .milliseconds(500))
        }
        let messages = receiver.messages(endpoint.name)
        #expect(messages.first?.verified == [endpoint.secret, fresh])
        #expect(messages.first?.headers["webhook-signature"]?.split(separator: " ").count == 2)
        #expect(last?.verified == [fresh])
        #expect(last?.headers["webhook-signature"]?.split(separator: " ").count == 1)
        #expect(await server.stop() == 0)
    }

    @Test func cachesAreToldWhatToForget() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let server = try await AgrovetProcess.start(arguments: Self.allow)
        let client = HTTPTestClient(server)
        let endpoint = try await endpoint(client, receiver, "ok", events: ["media.purge"])
        let id = try await upload(client)
        let rendition = try await client.anonymous.get("/media/\(id)/thumb.webp")
        _ = try await client.send(.PATCH, "/api/media/\(id)/", json: #"{"title":"nothing to purge"}"#)
        _ = try await client.send(.PATCH, "/api/media/\(id)/", json: #"{"visibility":"private"}"#)
        _ = try await client.send(.PATCH, "/api/media/\(id)/", json: #"{"visibility":"public"}"#)
        _ = try await client.request(.DELETE, "/api/media/\(id)/")
        let hidden = try await upload(client, fields: ["visibility": "private"])
        _ = try await client.request(.DELETE, "/api/media/\(hidden)/")
        let other = try await upload(client)
        _ = try await client.request(.DELETE, "/api/media/\(other)/")
        let messages = try await receiver.messages(endpoint.name) { messages in messages.contains { $0.data["id"] as? String == other } }
        #expect(messages.allSatisfy { $0.type == "media.purge" && $0.verified == [endpoint.secret] })
        #expect(
            messages.filter { $0.data["id"] as? String == id }.map { $0.data["reason"] as? String } == [
                "visibility", "visibility", "deleted",
            ])
        #expect(!messages.contains { $0.data["id"] as? String == hidden }, "what was never public is in no shared cache")
        let data = try #require(messages.first?.data)
        let tag = try #require(rendition["Cache-Tag"])
        #expect(data["tags"] as? [String] == [tag])
        let urls = try #require(data["urls"] as? [String])
        #expect(urls.contains("https://media.example.org/media/\(id)/thumb.webp"))
        #expect(urls.contains("https://media.example.org/media/\(id)/large.auto"))
        #expect(urls.contains("https://media.example.org/media/\(id)/original"))
        #expect(urls.allSatisfy { $0.hasPrefix("https://media.example.org/media/\(id)/") })
        #expect(!urls.contains { $0.hasSuffix("/web.mp4") }, "a photo has no video")
        #expect(await server.stop() == 0)
    }

    @Test func aVideosAddressesAreToldWholeAndPurged() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let server = try await AgrovetProcess.start(arguments: Self.allow + ["--set", "hls=true"])
        let client = HTTPTestClient(server)
        let endpoint = try await endpoint(client, receiver, "ok")
        let purges = try await self.endpoint(client, receiver, "ok", events: ["media.purge"])
        let answer = try await client.upload(sample: "video.mp4", headers: ["Prefer": "wait=30"])
        let id = try #require(answer.json["id"] as? String)
        let messages = try await receiver.messages(endpoint.name) { $0.count >= 3 }
        #expect(messages.map(\.type) == ["media.created", "media.ready", "media.updated"])
        let playback = try #require(messages.last?.data["playback"] as? [String: Any])
        let base = "https://media.example.org/media/\(id)"
        #expect(playback["status"] as? String == "ready")
        #expect(playback["url"] as? String == base + "/web.mp4")
        #expect(playback["hls"] as? String == base + "/hls.m3u8")

        let playlist = try await client.anonymous.get("/media/\(id)/hls.m3u8")
        #expect(playlist.status == 200)
        _ = try await client.request(.DELETE, "/api/media/\(id)/")
        let purged = try await receiver.messages(purges.name) { !$0.isEmpty }
        // The first of all: neither the written video nor its event was a reason.
        let data = try #require(purged.first?.data)
        #expect(purged.count == 1)
        #expect(data["reason"] as? String == "deleted")
        #expect(data["tags"] as? [String] == [try #require(playlist["Cache-Tag"])])
        let urls = try #require(data["urls"] as? [String])
        for name in ["original", "web.mp4", "hls.mp4", "hls.m3u8", "thumb.webp"] { #expect(urls.contains("\(base)/\(name)"), "\(name)") }
        #expect(await server.stop() == 0)
    }

    @Test func aPrivateItemsMessageOpensNothing() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let server = try await AgrovetProcess.start(arguments: ["--set", "webhook-allow=127.0.0.0/8"])
        let client = HTTPTestClient(server)
        let endpoint = try await endpoint(client, receiver, "ok")
        let id = try await upload(client, fields: ["visibility": "private"])
        let messages = try await receiver.messages(endpoint.name) { $0.count >= 2 }
        #expect(messages.map(\.type) == ["media.created", "media.ready"])
        for message in messages {
            #expect(!message.body.contains("signature=") && !message.body.contains("expires="))
            let renditions = message.data["renditions"] as? [[String: Any]] ?? []
            let urls = ([message.data] + renditions).compactMap { $0["url"] as? String }
            #expect(urls.contains("/media/\(id)/original"), "from the root where there is no public-url")
            #expect(urls.count > 1)
            for url in urls { #expect(try await client.anonymous.get(url).status == 404) }
        }
        #expect(await server.stop() == 0)
    }

    @Test(arguments: [
        "http://127.0.0.1:9/x", "https://127.0.0.1/x", "https://localhost/x", "https://10.1.2.3/", "https://169.254.169.254/latest/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fd00::1]/", "https://0.0.0.0/", "https://0x7f000001/",
        "https://2130706433/",
        "https://127.1/",
    ])
    func addressesThatAreNotPublicAreRefusedUnlessTheyAreNamed(_ url: String) async throws {
        let client = try await SharedServer.client
        let answer = try await client.send(.POST, Self.path, json: "{\"url\": \"\(url)\"}")
        #expect(answer.status == 400)
        // A spelling that the resolver does not take for an address at all is as good.
        #expect(["address_not_allowed", "unresolvable"].contains(answer["X-Error-Code"]), "\(answer.text)")
        #expect((answer.json["url"] as? [String])?.isEmpty == false)
    }

    @Test(arguments: [
        "{}", #"{"url": 1}"#, #"{"url": "ftp://example.org/"}"#, #"{"url": "https://user:pass@example.org/"}"#,
        #"{"url": "https://example.org/#x"}"#,
        #"{"url": "https://ex%61mple.org/"}"#, #"{"url": "https://93.184.216.34/", "events": []}"#,
        #"{"url": "https://93.184.216.34/", "events": ["user.created"]}"#,
        #"{"url": "https://93.184.216.34/", "secret": "whsec_c2hvcnQ="}"#,
        #"{"url": "https://93.184.216.34/", "active": "yes"}"#, #"{"url": "http://93.184.216.34/"}"#,
    ])
    func whatIsWrongIsNamed(_ json: String) async throws {
        let client = try await SharedServer.client
        let answer = try await client.send(.POST, Self.path, json: json)
        #expect(answer.status == 400, "\(answer.text)")
        #expect(answer["X-Error-Code"] != nil)
        #expect(answer.json.values.allSatisfy { $0 is [String] })
    }

    @Test func endpointsAreForThoseWhoAreSignedIn() async throws {
        let client = try await SharedServer.client
        #expect(try await client.anonymous.get(Self.path).status == 401)
        #expect(try await client.anonymous.send(.POST, Self.path, json: #"{"url":"https://93.184.216.34/"}"#).status == 401)
        #expect(try await client.get(Self.path + "nonsense/").status == 404)
        #expect(try await client.get(Self.path + "018f0000-0000-7000-8000-000000000000/").status == 404)
        #expect(try await client.request(.PUT, Self.path).status == 405)
    }

    @Test func theCommandLineManagesEndpoints() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let server = try await AgrovetProcess.start(arguments: Self.allow)
        func run(_ arguments: [String]) async throws -> String {
            let result = try await ChildProcess.run(
                Executables.agrovet, ["webhooks"] + arguments + ["--server", server.baseURL, "--data", server.dataFolder])
            #expect(result.status == 0, "\(arguments): \(result.errors)")
            return result.output
        }
        func object(_ text: String) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }
        let name = UUID().uuidString
        let made = try object(try await run(["add", receiver.url("\(name)/ok"), "--event", "media.ready", "--description", "shop"]))
        let (id, secret) = (try #require(made["id"] as? String), try #require(made["secret"] as? String))
        try await receiver.expect([secret], at: name)
        let listed = try object(try await run(["ls"]))
        #expect(listed["description"] as? String == "shop")
        _ = try await run(["test", id])
        let messages = try await receiver.messages(name) { !$0.isEmpty }
        #expect(messages.map(\.verified) == [[secret]])
        let delivery = try object(try await run(["deliveries", id]))
        #expect(delivery["type"] as? String == "webhook.test")
        let switchedOff = try object(try await run(["set", id, "--active", "false"]))
        #expect(switchedOff["active"] as? Bool == false)
        let rotated = try object(try await run(["rotate", id]))
        #expect((rotated["secret"] as? String)?.hasPrefix("whsec_") == true && rotated["secret"] as? String != secret)
        _ = try await run(["rm", id])
        #expect(try await run(["ls"]) == "")
        #expect(await server.stop() == 0)
    }

    @Test func webhooksRunOnPostgreSQL() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let url = try await PostgreSQLServer.shared.makeDatabase()
        let server = try await AgrovetProcess.start(arguments: Self.allow + Self.quick, environment: ["AGROVET_DATABASE_URL": url])
        let client = HTTPTestClient(server)
        let endpoint = try await endpoint(client, receiver, "fail/1")
        let id = try await upload(client)
        _ = try await client.request(.DELETE, "/api/media/\(id)/")
        let messages = try await receiver.messages(endpoint.name) { $0.filter { $0.status == 200 }.count >= 3 }
        #expect(messages.filter { $0.status == 200 }.map(\.type) == ["media.created", "media.ready", "media.deleted"])
        #expect(messages.allSatisfy { $0.verified == [endpoint.secret] })
        _ = try await client.request(.POST, endpoint.path + "rotate/")
        #expect(try await client.request(.DELETE, endpoint.path).status == 204)
        #expect(try await client.get(endpoint.path + "deliveries/").status == 404)
        #expect(await server.stop() == 0)
    }
}
