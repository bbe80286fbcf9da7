import Foundation
import TestSupport
import Testing

/// Videos as nobody should make them, and as phones, cameras and broadcasters make them all the same.
@Suite struct BadVideoTests {
    private typealias Ending = UploadTrial.Ending
    private static let played = Ending.ready(playback: "ready", reason: nil)

    /// Whatever happens to it, it is said: refused or failed with a reason, or ready.
    private func expectSettled(_ trial: UploadTrial, _ name: String, _ bytes: Data) async throws {
        let ending = try await trial.ending(of: name, bytes)
        if case .wrong(let what) = ending { Issue.record("\(name): \(what)") }
    }

    private func expect(_ wanted: Ending, _ trial: UploadTrial, _ name: String, _ bytes: Data) async throws {
        let ending = try await trial.ending(of: name, bytes)
        #expect(ending == wanted, "\(name)")
    }

    @Test func whatBrokeOffIsRefusedWhereTheStructureTells() async throws {
        let trial = try await UploadTrial.start()
        for sample in [
            "video.webm", "video-av1.webm", "video.mkv", "video.avi", "video.ts", "video.mp4", "video-index-at-end.mov", "video.3gp",
        ] {
            let whole = try MadeVideos.sample(sample)
            for count in [whole.count / 2, whole.count * 9 / 10, whole.count - 1] {
                let ending = try await trial.ending(of: sample, whole.prefix(count))
                // A transport stream has no end; it is cut anywhere.
                let wanted = sample == "video.ts" ? Self.played : .refused(code: "truncated")
                #expect(ending == wanted, "\(sample) cut to \(count) of \(whole.count): \(ending)")
            }
        }
        // A live recording does not say where it ends.
        let made = try MadeVideos()
        let live = try await made.pattern("live.webm", seconds: 3, ["-c:v", "libvpx", "-deadline", "realtime", "-f", "webm", "-live", "1"])
        for count in [live.count, live.count * 9 / 10] { try await expect(Self.played, trial, "live.webm", live.prefix(count)) }
        try await trial.end()
    }

