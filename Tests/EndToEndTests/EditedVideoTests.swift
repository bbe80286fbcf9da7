import Foundation
import TestSupport
import Testing

/// Recordings that were changed without being encoded again: their edit list says from where on, and when, something is shown.
@Suite struct EditedVideoTests {
    private struct Tracks: Decodable {
        struct Track: Decodable {
            let codec_type: String
            let start_time: String
            let nb_read_frames: String
        }
        let streams: [Track]
    }

    private func ffmpeg(_ arguments: [String], _ path: String) async throws -> Data {
        let made = try await ChildProcess.run("ffmpeg", ["-v", "error", "-y"] + arguments + [path], atMost: .seconds(120))
        try #require(made.status == 0, "\(made.errors)")
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// What phones write when a recording is trimmed, and what editors do when the sound is moved: edit lists.
    @Test func whatAnEditListSaysIsKeptInTheVideoForBrowsersAndInItsSegments() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_HLS": "true", "AGROVET_HLS_SEGMENT": "1s"])
        let client = HTTPTestClient(server)
        let folder = try TemporaryFolder()
        let source = [
            "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=4", "-f", "lavfi", "-i", "sine=duration=4", "-c:a", "aac",
        ]
        let hevc = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-tag:v", "hvc1", "-pix_fmt", "yuv420p"]
        let h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-pix_fmt", "yuv420p"]
        var videos: [(name: String, bytes: Data, frames: String, delay: Double)] = []
        for (name, codec) in [("hevc", hevc), ("h264", h264)] {
            let whole = folder.path + "/\(name).mp4"
            _ = try await ffmpeg(source + codec, whole)
            let trimmed = try await ffmpeg(["-ss", "1.37", "-i", whole, "-c", "copy"], folder.path + "/trimmed-\(name).mp4")
            videos.append(("trimmed-\(name).mp4", trimmed, "78", 0))
            let late = ["-i", whole, "-itsoffset", "1.5", "-i", whole, "-map", "0:v", "-map", "1:a", "-c", "copy"]
            videos.append(("late-\(name).mp4", try await ffmpeg(late, folder.path + "/late-\(name).mp4"), "120", 1.5))
        }
        for video in videos {
            let answer = try await client.upload([(video.name, video.bytes)], headers: ["Prefer": "wait=30"])
            #expect(answer.json["status"] as? String == "ready", "\(video.name): \(answer.text)")
            let record = try await client.poll("/api/media/\(try #require(answer.json["id"] as? String))/") {
                ($0.json["playback"] as? [String: Any])?["status"] as? String != "processing"
            }.json
            let playback = try #require(record["playback"] as? [String: Any])
            for address in [playback["url"] as? String, playback["hls"] as? String] {
                let probe = try await ChildProcess.run(
                    "ffprobe",
                    [
                        "-v", "error", "-allowed_extensions", "ALL", "-count_frames", "-show_entries",
                        "stream=codec_type,start_time,nb_read_frames", "-of", "json", try #require(address, "\(video.name): \(playback)"),
                    ])
                let tracks = try JSONDecoder().decode(Tracks.self, from: Data(probe.output.utf8)).streams
                let picture = try #require(tracks.first { $0.codec_type == "video" }),
                    sound = try #require(tracks.first { $0.codec_type == "audio" })
                #expect(picture.nb_read_frames == video.frames, "\(video.name): \(address!)")
                let delay = try #require(Double(sound.start_time)) - (try #require(Double(picture.start_time)))
                #expect(abs(delay - video.delay) < 0.04, "\(video.name), \(address!): \(delay)")
            }
        }
        #expect(await server.stop() == 0)
    }
}
