import Foundation
import TestSupport
import Testing

@Suite struct VideoTests {
    private func readyVideo(_ sample: String = "video.mp4") async throws -> [String: Any] {
        let answer = try await SharedServer.client.upload(sample: sample, headers: ["Prefer": "wait=30"])
        #expect(answer.status == 201)
        return answer.json
    }

    @Test func aVideoBecomesReadyWithAPosterInEverySize() async throws {
        let record = try await readyVideo()
        #expect(record["kind"] as? String == "video")
        #expect(record["status"] as? String == "ready")
        #expect(record["content_type"] as? String == "video/mp4")
        #expect(abs(try #require(record["duration"] as? Double) - 3) < 0.1)
        #expect(abs(try #require(record["frame_rate"] as? Double) - 12) < 0.1)
        let codecs = try #require(record["codecs"] as? [String: Any])
        #expect(codecs["video"] as? String == "h264")
        #expect(codecs["audio"] as? String == "aac")
        #expect((record["placeholder"] as? String)?.isEmpty == false)
        let renditions = try #require(record["renditions"] as? [[String: Any]])
        #expect(Set(renditions.compactMap { $0["format"] as? String }) == ["webp", "jpeg"])
        #expect(Set(renditions.compactMap { $0["name"] as? String }) == ["thumb", "small", "medium", "large"])
        let id = try #require(record["id"] as? String)
        let client = try await SharedServer.client.anonymous
        for path in ["thumb.webp", "large.jpg", "small.auto"] {
            let poster = try await client.get("/media/\(id)/\(path)")
            #expect(poster.status == 200)
            #expect(poster["Content-Type"]?.hasPrefix("image/") == true, "\(path)")
        }
        // A format that was not planned is made on request.
        #expect(try await client.get("/media/\(id)/small.png")["Content-Type"] == "image/png")
    }

    @Test func aPhotoHasNoDuration() async throws {
        let record = try await SharedServer.client.upload(sample: "422.jpg", headers: ["Prefer": "wait=30"]).json
        #expect(record["kind"] as? String == "image")
        #expect(record["duration"] is NSNull && record["codecs"] is NSNull)
    }

    @Test(arguments: [
        ("video-rotated.mov", "video/quicktime", 400, 300), ("video.webm", "video/webm", 400, 300), ("video.3gp", "video/3gpp", 384, 288),
        ("video.ts", "video/mp2t", 200, 150), ("video.avi", "video/x-msvideo", 400, 300), ("video.mkv", "video/x-matroska", 400, 300),
        ("video-hevc.mov", "video/quicktime", 400, 300), ("video-pq.mp4", "video/mp4", 400, 300),
    ]) func everyContainerIsTaken(_ sample: String, _ type: String, _ width: Int, _ height: Int) async throws {
        let record = try await readyVideo(sample)
        #expect(record["status"] as? String == "ready")
        #expect(record["content_type"] as? String == type)
        #expect(record["width"] as? Int == width)
        #expect(record["height"] as? Int == height)
    }

    @Test func theOriginalPlaysWithSeeking() async throws {
        let id = try #require(try await readyVideo()["id"] as? String)
        let client = try await SharedServer.client.anonymous
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("video.mp4")))
        let start = try await client.get("/media/\(id)/original", headers: ["Range": "bytes=0-"])
        #expect(start.status == 206)
        #expect(start["Content-Type"] == "video/mp4")
        #expect(start["Accept-Ranges"] == "bytes")
        #expect(start.body == bytes)
        let etag = try #require(start["ETag"])
        let middle = try await client.get("/media/\(id)/original", headers: ["Range": "bytes=20000-20999", "If-Range": etag])
        #expect(middle.status == 206)
        #expect(middle.body == bytes[20_000..<21_000])
        #expect(middle["Content-Range"] == "bytes 20000-20999/\(bytes.count)")
    }

    @Test func aListOfVideosHasNoPhotos() async throws {
        let id = try #require(try await readyVideo()["id"] as? String)
        let list = try await SharedServer.client.get("/api/media/?kind=video&page_size=100").json
        let results = try #require(list["results"] as? [[String: Any]])
        #expect(results.contains { $0["id"] as? String == id })
        #expect(results.allSatisfy { $0["kind"] as? String == "video" })
    }

    @Test(arguments: [("video-truncated.mp4", "truncated"), ("video-no-index.mov", "truncated"), ("empty.jpg", "empty_file")])
    func aBrokenVideoIsRefusedWithAReason(_ sample: String, _ code: String) async throws {
        let answer = try await SharedServer.client.upload(sample: sample)
        #expect(answer.status == 400)
        #expect(answer["X-Error-Code"] == code)
        #expect((answer.json["file"] as? [String])?.first?.hasPrefix(sample) == true)
    }

    @Test func aVideoWhoseFramesAreNoiseFailsWithAReason() async throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("video.mp4")))
        let data = try #require(bytes.range(of: Data("mdat".utf8)))
        for index in data.upperBound..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 197) }
        let answer = try await SharedServer.client.upload([("noise.mp4", bytes)], headers: ["Prefer": "wait=30"])
        #expect(answer.status == 201)
        let record = answer.json
        #expect(record["status"] as? String == "failed")
        #expect((record["error"] as? [String: Any])?["code"] as? String == "corrupt")
        #expect((record["renditions"] as? [Any])?.isEmpty == true)
    }

    @Test func aVideoLongerThanTheSettingIsRefused() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_MAX_VIDEO_DURATION": "2s"])
        let answer = try await HTTPTestClient(server).upload(sample: "video.mp4")
        #expect(answer.status == 400)
        #expect(answer["X-Error-Code"] == "too_long")
        #expect(String(decoding: answer.body, as: UTF8.self).contains("AGROVET_MAX_VIDEO_DURATION"))
        #expect(await server.stop() == 0)
    }
}
