import Codecs
import Foundation
import Imaging
import TestSupport
import Testing

/// A transport stream has no index. What is shown of one is what is shown of the same packets in an MP4.
@Suite struct KeyframeTests {
    private static let hevc = ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    private static let h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-pix_fmt", "yuv420p"]
    private static func x265(_ every: Int) -> [String] {
        ["-x265-params", "log-level=error:keyint=\(every):min-keyint=\(every):scenecut=0:open-gop=0"]
    }

    /// A name, what the picture is encoded by, and how the transport stream is written.
    private static let streams: [(String, [String], [String])] = [
        ("one-h264.ts", h264 + ["-g", "9999"], []), ("one-h264.m2ts", h264 + ["-g", "9999"], ["-mpegts_m2ts_mode", "1"]),
        ("one-interlaced.ts", ["-c:v", "libx264", "-flags", "+ilme+ildct", "-g", "9999", "-pix_fmt", "yuv420p"], []),
        ("one-mpeg2.ts", ["-c:v", "mpeg2video", "-bf", "2", "-g", "999", "-q:v", "4"], []), ("one-hevc.ts", hevc + x265(9999), []),
        ("many-h264.ts", h264 + ["-g", "25"], ["-output_ts_offset", "90000"]), ("many-hevc.ts", hevc + x265(25), []),
        ("many-mpeg2.ts", ["-c:v", "mpeg2video", "-bf", "2", "-g", "25", "-q:v", "4"], []),
    ]

    private func ffmpeg(_ arguments: [String], _ path: String) async throws {
        let made = try await ChildProcess.run("ffmpeg", ["-v", "error", "-y"] + arguments + [path])
        try #require(made.status == 0, "\(made.errors)")
    }

    /// The same twelve seconds as MP4 and as transport stream.
    private func pair(_ stream: (String, [String], [String]), in folder: TemporaryFolder) async throws -> (ImageFile, ImageFile) {
        let (mp4, path) = (folder.path + "/video.mp4", folder.path + "/" + stream.0)
        let source = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=12", "-f", "lavfi", "-i", "sine=duration=12"]
        try await ffmpeg(source + stream.1 + ["-c:a", "aac"], mp4)
        try await ffmpeg(["-i", mp4, "-c", "copy"] + stream.2, path)
        return (try ImageFile(path: mp4), try ImageFile(path: path))
    }

    private func difference(_ one: Raster, _ other: Raster, _ info: ImageInfo) throws -> Double {
        zip(try one.overview(info).joined(), try other.overview(info).joined()).map { abs($0 - $1) }.max() ?? .infinity
    }

    @Test(arguments: 0..<streams.count) func thePosterIsThatOfTheSamePackets(_ index: Int) async throws {
        let folder = try TemporaryFolder()
        let (mp4, stream) = try await pair(Self.streams[index], in: folder)
        let info = try ImageDecoder.readInfo(stream)
        #expect(try difference(try decode(stream), try decode(mp4), info) < 3, "\(Self.streams[index].0)")
    }

    @Test(arguments: 0..<streams.count) func thePreviewIsThatOfTheSamePackets(_ index: Int) async throws {
        let folder = try TemporaryFolder()
        let (mp4, stream) = try await pair(Self.streams[index], in: folder)
        let frames = try [mp4, stream].map { file in
            let info = try ImageDecoder.readInfo(file)
            var frames: [AnimationFrame] = []
            let length = try VideoClip.decode(file, info: info, atLeast: info.storedSize, duration: 3000, interval: 100) {
                frames.append($0)
            }
            #expect(length == 3000)
            return (info, frames)
        }
        #expect(frames[0].1.count == 30 && frames[1].1.map(\.start) == frames[0].1.map(\.start))
        for (one, other) in zip(frames[0].1, frames[1].1) {
            #expect(try difference(one.raster, other.raster, frames[1].0) < 3, "\(Self.streams[index].0) at \(other.start)")
        }
    }

    /// Written for browsers, to a path.
    private func written(_ file: ImageFile, to path: String) throws -> (WebVideo, ImageFile) {
        let output = open(path, O_CREAT | O_RDWR, 0o600)
        defer { close(output) }
        let info = try ImageDecoder.readInfo(file)
        let video = try #require(try WebVideoWriter.write(file, info: info, to: output, WebVideoSettings()) { _ in true })
        return (video, try ImageFile(path: path))
    }

