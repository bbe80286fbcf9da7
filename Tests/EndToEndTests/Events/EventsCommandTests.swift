import Events
import Foundation
import TestSupport
import Testing

/// `agrovet events` beside a server that runs.
@Suite struct EventsCommandTests {
    private func run(_ server: AgrovetProcess, _ arguments: String...) async throws -> (status: Int32, output: String, errors: String) {
        try await ChildProcess.run(Executables.agrovet, ["events"] + arguments + ["--data", server.dataFolder])
    }

    private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    /// What is printed of the topic once it has so many events: what an answer tells of gets there a moment later.
    private func tail(_ server: AgrovetProcess, count: Int) async throws -> (status: Int32, output: String, errors: String) {
        let deadline = ContinuousClock.now + Patience.usual
        while true {
            let result = try await run(server, "tail", "media.events")
            if lines(result.output).count >= count || result.status != 0 || ContinuousClock.now > deadline { return result }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    @Test func tailPrintsWhatAServerTellsAndGoesOn() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        let id = try #require(try await client.upload(sample: "gray.jpg", headers: ["Prefer": "wait=30"]).json["id"] as? String)
        let all = try await tail(server, count: 2)
        #expect(all.status == 0, "\(all.errors)")
        #expect(lines(all.output).map { $0.split(separator: " ")[0] } == ["0", "1"])
        #expect(lines(all.output).map { $0.split(separator: " ")[2] } == ["media.created", "media.ready"])
        #expect(lines(all.output).allSatisfy { $0.split(separator: " ")[3] == id })
        let ready = try await run(server, "tail", "media.events", "--from", "beginning", "--type", "media.ready", "--json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(ready.output.utf8)) as? [String: Any])
        #expect(object["offset"] as? Int == 1)
        #expect((object["event"] as? [String: Any])?["subject"] as? String == id)
        #expect(lines(try await run(server, "tail", "media.events", "--from", "1").output).count == 1)
        #expect(lines(try await run(server, "tail", "media.events", "--from", "1h").output).count == 2)
        #expect(try await run(server, "tail", "media.events", "--from", "end").output.isEmpty)

        let folder = try TemporaryFolder()
        let output = folder.path + "/output"
        let follower = try ChildProcess(
            Executables.agrovet, ["events", "tail", "media.events", "--from", "end", "--follow", "--data", server.dataFolder],
            output: output)
        let deadline = ContinuousClock.now + Patience.usual
        func heard() -> String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }
        while heard().isEmpty, ContinuousClock.now < deadline {
            _ = try await client.upload(sample: "gray.jpg")
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(heard().contains(" media."))
        follower.kill(SIGINT)
        _ = await follower.wait(atMost: .seconds(10))

        for (arguments, words) in [
            (["tail", "nonsense.events"], "there is no topic nonsense.events"), (["tail", "media.events", "--from", "soon"], "soon"),
        ] {
            let result = try await ChildProcess.run(Executables.agrovet, ["events"] + arguments + ["--data", server.dataFolder])
            #expect(result.status == 1)
            #expect(result.errors.contains(words))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: server.dataFolder + "/events").allSatisfy { !$0.contains("nonsense") })
        #expect(await server.stop() == 0)
    }

    /// Webhooks are a consumer: what it handles again is sent again.
    @Test func replayHasAConsumerHandleEventsAgainWhileTheServerRuns() async throws {
        let receiver = try await WebhookReceiver.shared.value
        let server = try await AgrovetProcess.start(arguments: ["--set", "webhook-allow=127.0.0.1"])
        let client = HTTPTestClient(server)
        let name = UUID().uuidString
        let answer = try await client.send(.POST, "/api/media/webhooks/", json: "{\"url\":\"\(receiver.url("\(name)/ok"))\"}")
        try await receiver.expect([try #require(answer.json["secret"] as? String)], at: name)
        _ = try await client.upload(sample: "gray.jpg", headers: ["Prefer": "wait=30"])
        let first = try await receiver.messages(name) { $0.count >= 2 }
        #expect(first.map(\.type) == ["media.created", "media.ready"])
        let topics = try await run(server, "topics")
        #expect(lines(topics.output).contains("media.events first=0 next=2"), "\(topics.output)")
        #expect(lines(topics.output).contains("consumer webhooks topic=media.events next=2 behind=0"), "\(topics.output)")

        let unasked = try await run(server, "replay", "media.events", "--consumer", "webhooks", "--from", "beginning")
        #expect(unasked.status == 1)
        #expect(unasked.output.contains("webhooks goes back from 2 to 0 of media.events and handles 2 events again"))
        #expect(unasked.errors.contains("--yes"))
        let replay = try await run(server, "replay", "media.events", "--consumer", "webhooks", "--from", "1", "--yes")
        #expect(replay.status == 0, "\(replay.errors)")
        let again = try await receiver.messages(name) { $0.count >= 3 }
        #expect(again.map(\.id) == [first[0].id, first[1].id, first[1].id])
        #expect(
            try await run(server, "replay", "media.events", "--consumer", "webhooks", "--from", "9", "--yes").output.contains(
                "nothing is done"))
        let stranger = try await run(server, "replay", "media.events", "--consumer", "nobody", "--from", "0", "--yes")
        #expect(stranger.status == 1)
        #expect(stranger.errors.contains("webhooks (media.events)"))
        #expect(await server.stop() == 0)
    }

    /// An event that is as it is declared, and names a bucket that cannot be: the consumer of media buckets gives it up.
    @Test func deadLettersAreListedTriedAgainAndDropped() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        do {
            let log = try FileEventLog(folder: server.dataFolder + "/events")
            let data =
                #"{"bucket":"NO BUCKET","key":"a.jpg","version_id":"v","size":1,"etag":"e","content_type":"image/jpeg","owner":"admin","#
                + #""delete_marker":false,"change":"created","cause":"put","is_media":true,"media":{},"sequencer":"0000000000000001"}"#
            try await log.append(
                [
                    CloudEvent(
                        id: "0199aaaa-0000-7000-8000-000000000001", source: "/agrovet/s3", type: "s3.object.created", subject: "x",
                        time: Date(), data: data)
                ],
                to: "s3.events")
        }
        func dead() async throws -> [String] { lines(try await run(server, "dead", "ls").output) }
        func wait(_ isDone: ([String]) -> Bool) async throws -> [String] {
            let deadline = ContinuousClock.now + Patience.usual
            while true {
                let found = try await dead()
                if isDone(found) || ContinuousClock.now > deadline { return found }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        let id = "0199aaaa-0000-7000-8000-000000000001/media-buckets/"
        let first = try await wait { !$0.isEmpty }
        #expect(first.count == 1)
        #expect(first.first?.hasPrefix(id + "1 s3.events s3.object.created x consumer=media-buckets attempts=5") == true, "\(first)")
        let gauge = "agrovet_events_dead_letters{topic=\"s3.events\"} "
        // A consumer's place moves on behind its dead letter.
        for line in [
            gauge + "1", "agrovet_events_consumer_lag{consumer=\"media-buckets\",topic=\"s3.events\"} 0",
            "agrovet_events_outbox_pending{service=\"media\"} 0",
        ] {
            #expect(try await client.poll("/metrics") { $0.text.contains(line) }.text.contains(line))
        }
        let show = try await run(server, "dead", "show", id + "1")
        let letter = try #require(try JSONSerialization.jsonObject(with: Data(show.output.utf8)) as? [String: Any])
        #expect(letter["consumer"] as? String == "media-buckets")
        #expect((letter["event"] as? [String: Any])?["id"] as? String == "0199aaaa-0000-7000-8000-000000000001")
        #expect(try await run(server, "dead", "ls", "--topic", "media.events").output.isEmpty)

        let retry = try await run(server, "dead", "retry", id + "1")
        #expect(retry.status == 0, "\(retry.errors)")
        let second = try await wait { $0.first?.hasPrefix(id + "2 ") == true }
        #expect(second.count == 1 && second.first?.hasPrefix(id + "2 ") == true, "it failed once more: \(second)")
        #expect(try await run(server, "dead", "drop", "--all").output.contains("2 is dropped"))
        #expect(try await dead().isEmpty)
        #expect(try await client.get("/metrics").text.contains(gauge + "0"))
        #expect(try await run(server, "dead", "show", id + "1").status == 1)
        #expect(await server.stop() == 0)
    }

    @Test func checkFindsWhatNobodyDeclares() async throws {
        let folder = try TemporaryFolder()
        let log = try FileEventLog(folder: folder.path + "/events")
        let event = CloudEvent(id: "1", source: "/a", type: "cow.jumped", subject: "moon", time: Date(), data: "{}")
        try await log.append([event], to: "media.events")
        let purge = CloudEvent(
            id: "2", source: "/a", type: "media.purge", subject: "x", time: Date(),
            data: #"{"id":"0199aaaa-0000-7000-8000-000000000001","reason":"deleted","urls":[],"tags":[],"more":1}"#)
        try await log.append([purge], to: "media.events")
        let result = try await ChildProcess.run(Executables.agrovet, ["events", "check", "--data", folder.path])
        #expect(result.status == 3)
        #expect(result.output.contains("media.events 0: no service declares the type cow.jumped"))
        #expect(result.output.contains("media.events 1: media.purge: more: This field is not expected here."))
        #expect(result.output.contains("2 events, 2 faults"))
    }

    @Test func twoServersDoNotShareAFolder() async throws {
        let server = try await AgrovetProcess.start()
        do {
            let other = try await AgrovetProcess.start(dataFolder: server.dataFolder)
            await other.kill()
            Issue.record("a second server runs on the folder")
        } catch let failure as AgrovetProcess.Failure {
            #expect(failure.description.contains("another agrovet process uses auth in"))
        }
        #expect(await server.stop() == 0)
    }
}
