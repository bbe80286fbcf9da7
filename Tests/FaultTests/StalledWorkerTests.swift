import Foundation
import TestSupport
import Testing

/// A worker that writes a video and stands still costs that video a second try, not all other videos the day.
@Suite struct StalledWorkerTests {
    private func begun(_ client: HTTPTestClient) async throws -> String {
        let video = try await MadeVideos().pattern("large.mp4", size: "1920x1080", rate: 30, seconds: 4, ["-c:v", "mpeg4", "-q:v", "3"])
        let answer = try await client.upload([("large.mp4", video)])
        return try #require(answer.json["id"] as? String, "\(answer.text)")
    }

    private func playback(_ client: HTTPTestClient, _ id: String) async throws -> [String: Any] {
        let record = try await client.poll("/api/media/\(id)/") {
            ($0.json["playback"] as? [String: Any])?["status"] as? String != "processing"
        }
        return record.json["playback"] as? [String: Any] ?? [:]
    }

    @Test func aWriterThatIsStoppedIsReplaced() async throws {
        // Long enough for a machine that does much else at the same time.
        let stall = 45
        let server = try await AgrovetProcess.start(environment: ["AGROVET_WEB_VIDEO_STALL": "\(stall)"])
        let client = HTTPTestClient(server)
        let start = ContinuousClock.now
        let first = FirstVideoWriter(server)
        let id = try await begun(client)
        let writer = try await first.stopped()
        // What is still to come is not kept from coming by a cache.
        let early = try await client.get("/media/\(id)/web.mp4")
        #expect(early.status == 404 && early["Cache-Control"] == "no-store")
        let written = try await playback(client, id)
        #expect(written["status"] as? String == "ready", "\(written)")
        #expect(kill(writer, 0) != 0, "the one that stood still is gone")
        #expect(ContinuousClock.now - start >= .seconds(stall), "it was waited for")
        #expect(try await client.get("/media/\(id)/web.mp4").status == 200)
        #expect(await server.stop() == 0)
    }

    @Test func aVideoWhoseWritersAllStandStillIsGivenUpAndTheNextIsWritten() async throws {
        // Long enough for the healthy one that comes afterwards.
        let stall = 30
        let server = try await AgrovetProcess.start(environment: ["AGROVET_WEB_VIDEO_STALL": "\(stall)"])
        let client = HTTPTestClient(server)
        let failed = try await server.holdingVideoWriters { try await playback(client, try await begun(client)) }
        let error = try #require(failed["error"] as? [String: Any], "\(failed)")
        #expect(error["code"] as? String == "render_timeout")
        let message = error["message"] as? String ?? ""
        #expect(message.contains("\(stall) s") && message.contains("AGROVET_WEB_VIDEO_STALL"), "\(message)")
        let next = try await client.upload(sample: "video.webm")
        let written = try await playback(client, try #require(next.json["id"] as? String))
        #expect(written["status"] as? String == "ready", "\(written)")
        #expect(await server.stop() == 0)
    }
}
