import Foundation
import TestSupport
import Testing

@Suite struct WorkerKillTests {
    /// Whether these workers end, waited for.
    private func end(_ workers: [pid_t]) async throws -> Bool {
        let deadline = ContinuousClock.now + Patience.usual
        while workers.contains(where: { kill($0, 0) == 0 }) {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
        return true
    }

    @Test func killingWorkersInALoopWhileUploadsComeLosesNone() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        @Sendable func upload(_ number: Int) async throws -> String {
            let answer = try await client.upload([("\(number).jpg", photo + Data("\(number)".utf8))])
            #expect(answer.status == 201, "\(answer.text)")
            return answer.json["id"] as? String ?? ""
        }
        // Fewer rounds than the tries of a job, however slow the machine is.
        let killer = WorkerKiller(server, SIGKILL, every: .milliseconds(300), rounds: 8)
        defer { killer.stop() }
        var ids: [String] = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<30 { group.addTask { try await upload(number) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        // Where so many were taken in between two rounds.
        let deadline = ContinuousClock.now + Patience.usual
        while killer.killed <= 2, ContinuousClock.now < deadline { ids.append(try await upload(ids.count)) }
        for id in ids {
            let record = try await client.poll("/api/media/\(id)/") { $0.json["status"] as? String != "processing" }
            #expect(record.json["status"] as? String == "ready", "\(record.text)")
        }
        killer.stop()
        #expect(killer.killed > 2, "workers were killed")
        let last = server.workers
        #expect(await server.stop() == 0)
        #expect(try await end(last), "no worker outlives the server")
    }

    /// Longer than any number of tries, and each time before a video can be written: it costs time and no job.
    @Test func killingWorkersForLongLosesNoVideoEither() async throws {
        // Of old, five attempts of ten tries with a second, two, four and eight between them were over before this ends.
        let server = try await AgrovetProcess.start(environment: ["AGROVET_JOB_BACKOFF": "1s", "AGROVET_JOB_KILL_BACKOFF": "8s"])
        let client = HTTPTestClient(server)
        let video = try await MadeVideos().pattern("long.mp4", size: "1920x1080", rate: 30, seconds: 4, ["-c:v", "mpeg4", "-q:v", "3"])
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        // Held, or the video would be written where two rounds are far apart.
        let (ids, killed) = try await server.holdingVideoWriters {
            var ids: [String] = []
            for (name, bytes) in [("long.mp4", video)] + (0..<4).map({ ("\($0).jpg", photo + Data("\($0)".utf8)) }) {
                let answer = try await client.upload([(name, bytes)])
                #expect(answer.status == 201, "\(answer.text)")
                ids.append(answer.json["id"] as? String ?? "")
            }
            let killer = WorkerKiller(server, SIGKILL, every: .milliseconds(250))
            defer { killer.stop() }
            let (least, most) = (ContinuousClock.now + .seconds(38), ContinuousClock.now + Patience.usual)
            while ContinuousClock.now < least || (killer.killed <= 8 && ContinuousClock.now < most) {
                try await Task.sleep(for: .milliseconds(250))
            }
            return (ids, killer.killed)
        }
        #expect(killed > 8, "workers were killed")
        for id in ids {
            let record = try await client.poll("/api/media/\(id)/") { answer in
                let playback = answer.json["playback"] as? [String: Any]
                return answer.json["status"] as? String != "processing" && playback?["status"] as? String != "processing"
            }
            #expect(record.json["status"] as? String == "ready", "\(record.text)")
            let playback = record.json["playback"] as? [String: Any]
            #expect(playback == nil || playback?["status"] as? String == "ready", "\(record.text)")
        }
        #expect(await server.stop() == 0)
    }

    /// Memory that there is not enough of ends a job each time: some time it is given up, with a reason, and may be tried again.
    @Test func aVideoThatIsKilledEachTimeIsGivenUpAndMayBeTriedAgain() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_JOB_KILLS": "2"])
        let client = HTTPTestClient(server)
        let video = try await MadeVideos().pattern("large.mp4", size: "1920x1080", rate: 30, seconds: 4, ["-c:v", "mpeg4", "-q:v", "3"])
        func playback(_ id: String, _ wanted: String) async throws -> [String: Any] {
            let record = try await client.poll("/api/media/\(id)/") {
                ($0.json["playback"] as? [String: Any])?["status"] as? String == wanted
            }
            return record.json["playback"] as? [String: Any] ?? [:]
        }
        // Held, or the video would be written before the first round or between two.
        let (id, failed) = try await server.holdingVideoWriters {
            let answer = try await client.upload([("large.mp4", video)], headers: ["Prefer": "wait=30"])
            let id = try #require(answer.json["id"] as? String, "\(answer.text)")
            #expect(try await client.request(.POST, "/api/media/\(id)/retry/").status == 409, "nothing has failed")
            let killer = WorkerKiller(server, SIGKILL, every: .milliseconds(200))
            defer { killer.stop() }
            return (id, try await playback(id, "failed"))
        }
        let error = try #require(failed["error"] as? [String: Any], "\(failed)")
        #expect(error["code"] as? String == "codec_killed")
        #expect((error["message"] as? String)?.contains("killed from outside") == true)
        let retried = try await ChildProcess.run(
            Executables.agrovet, ["media", "retry", id, "--server", server.baseURL, "--data", server.dataFolder])
        #expect(retried.status == 0 && retried.output == "\(id)\n", "\(retried)")
        #expect(try await playback(id, "ready")["status"] as? String == "ready")
        let again = try await ChildProcess.run(
            Executables.agrovet, ["media", "retry", id, "--server", server.baseURL, "--data", server.dataFolder])
        #expect(again.status == 1 && again.errors.contains("Nothing of this item has failed."), "\(again)")
        #expect(await server.stop() == 0)
    }

    /// The record of a large picture whose workers crash. Where it was rendered before the first signal came, it is sent again.
    private func crashed(_ server: AgrovetProcess, _ client: HTTPTestClient) async throws -> HTTPTestClient.Answer {
        let deadline = ContinuousClock.now + Patience.usual
        while true {
            let answer = try await client.upload(sample: "200-megapixels-tiled.heic")
            let id = try #require(answer.json["id"] as? String, "\(answer.text)")
            let killer = WorkerKiller(server, SIGSEGV, every: .milliseconds(20))
            defer { killer.stop() }
            let record = try await client.poll("/api/media/\(id)/") { $0.json["status"] as? String != "processing" }
            if record.json["status"] as? String == "failed" || ContinuousClock.now > deadline { return record }
        }
    }

    /// A crash is the file's fault: once more elsewhere, then it has failed. Whoever knows better begins it anew.
    @Test func aPictureThatFailedIsBegunAnew() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        let failed = try await crashed(server, client)
        let id = try #require(failed.json["id"] as? String, "\(failed.text)")
        #expect((failed.json["error"] as? [String: Any])?["code"] as? String == "codec_crashed", "\(failed.text)")
        let gone = try await client.get("/media/\(id)/thumb.webp")
        #expect(gone.status == 404 && gone["Cache-Control"] == "no-store")
        #expect(try await client.anonymous.request(.POST, "/api/media/\(id)/retry/").status == 401)
        #expect(try await client.request(.POST, "/api/media/00000000-0000-7000-8000-000000000000/retry/").status == 404)
        let again = try await client.request(.POST, "/api/media/\(id)/retry/")
        #expect(again.status == 202 && again.json["status"] as? String == "processing" && again.json["error"] is NSNull, "\(again.text)")
        #expect(try await client.request(.POST, "/api/media/\(id)/retry/").status == 409)
        let ready = try await client.poll("/api/media/\(id)/", atMost: .seconds(300)) { $0.json["status"] as? String != "processing" }
        #expect(ready.json["status"] as? String == "ready", "\(ready.text)")
        #expect(try await client.get("/media/\(id)/thumb.webp").status == 200)
        #expect(await server.stop() == 0)
    }

    @Test func workersEndWithAServerThatIsKilled() async throws {
        let server = try await AgrovetProcess.start()
        _ = try await HTTPTestClient(server).upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"])
        let orphans = server.workers
        #expect(!orphans.isEmpty)
        await server.kill()
        #expect(try await end(orphans))
    }
}
