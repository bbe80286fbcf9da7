import Foundation
import TestSupport
import Testing

/// A video that nobody wants any more is not written on, and does not keep the next one waiting.
@Suite struct DeletedVideoTests {
    /// Minutes of work for one thread.
    private static let slow = ["AGROVET_WEB_VIDEO_PRESET": "veryslow", "AGROVET_WEB_VIDEO_THREADS": "1"]

    private func begun(_ client: HTTPTestClient, _ server: AgrovetProcess) async throws -> (id: String, writer: pid_t) {
        let video = try await MadeVideos().pattern("long.mkv", size: "1280x720", rate: 30, seconds: 60, ["-c:v", "mpeg4", "-q:v", "8"])
        let answer = try await client.upload([("long.mkv", video)], headers: ["Prefer": "wait=30"])
        let id = try #require(answer.json["id"] as? String, "\(answer.text)")
        return (id, try await server.firstVideoWriter())
    }

    private func ends(_ process: pid_t, within limit: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while kill(process, 0) == 0 {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(50))
        }
        return true
    }

    @Test(arguments: ["SQLite", "PostgreSQL"]) func itsWriterEndsAndTheNextOneIsWritten(_ database: String) async throws {
        var settings = Self.slow
        if database == "PostgreSQL" { settings["AGROVET_DATABASE_URL"] = try await PostgreSQLServer.shared.makeDatabase() }
        let server = try await AgrovetProcess.start(environment: settings)
        let client = HTTPTestClient(server)
        let (id, writer) = try await begun(client, server)
        #expect(try await client.request(.DELETE, "/api/media/\(id)/").status == 204)
        #expect(try await ends(writer, within: Patience.usual), "the writer is ended")
        let next = try await client.upload(sample: "video.webm")
        let record = try await client.poll("/api/media/\(try #require(next.json["id"] as? String))/") {
            ($0.json["playback"] as? [String: Any])?["status"] as? String != "processing"
        }
        #expect((record.json["playback"] as? [String: Any])?["status"] as? String == "ready", "\(record.text)")
        #expect(try await server.lastingTemporaryFiles().isEmpty)
        // Nothing of it was stored behind its deletion.
        let left = try FileManager.default.subpathsOfDirectory(atPath: server.dataFolder).filter { $0.contains(id) }
        #expect(left == [])
        #expect(server.log.contains("a job was ended"))
        #expect(await server.stop() == 0)
    }
}