    @Test(arguments: 0..<streams.count) func whatIsWrittenForBrowsersIsWhole(_ index: Int) async throws {
        let folder = try TemporaryFolder()
        let (mp4, stream) = try await pair(Self.streams[index], in: folder)
        let (video, web) = try written(stream, to: folder.path + "/web.mp4")
        #expect(video.frames == 300 && abs(video.duration - 12_000) < 100 && !video.lacksSound)
        // Keyframes stand elsewhere in what is encoded anew, and posters with them: alike in both.
        let (_, reference) = try written(mp4, to: folder.path + "/reference.mp4")
        #expect(try difference(try decode(web), try decode(reference), try ImageDecoder.readInfo(stream)) < 12)
        let segments = folder.path + "/hls.mp4"
        let pieces = open(segments, O_CREAT | O_RDWR, 0o600)
        defer { close(pieces) }
        let (_, cut) = try WebVideoWriter.writeSegments(of: web, to: pieces, WebVideoSettings(), duration: 2000)
        #expect(abs(cut.map(\.duration).reduce(0, +) - 12_000_000) < 100_000)
        let played = try await ChildProcess.run(
            "ffprobe",
            ["-v", "error", "-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", segments])
        #expect(played.output.hasPrefix("300") && played.errors.isEmpty, "\(played)")
    }

    /// A decoder of HEVC makes up what pictures refer to that it has not seen: they come out grey.
    @Test func whatStandsBeforeTheFirstKeyframeIsLeftOut() async throws {
        let folder = try TemporaryFolder()
        let (_, stream) = try await pair(("whole.ts", Self.hevc + Self.x265(50), []), in: folder)
        let bytes = stream.withBytes { Data($0) }
        // The tables first, then what stands behind the middle of a group of pictures; the next one begins at six seconds.
        try (bytes.prefix(188 * 3) + bytes.dropFirst(bytes.count / 188 * 3 / 8 * 188)).write(
            to: URL(fileURLWithPath: folder.path + "/cut.ts"))
        let cut = try ImageFile(path: folder.path + "/cut.ts")
        let info = try ImageDecoder.readInfo(cut)
        try await ffmpeg(["-ss", "6", "-i", folder.path + "/video.mp4", "-c", "copy"], folder.path + "/rest.mp4")
        let rest = try ImageFile(path: folder.path + "/rest.mp4")
        #expect(try difference(try decode(cut), try decode(rest), info) < 3)
        let (video, web) = try written(cut, to: folder.path + "/web.mp4")
        #expect(video.frames > 0 && video.frames.isMultiple(of: 50), "whole groups of pictures: \(video.frames)")
        #expect(try difference(try decode(web), try decode(rest), info) < 12)
    }

    /// A single keyframe, and two and a half seconds of nothing behind it.
    @Test func aVideoThatBeginsInTheDarkShowsWhatComesOutOfIt() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/dark.mp4"
        try await ffmpeg(
            [
                "-f", "lavfi", "-i", "color=black:size=320x180:rate=30:duration=2.5", "-f", "lavfi", "-i",
                "testsrc2=size=320x180:rate=30:duration=3", "-filter_complex", "[0][1]concat",
            ] + Self.h264 + ["-g", "9999", "-x264opts", "scenecut=0"], path)
        let file = try ImageFile(path: path)
        let brightest = try decode(file).overview(try ImageDecoder.readInfo(file)).joined().max() ?? 0
        #expect(brightest > 60)
    }

    /// However far it is to the only keyframe: what is read to find it leaves enough to decode it.
    @Test func aLongStreamOfOneKeyframeHasAPosterWithinTheLimits() async throws {
        let folder = try TemporaryFolder()
        let (mp4, stream) = try await pair(Self.streams[4], in: folder)
        var limits = VideoLimits()
        limits.packets = 400
        let limited = try ImageFile(path: folder.path + "/" + Self.streams[4].0, videoLimits: limits)
        #expect(try difference(try decode(limited), try decode(mp4), try ImageDecoder.readInfo(stream)) < 3)
    }
}
