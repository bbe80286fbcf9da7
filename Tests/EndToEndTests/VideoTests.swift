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

    /// How the video for browsers ended.
    private func played(_ id: String, _ client: HTTPTestClient) async throws -> [String: Any] {
        let answer = try await client.poll("/api/media/\(id)/") { answer in
            (answer.json["playback"] as? [String: Any])?["status"] as? String != "processing"
        }
        return try #require(answer.json["playback"] as? [String: Any])
    }

    @Test func aVideoIsWrittenForBrowsersAndPlaysWithSeeking() async throws {
        let record = try await readyVideo("video-hevc.mov")
        let id = try #require(record["id"] as? String)
        let playback = try await played(id, SharedServer.client)
        #expect(playback["status"] as? String == "ready" && playback["progress"] as? Int == 1)
        #expect(playback["width"] as? Int == 400 && playback["height"] as? Int == 300)
        #expect((playback["url"] as? String)?.hasSuffix("/media/\(id)/web.mp4") == true)
        #expect(playback["hls"] is NSNull, "only where the setting says so")
        let client = try await SharedServer.client.anonymous
        let whole = try await client.get("/media/\(id)/web.mp4")
        #expect(whole.status == 200 && whole["Content-Type"] == "video/mp4" && whole.body.count == playback["size"] as? Int)
        let part = try await client.get("/media/\(id)/web.mp4", headers: ["Range": "bytes=1000-1999"])
        #expect(part.status == 206 && part.body == whole.body[1000..<2000])
        #expect(try await client.get("/media/\(id)/hls.m3u8").status == 404)
        // What is deleted is gone, and its address too.
        #expect(try await SharedServer.client.request(.DELETE, "/api/media/\(id)/").status == 204)
        #expect(try await client.get("/media/\(id)/web.mp4").status == 404)
    }

    /// What phones record at most: 8K, as HEVC.
    @Test func eightKIsWrittenWithTheSettingsAsTheyAre() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/large.mp4"
        let made = try await ChildProcess.run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=7680x4320:rate=10:duration=0.3", "-pix_fmt", "yuv420p", "-c:v",
                "libx265",
                "-preset", "ultrafast", "-x265-params", "log-level=error", "-tag:v", "hvc1", path,
            ], atMost: .seconds(300))
        try #require(made.status == 0, "\(made.errors)")
        let answer = try await SharedServer.client.upload(
            [("large.mp4", try Data(contentsOf: URL(fileURLWithPath: path)))], headers: ["Prefer": "wait=60"])
        let playback = try await played(try #require(answer.json["id"] as? String, "\(answer.text)"), SharedServer.client)
        #expect(playback["status"] as? String == "ready" && playback["error"] is NSNull, "\(playback)")
        #expect(playback["width"] as? Int == 1280 && playback["height"] as? Int == 720)
    }

    @Test func soundThatIsLeftOutIsSaidToBeMissing() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/disc.mkv"
        let made = try await ChildProcess.run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=12:duration=1", "-f", "lavfi", "-i", "sine=duration=1",
                "-c:v", "mpeg4", "-c:a", "truehd", "-strict", "-2", path,
            ])
        try #require(made.status == 0, "\(made.errors)")
        let answer = try await SharedServer.client.upload([("disc.mkv", try Data(contentsOf: URL(fileURLWithPath: path)))])
        let playback = try await played(try #require(answer.json["id"] as? String, "\(answer.text)"), SharedServer.client)
        #expect(playback["status"] as? String == "ready" && playback["url"] is String)
        #expect((playback["error"] as? [String: Any])?["code"] as? String == "sound_left_out")
    }

    @Test func aPhotoHasNoPlayback() async throws {
        let record = try await SharedServer.client.upload(sample: "422.jpg", headers: ["Prefer": "wait=30"]).json
        #expect(record["playback"] is NSNull)
        #expect(try await SharedServer.client.get("/media/\(record["id"] as! String)/web.mp4").status == 404)
    }

    @Test func segmentsPlayThroughAPlaylistAlsoWherePrivate() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_HLS": "true", "AGROVET_HLS_SEGMENT": "1s"])
        let client = HTTPTestClient(server)
        let answer = try await client.upload(sample: "video.mp4", fields: ["visibility": "private"], headers: ["Prefer": "wait=30"])
        let id = try #require(answer.json["id"] as? String)
        let playback = try await played(id, client)
        let address = try #require(playback["hls"] as? String)
        #expect(address.contains("/media/\(id)/hls.m3u8?"), "signed")
        #expect(try await client.anonymous.get("/media/\(id)/hls.m3u8").status == 404, "not signed")
        let list = try await ChildProcess.run("curl", ["-s", address])
        #expect(list.output.hasPrefix("#EXTM3U\n") && list.output.hasSuffix("#EXT-X-ENDLIST\n"))
        #expect(list.output.contains("#EXT-X-BYTERANGE"))
        // A real player follows the list, byte ranges and signatures.
        let played = try await ChildProcess.run(
            "ffprobe",
            [
                "-v", "error", "-allowed_extensions", "ALL", "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames", "-of",
                "csv=p=0", address,
            ])
        #expect(played.output.contains("h264,36") && played.output.contains("aac,"), "\(played)")
        #expect(await server.stop() == 0)
    }

    @Test func killedWhileItIsWrittenItIsWrittenAfterwards() async throws {
        let settings = ["AGROVET_WEB_VIDEO_PRESET": "veryslow", "AGROVET_WEB_VIDEO_SIZE": "720"]
        let folder = try TemporaryFolder()
        var server = try await AgrovetProcess.start(environment: settings, dataFolder: folder.path + "/storage")
        let answer = try await HTTPTestClient(server).upload(sample: "video.webm", headers: ["Prefer": "wait=30"])
        let id = try #require(answer.json["id"] as? String)
        #expect(answer.json["status"] as? String == "ready")
        await server.kill()
        server = try await AgrovetProcess.start(environment: settings, dataFolder: folder.path + "/storage")
        let client = HTTPTestClient(server)
        #expect(try await played(id, client)["status"] as? String == "ready")
        #expect(await server.stop() == 0)
        #expect(server.temporaryFiles.isEmpty)
    }

    @Test func progressIsToldOnTheRecordInTheEventStreamAndToWebhooksThatNameIt() async throws {
        // Slow enough to be stopped on the way.
        let settings = [
            "AGROVET_WEB_VIDEO_PRESET": "veryslow", "AGROVET_WEB_VIDEO_THREADS": "1", "AGROVET_WEBHOOK_ALLOW": "127.0.0.1",
        ]
        let server = try await AgrovetProcess.start(environment: settings.merging(PhoneVideo.patiently) { $1 })
        let receiver = try await WebhookReceiver.shared.value
        let (naming, usual) = (UUID().uuidString, UUID().uuidString)
        let folder = try TemporaryFolder()
        let source = folder.path + "/long.mkv"
        let made = try await ChildProcess.run(
            "ffmpeg",
            ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=40", "-c:v", "mpeg4", "-q:v", "5", source])
        #expect(made.status == 0, "\(made.errors)")
        let client = HTTPTestClient(server)
        let webhooks = "/api/media/webhooks/"
        let named = #"{"url":"\#(receiver.url(naming + "/ok"))","events":["media.progress"]}"#
        #expect(try await client.send(.POST, webhooks, json: named).status == 201)
        let other = try await client.send(.POST, webhooks, json: #"{"url":"\#(receiver.url(usual + "/ok"))"}"#)
        let (answer, writer) = try await server.holdingVideoWriters(resuming: false) {
            let answer = try await client.upload(
                [("long.mkv", try Data(contentsOf: URL(fileURLWithPath: source)))], headers: ["Prefer": "wait=30"])
            return (answer, try await server.firstVideoWriter())
        }
        let id = try #require(answer.json["id"] as? String)
        // It goes on for a moment at a time until it has told of itself, and stands still while that is looked at.
        var halfway = try await client.get("/api/media/\(id)/")
        let deadline = ContinuousClock.now + Patience.usual
        while (halfway.json["playback"] as? [String: Any])?["progress"] as? Double == 0, ContinuousClock.now < deadline {
            await Self.letRun(writer)
            halfway = try await client.get("/api/media/\(id)/")
        }
        let playback = try #require(halfway.json["playback"] as? [String: Any])
        #expect(playback["status"] as? String == "processing")
        let share = try #require(playback["progress"] as? Double)
        #expect(share > 0 && share < 1)
        // created, ready, then progress.
        let output = folder.path + "/events"
        let stream = try ChildProcess(
            "curl",
            [
                "-s", "-N", "-H", "Authorization: Bearer \(server.token)", "-H", "Last-Event-ID: 0",
                server.baseURL + "/api/events/?topic=media.events",
            ], output: output)
        func isHeard() -> Bool { (try? String(contentsOfFile: output, encoding: .utf8))?.contains("event: media.progress") == true }
        while !isHeard(), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(50)) }
        #expect(isHeard())
        stream.kill(SIGKILL)
        _ = await stream.wait()
        let told = try await receiver.messages(naming) { !$0.isEmpty }
        #expect(!told.isEmpty && told.allSatisfy { $0.type == "media.progress" && $0.data["id"] as? String == id })
        // Decided in the same transaction.
        let listed = try await client.get(webhooks + "\(try #require(other.json["id"] as? String))/deliveries/")
        let types = (listed.json["results"] as? [[String: Any]] ?? []).compactMap { $0["type"] as? String }
        #expect(types == ["media.ready", "media.created"])
        kill(writer, SIGCONT)
        // A server that stops does not wait for the video, and leaves nothing of it.
        #expect(await server.stop() == 0)
        #expect(server.temporaryFiles.isEmpty)
    }

    /// Lets a video's writer that stands still go on for 300 ms; from a thread that does not wait for its turn among the tests.
    private static func letRun(_ writer: pid_t) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                kill(writer, SIGCONT)
                usleep(300_000)
                kill(writer, SIGSTOP)
                continuation.resume()
            }
        }
    }

    @Test func noneIsWrittenWhereTheSettingIsOff() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_WEB_VIDEO": "false"])
        let answer = try await HTTPTestClient(server).upload(sample: "video.webm", headers: ["Prefer": "wait=30"])
        #expect(answer.json["status"] as? String == "ready" && answer.json["playback"] is NSNull)
        #expect(await server.stop() == 0)
    }
}