    /// The recorder is killed as it writes: what there is plays, where the container can be read without its end.
    @Test(arguments: [
        ("killed.avi", ["-c:v", "mpeg4", "-q:v", "5", "-flush_packets", "1"], true),
        ("killed.mkv", ["-c:v", "mpeg4", "-q:v", "5", "-flush_packets", "1"], true),
        ("killed.ts", ["-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-flush_packets", "1"], true),
        (
            "killed-fragmented.mp4",
            [
                "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "12", "-movflags", "frag_keyframe+empty_moov",
                "-flush_packets", "1",
            ], true
        ),
        ("killed.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-flush_packets", "1"], false),
        ("killed.mov", ["-c:v", "mpeg4", "-flush_packets", "1"], false),
    ])
    func aRecordingThatWasKilledIsPlayedWithoutItsEnd(_ name: String, _ arguments: [String], _ isPlayed: Bool) async throws {
        let trial = try await UploadTrial.start()
        let folder = try TemporaryFolder()
        let path = folder.path + "/" + name
        let recorder = try ChildProcess(
            "ffmpeg",
            ["-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=600", "-pix_fmt", "yuv420p"] + arguments + [
                path
            ])
        let deadline = ContinuousClock.now + Patience.usual
        func size() -> Int { (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0 }
        while size() < 150_000, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(50)) }
        recorder.kill(SIGKILL)
        _ = await recorder.wait()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // Where the disk's last block ends is where it is cut.
        for count in [bytes.count, bytes.count - 77] {
            let ending = try await trial.ending(of: name, bytes.prefix(count))
            #expect(ending == (isPlayed ? Self.played : .refused(code: "truncated")), "\(name) of \(count) bytes")
        }
        let list = try await trial.client.get("/api/media/?search=\(name)").json["results"] as? [[String: Any]] ?? []
        for record in list {
            #expect((record["duration"] as? Double ?? 0) > 0.3 && (record["frame_rate"] as? Double ?? 0) > 20, "\(record)")
        }
        #expect(list.count == (isPlayed ? 2 : 0))
        try await trial.end()
    }

    @Test func videosOfEveryMakeArePlayed() async throws {
        let trial = try await UploadTrial.start()
        let made = try MadeVideos()
        let x264 = ["-c:v", "libx264", "-preset", "ultrafast"]
        let mpeg4 = ["-c:v", "mpeg4", "-q:v", "5"]
        var videos: [(String, Data)] = [
            ("fragmented.mp4", try await made.pattern("fragmented.mp4", x264 + ["-movflags", "frag_keyframe+empty_moov"])),
            (
                "variable-rate.mkv",
                try await made.pattern("variable-rate.mkv", seconds: 3, mpeg4 + ["-vf", "setpts=N*N/60/TB", "-vsync", "vfr"])
            ),
            ("no-cues.mkv", try await made.pattern("no-cues.mkv", seconds: 3, mpeg4 + ["-f", "matroska", "-live", "1"])),
            (
                "no-idx1.avi",
                try await made.pattern("no-idx1.avi", seconds: 2, mpeg4).replacing(behind: "idx", skipping: -3, with: Array("JUNK".utf8))
            ),
            ("1000-frames-a-second.mp4", try await made.pattern("fast.mp4", rate: 1000, x264)),
            ("odd.mkv", try await made.pattern("odd.mkv", size: "17x13", mpeg4)),
            ("one-pixel.webm", try await made.pattern("one-pixel.webm", ["-vf", "scale=1:1", "-c:v", "libvpx"])),
            (
                "a-dozen-frames.mov",
                try await made.pattern(
                    "a-dozen-frames.mov", rate: 12,
                    ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-tag:v", "hvc1"])
            ),
            ("one-frame.mp4", try await made.pattern("one-frame.mp4", x264 + ["-frames:v", "1"])),
        ]
        let inputs = [
            "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=12:duration=1", "-f", "lavfi", "-i", "testsrc2=size=96x72:rate=12:duration=1",
        ]
        videos.append(
            (
                "several-tracks.mkv",
                try await made.ffmpeg(
                    "several-tracks.mkv",
                    inputs + MadeVideos.tone + MadeVideos.tone + [
                        "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-c:v", "mpeg4", "-c:a", "aac",
                    ])
            ))
        // Two recordings of a broadcast, joined.
        let broadcast = x264 + ["-output_ts_offset"]
        videos.append(
            (
                "joined.ts",
                try await made.pattern("one.ts", broadcast + ["0"]) + (try await made.pattern("other.ts", broadcast + ["20000"]))
            ))
        // A display matrix that turns and mirrors; sizes of edit lists and colours that cannot be.
        let mirrored = try MadeVideos.sample("video-mirrored.mov")
        let one: [UInt8] = [0, 1, 0, 0], zero: [UInt8] = [0, 0, 0, 0], last: [UInt8] = [0x40, 0, 0, 0]
        videos.append(
            (
                "turned-and-mirrored.mov",
                mirrored.replacing(behind: "tkhd", skipping: 40, with: zero + one + zero + one + zero + zero + zero + zero + last)
            ))
        videos.append(
            (
                "impossible-colours.mp4",
                try MadeVideos.sample("video-pq.mp4").replacing(behind: "nclx", with: [UInt8](repeating: 0xFF, count: 6))
            ))
        for (name, bytes) in videos { try await expect(Self.played, trial, name, bytes) }
        try await trial.end()
    }

    @Test func soundOfEveryMakeIsPlayedOrLeftOut() async throws {
        let trial = try await UploadTrial.start()
        let made = try MadeVideos()
        let picture = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=12:duration=1"]
        func stream(_ name: String, _ rate: Int, _ channels: Int, _ codec: String) async throws -> Data {
            let sound = ["-f", "lavfi", "-i", "sine=frequency=330:sample_rate=\(rate):duration=1", "-ac", "\(channels)", "-c:a", codec]
            return try await made.ffmpeg(name, picture + sound + ["-c:v", "mpeg2video"])
        }
        // Two recordings put together: the sound changes its rate and its channels on the way.
        var joined = try await stream("one.ts", 48_000, 2, "aac") + (try await stream("other.ts", 22_050, 1, "aac"))
        try await expect(Self.played, trial, "joined.ts", joined)
        joined = try await stream("one.ts", 48_000, 2, "mp2") + (try await stream("other.ts", 44_100, 1, "mp2"))
        try await expect(Self.played, trial, "joined-mp2.ts", joined)
        // Sound at one sample a second would fill the memory at 48,000.
        let avi = try await made.ffmpeg("slow.avi", picture + MadeVideos.tone + ["-c:v", "mpeg4", "-c:a", "pcm_s16le"])
        let header = try #require(avi.range(of: Data([1, 0, 1, 0, 0x80, 0xBB, 0, 0])))
        var slow = avi
        slow.replaceSubrange(header.lowerBound + 4..<header.upperBound, with: [1, 0, 0, 0])
        try await expectSettled(trial, "slow.avi", slow)
        for rate in [8000, 11_025, 33_075, 96_000] {
            try await expect(Self.played, trial, "\(rate).mkv", try await stream("\(rate).mkv", rate, 1, "flac"))
        }
        try await trial.end()
    }

    @Test func whatIsNoVideoIsRefusedWithAReason() async throws {
        let trial = try await UploadTrial.start()
        let made = try MadeVideos()
        for name in ["sound.m4a", "sound.mka", "sound.ts"] {
            try await expect(.refused(code: "unsupported"), trial, name, try await made.ffmpeg(name, MadeVideos.tone + ["-c:a", "aac"]))
        }
        // Common encryption, of one file and of fragments.
        let encrypted = [
            "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=12:duration=1", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-c:a", "aac",
            "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb", "-encryption_kid",
            "a7e61c373e219033c21091fa607bf3b8",
        ]
        for (name, flags) in [("rented.mp4", []), ("rented.mov", []), ("streamed.mp4", ["-movflags", "frag_keyframe+empty_moov"])] {
            let bytes = try await made.ffmpeg(name, MadeVideos.tone + encrypted + flags)
            try await expect(.refused(code: "encrypted"), trial, name, bytes)
        }
        // A cover is no moving picture.
        let cover = [
            "-i", Executables.sample("gray.jpg"), "-map", "0", "-map", "1", "-c:a", "aac", "-c:v", "mjpeg", "-disposition:v",
            "attached_pic",
        ]
        try await expect(.refused(code: "unsupported"), trial, "album.m4a", try await made.ffmpeg("album.m4a", MadeVideos.tone + cover))
        let tracks = (0..<70).flatMap { _ in ["-map", "0:v"] }
        let crowded = ["-f", "lavfi", "-i", "color=size=16x16:rate=1:duration=1"] + tracks + ["-c:v", "mpeg4"]
        for name in ["70-tracks.mkv", "70-tracks.mp4"] {
            try await expect(.refused(code: "unsupported"), trial, name, try await made.ffmpeg(name, crowded))
        }
        // 16K: more memory than all renders may take.
        let large = ["-f", "lavfi", "-i", "color=size=15360x8640:rate=1:duration=1", "-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-q:v", "31"]
        try await expect(.refused(code: "memory_budget"), trial, "16K.mov", try await made.ffmpeg("16K.mov", large))
        let empty = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=12:duration=1", "-c:v", "libx264", "-t", "0"]
        for name in ["no-frames.mp4", "no-frames.mkv"] {
            guard let bytes = try? await made.ffmpeg(name, empty) else { continue }
            try await expectSettled(trial, name, bytes)
        }
        try await trial.end()
    }

    @Test func whatAHeaderClaimsIsNotBelieved() async throws {
        let trial = try await UploadTrial.start()
        let video = try MadeVideos.sample("video.mp4")
        let most = [UInt8](repeating: 0xFF, count: 4)
        try await expectSettled(
            trial, "eternal.mp4",
            video.replacing(behind: "mvhd", skipping: 16, with: most).replacing(behind: "mdhd", skipping: 16, with: most))
        for entry: [UInt8] in [[0xFF, 0xFF, 0xFF, 0xFB], [0x80, 0, 0, 0], [0x7F, 0xFF, 0xFF, 0xFF]] {
            try await expectSettled(trial, "edit-list.mp4", video.replacing(behind: "elst", skipping: 12, with: entry))
        }
        for (name, mark, place) in [
            ("samples", "stsz", 8), ("times", "stts", 4), ("chunks", "stco", 4), ("map", "stsc", 4), ("shifts", "ctts", 4),
        ] {
            try await expectSettled(trial, "\(name).mp4", video.replacing(behind: mark, skipping: place, with: most))
        }
        for side in [16, 320, 20_000, 65_535] {
            let bytes = [UInt8(side >> 8), UInt8(side & 0xFF)]
            try await expectSettled(trial, "\(side).mp4", video.replacing(behind: "avc1", skipping: 24, with: bytes + bytes))
        }
        // Sides whose product with the shape of a pixel is beyond 64 bits.
        let block: [UInt8] = [0x81, 0, 0, 0x80, 0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x10, 0, 0x10, 0] + [UInt8](repeating: 0, count: 64)
        let cluster = ebml([0x1F, 0x43, 0xB6, 0x75], ebml([0xE7], 0) + ebml([0xA3], block))
        for side in [UInt64(1 << 15), 1 << 20, 0x7FFF_FFFF, 0xFFFF_FFFF, .max] {
            try await expectSettled(trial, "\(side).mkv", matroska(width: side, height: side, clusters: cluster))
            try await expectSettled(trial, "\(side)-wide.mkv", matroska(width: side, height: side, shown: (8, 1), clusters: cluster))
            try await expectSettled(trial, "\(side)-line.mkv", matroska(width: side, height: 1, shown: (side, 8), clusters: cluster))
        }
        try await trial.end()
    }

    @Test func whatHasNoEndIsGivenUp() async throws {
        let trial = try await UploadTrial.start(environment: ["AGROVET_MAX_VIDEO_DURATION": "1h"])
        let made = try MadeVideos()
        // Does not say how long it is, and goes on for five hours of its own time.
        let slow = try await made.pattern(
            "slow.mkv", rate: 1, seconds: 10, ["-c:v", "mpeg4", "-vf", "setpts=N*1800/TB", "-vsync", "vfr", "-f", "matroska", "-live", "1"])
        let ending = try await trial.ending(of: "slow.mkv", slow)
        #expect([.refused(code: "too_long"), .ready(playback: "failed", reason: "too_long")].contains(ending), "\(ending)")
        // Times at both ends of what 64 bits hold.
        let block: [UInt8] = [0x81, 0x7F, 0xFF, 0x80, 0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x10, 0, 0x10, 0] + [UInt8](repeating: 0, count: 64)
        for time in [UInt64(1) << 62, .max / 2, .max, 0] {
            let clusters = [0, time, 1, time].flatMap { ebml([0x1F, 0x43, 0xB6, 0x75], ebml([0xE7], $0) + ebml([0xA3], block)) }
            try await expectSettled(trial, "\(time).mkv", matroska(width: 16, height: 16, clusters: clusters))
        }
        // 100,000 blocks without a picture.
        let nothing = ebml(
            [0x1F, 0x43, 0xB6, 0x75], ebml([0xE7], 0) + (0..<100_000).flatMap { _ in ebml([0xA3], [0x81, 0, 0, 0x80, 0x31]) })
        try await expectSettled(trial, "nothing.mkv", matroska(width: 16, height: 16, clusters: nothing))
        try await trial.end()
    }

    @Test func damageOnTheWayCostsNoMoreThanTheVideo() async throws {
        let trial = try await UploadTrial.start()
        let made = try MadeVideos()
        // One keyframe, whose followers are noise.
        let whole = try await made.pattern(
            "noise.mp4", size: "320x240", seconds: 3, ["-c:v", "libx264", "-preset", "ultrafast", "-g", "1000"])
        let data = try #require(whole.range(of: Data("mdat".utf8)))
        var noise = whole
        let size = whole.count - data.upperBound
        for index in (data.upperBound + size / 2)..<(data.upperBound + size * 9 / 10) {
            noise[index] = UInt8(truncatingIfNeeded: index &* 197)
        }
        try await expectSettled(trial, "noise.mp4", noise)
        for sample in ["video.mp4", "video.webm", "video-av1.webm", "video-hevc.mov", "video.avi", "video.ts", "video.3gp", "video.mkv"] {
            let bytes = try MadeVideos.sample(sample)
            var random = SplitMix(state: UInt64(bytes.count))
            for _ in 0..<3 {
                var damaged = bytes
                for _ in 0..<10 { damaged[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
                try await expectSettled(trial, sample, damaged)
            }
        }
        try await trial.end()
    }
}

/// A fixed sequence, so that a failure can be seen again (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
