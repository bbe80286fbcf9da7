import Codecs
import Foundation
import Imaging
import TestSupport
import Testing

/// A player's clock begins at 0, wherever the source's stands; picture and sound stay as far apart as they were.
@Suite struct WebVideoClockTests {
    private struct Times: Decodable {
        struct Stream: Decodable {
            let codec_type: String
            let start_time: String
        }
        struct Format: Decodable {
            let start_time: String
            let duration: String
        }
        let streams: [Stream]
        let format: Format

        var start: Double { Double(format.start_time) ?? .nan }
        var duration: Double { Double(format.duration) ?? .nan }
        /// Seconds that the sound begins after the picture; nil where there is none.
        var delay: Double? {
            guard let sound = time("audio"), let picture = time("video") else { return nil }
            return sound - picture
        }
        private func time(_ type: String) -> Double? { streams.first { $0.codec_type == type }.flatMap { Double($0.start_time) } }
    }

    private static let picture = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=3"]
    private static let sound = ["-f", "lavfi", "-i", "sine=frequency=330:sample_rate=48000:duration=3"]
    private static let h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "25", "-pix_fmt", "yuv420p"]
    private static let far = ["-output_ts_offset", "90000"]

    private func run(_ arguments: [String], _ path: String) async throws {
        let made = try await ChildProcess.run("ffmpeg", ["-v", "error", "-y"] + arguments + [path])
        try #require(made.status == 0, "\(made.errors)")
    }

    private func times(_ path: String) async throws -> Times {
        let probe = try await ChildProcess.run(
            "ffprobe", ["-v", "error", "-show_entries", "format=start_time,duration:stream=codec_type,start_time", "-of", "json", path])
        return try JSONDecoder().decode(Times.self, from: Data(probe.output.utf8))
    }

    private func write(_ source: String, to target: String) throws -> (info: ImageInfo, video: WebVideo) {
        let file = try ImageFile(path: source)
        let output = open(target, O_CREAT | O_RDWR | O_TRUNC, 0o600)
        defer { close(output) }
        let info = try ImageDecoder.readInfo(file)
        return (info, try #require(try WebVideoWriter.write(file, info: info, to: output, WebVideoSettings()) { _ in true }))
    }

    @Test(arguments: [
        ("h264.ts", h264 + ["-c:a", "aac"] + far, true), ("silent.ts", h264 + ["-an"] + far, true),
        ("h264.mkv", h264 + ["-bf", "0", "-c:a", "aac", "-output_ts_offset", "3600"], true),
        // Matroska does not say when the first of reordered frames is decoded: encoded anew.
        ("reordered.mkv", h264 + ["-c:a", "aac", "-output_ts_offset", "3600"], false),
        ("camera.m2ts", h264 + ["-c:a", "aac", "-mpegts_m2ts_mode", "1"], true),
        ("mpeg2.ts", ["-c:v", "mpeg2video", "-bf", "2", "-c:a", "mp2"] + far, false),
        ("silent-mpeg2.ts", ["-c:v", "mpeg2video", "-an"] + far, false),
        ("mpeg4.mkv", ["-c:v", "mpeg4", "-c:a", "flac", "-output_ts_offset", "3600"], false),
        // The clock of a broadcast runs over after 26 and a half hours; this one does so after two seconds.
        ("over.ts", h264 + ["-c:a", "aac", "-output_ts_offset", "95440.3"], true),
        ("plain.mp4", h264 + ["-c:a", "aac"], true),
    ])
    func timeBeginsAtZero(_ name: String, _ arguments: [String], _ isRemuxed: Bool) async throws {
        let folder = try TemporaryFolder()
        let (source, target) = (folder.path + "/" + name, folder.path + "/web.mp4")
        try await run(Self.picture + Self.sound + arguments, source)
        let written = try write(source, to: target)
        #expect(written.video.isRemuxed == isRemuxed)
        let (before, after) = (try await times(source), try await times(target))
        #expect(after.start == 0, "\(after)")
        #expect(abs(after.duration - 3) < 0.1, "\(after)")
        #expect((after.delay == nil) == (before.delay == nil), "\(before) \(after)")
        #expect(abs((after.delay ?? 0) - (before.delay ?? 0)) < 0.03, "\(before) \(after)")
        #expect(abs(try #require(written.info.video?.duration) - 3000) < 100)
        #expect(abs(written.video.duration - 3000) < 100 && written.video.frames == 75)
    }

    @Test(arguments: [("late.ts", h264 + ["-c:a", "aac"] + far), ("late-mpeg2.ts", ["-c:v", "mpeg2video", "-c:a", "mp2"] + far)])
    func soundThatBeginsLaterStillDoes(_ name: String, _ arguments: [String]) async throws {
        let folder = try TemporaryFolder()
        let (source, target) = (folder.path + "/" + name, folder.path + "/web.mp4")
        try await run(Self.picture + ["-itsoffset", "0.7"] + Self.sound + arguments, source)
        _ = try write(source, to: target)
        let after = try await times(target)
        let delay = try #require(after.delay, "\(after)")
        #expect(after.start == 0 && abs(delay - 0.7) < 0.05, "\(after)")
    }

    /// Where a recording begins between two keyframes, its first picture is later than its first packet.
    @Test(arguments: [h264, ["-c:v", "mpeg2video", "-g", "25"]]) func aRecordingThatBeginsAnywhereBeginsAtZero(_ codec: [String])
        async throws
    {
        let folder = try TemporaryFolder()
        let (source, target) = (folder.path + "/cut.ts", folder.path + "/web.mp4")
        try await run(Self.picture + codec + ["-an"] + Self.far, folder.path + "/whole.ts")
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/whole.ts"))
        let packets = whole.count / 188
        // The tables first, then what stands behind the first third.
        try (whole.prefix(188 * 3) + whole.dropFirst(packets / 2 * 188)).write(to: URL(fileURLWithPath: source))
        let written = try write(source, to: target)
        let after = try await times(target)
        #expect(after.start == 0 && after.duration > 0.9 && after.duration < 2.1, "\(after)")
        #expect(abs(Double(written.video.duration) / 1000 - after.duration) < 0.1)
    }

    /// Two recordings put together, whose clocks have nothing to do with each other: one is shown behind the other.
    @Test(
        arguments: [("0", "0"), ("0", "20000"), ("20000", "0"), ("95440", "10")],
        [h264 + ["-c:a", "aac"], ["-c:v", "mpeg2video", "-c:a", "mp2"]])
    func aClockThatJumpsGoesOn(_ clocks: (String, String), _ codec: [String]) async throws {
        let folder = try TemporaryFolder()
        var joined = Data()
        for (name, clock) in [("one.ts", clocks.0), ("other.ts", clocks.1)] {
            try await run(Self.picture + Self.sound + codec + ["-output_ts_offset", clock], folder.path + "/" + name)
            joined += try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + name))
        }
        let (source, target) = (folder.path + "/joined.ts", folder.path + "/web.mp4")
        try joined.write(to: URL(fileURLWithPath: source))
        let written = try write(source, to: target)
        #expect(abs(try #require(written.info.video?.duration) - 6000) < 150, "\(written.info)")
        #expect(written.video.frames == 150 && abs(written.video.duration - 6000) < 150, "\(written.video)")
        let after = try await times(target)
        #expect(after.start == 0 && abs(after.duration - 6) < 0.15, "\(after)")
        #expect(abs(try #require(after.delay)) < 0.05)
        let sound = try await ChildProcess.run(
            "ffprobe", ["-v", "error", "-select_streams", "a", "-show_entries", "stream=duration", "-of", "csv=p=0", target])
        let seconds = try #require(Double(sound.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(sound)")
        #expect(abs(seconds - 6) < 0.15)
    }

    /// Where it is too long to be read through, the time between its first and its last packet is not taken for its length.
    @Test func aClockThatJumpsFartherThanIsReadIsNotBelieved() async throws {
        let folder = try TemporaryFolder()
        var joined = Data()
        for clock in ["0", "20000"] {
            try await run(Self.picture + Self.sound + Self.h264 + ["-output_ts_offset", clock], folder.path + "/one.ts")
            joined += try Data(contentsOf: URL(fileURLWithPath: folder.path + "/one.ts"))
        }
        try joined.write(to: URL(fileURLWithPath: folder.path + "/joined.ts"))
        var limits = VideoLimits()
        limits.packets = 50
        let info = try ImageDecoder.readInfo(ImageFile(path: folder.path + "/joined.ts", videoLimits: limits))
        #expect(info.video?.duration == nil)
        let single = try ImageDecoder.readInfo(ImageFile(path: folder.path + "/one.ts", videoLimits: limits))
        #expect(abs(try #require(single.video?.duration) - 3000) < 150)
    }

    @Test func segmentsBeginAtZeroToo() async throws {
        let folder = try TemporaryFolder()
        let (source, target, segments) = (folder.path + "/dvb.ts", folder.path + "/web.mp4", folder.path + "/hls.mp4")
        try await run(Self.picture + Self.sound + Self.h264 + ["-c:a", "aac"] + Self.far, source)
        _ = try write(source, to: target)
        let output = open(segments, O_CREAT | O_RDWR | O_TRUNC, 0o600)
        defer { close(output) }
        _ = try WebVideoWriter.writeSegments(of: ImageFile(path: target), to: output, WebVideoSettings(), duration: 1000)
        #expect(try await times(segments).start < 0.1)
    }
}
