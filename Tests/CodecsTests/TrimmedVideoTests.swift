import Codecs
import Foundation
import Imaging
import TestSupport
import Testing

/// Recordings that were cut without being encoded again: their edit list begins inside a group of pictures, whose keyframe is there and is
/// not shown.
@Suite struct TrimmedVideoTests {
    private static let frames = 78
    private static let source = [
        "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=4", "-f", "lavfi", "-i", "sine=frequency=330:duration=4",
    ]
    private static let x265 = ["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-pix_fmt", "yuv420p", "-x265-params"]
    private static let x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-pix_fmt", "yuv420p"]

    private func ffmpeg(_ arguments: [String], _ path: String) async throws {
        let made = try await ChildProcess.run("ffmpeg", ["-v", "error", "-y"] + arguments + [path], atMost: .seconds(120))
        try #require(made.status == 0, "\(made.errors)")
    }

    /// 2.6 of four seconds, from 1.37 on.
    private func trimmed(_ codec: [String], in folder: TemporaryFolder, as name: String = "trimmed.mp4") async throws -> ImageFile {
        try await ffmpeg(Self.source + codec + ["-c:a", "aac"], folder.path + "/whole.mp4")
        try await ffmpeg(["-ss", "1.37", "-i", folder.path + "/whole.mp4", "-c", "copy"], folder.path + "/" + name)
        return try ImageFile(path: folder.path + "/" + name)
    }

    private func write(_ file: ImageFile, to path: String, segments: String? = nil) throws -> WebVideo {
        let output = open(path, O_CREAT | O_RDWR | O_TRUNC, 0o600)
        defer { close(output) }
        var settings = WebVideoSettings()
        settings.segmentDuration = segments == nil ? nil : 1000
        var video = try #require(
            try WebVideoWriter.write(file, info: ImageDecoder.readInfo(file), to: output, settings) { _ in true })
        guard let segments else { return video }
        let pieces = open(segments, O_CREAT | O_RDWR | O_TRUNC, 0o600)
        defer { close(pieces) }
        (video.codecs, video.segments) = try WebVideoWriter.writeSegments(of: ImageFile(path: path), to: pieces, settings, duration: 1000)
        return video
    }

    private struct Tracks: Decodable {
        struct Track: Decodable {
            let codec_type: String
            let start_time: String
            let nb_read_frames: String
        }
        let streams: [Track]

        private func track(_ type: String) -> Track? { streams.first { $0.codec_type == type } }
        var pictures: Int? { track("video").flatMap { Int($0.nb_read_frames) } }
        var start: Double? { track("video").flatMap { Double($0.start_time) } }
        /// Seconds that the sound begins after the picture.
        var delay: Double? { track("audio").flatMap { Double($0.start_time) }.flatMap { sound in start.map { sound - $0 } } }
    }

    private func tracks(_ path: String) async throws -> Tracks {
        let probe = try await ChildProcess.run(
            "ffprobe",
            ["-v", "error", "-count_frames", "-show_entries", "stream=codec_type,start_time,nb_read_frames", "-of", "json", path])
        return try JSONDecoder().decode(Tracks.self, from: Data(probe.output.utf8))
    }

    @Test(arguments: [
        ("hevc", x265 + ["log-level=error:keyint=300"]),
        ("hevc-every-second", x265 + ["log-level=error:keyint=30:min-keyint=30:scenecut=0"]),
        ("hevc-open", x265 + ["log-level=error:keyint=30:min-keyint=30:scenecut=0:open-gop=1:bframes=3"]),
        ("mpeg4", ["-c:v", "mpeg4", "-g", "300", "-q:v", "4"]),
        ("mpeg4-reordered", ["-c:v", "mpeg4", "-bf", "2", "-g", "300", "-q:v", "4"]),
        ("vp9", ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "300"]),
        ("av1", ["-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", "300"]),
        ("h264-high10", ["-c:v", "libx264", "-preset", "ultrafast", "-g", "300", "-pix_fmt", "yuv420p10le"]),
    ]) func itIsShownAndWrittenFromTheCutOn(_ name: String, _ codec: [String]) async throws {
        let folder = try TemporaryFolder()
        let file = try await trimmed(codec, in: folder)
        let info = try ImageDecoder.readInfo(file)
        let poster = try decode(file).overview(info)
        let video = try write(file, to: folder.path + "/web.mp4", segments: folder.path + "/hls.mp4")
        #expect(!video.isRemuxed && video.frames == Self.frames && abs(video.duration - 2600) <= 40, "\(name): \(video)")
        for path in ["/web.mp4", "/hls.mp4"] {
            let tracks = try await tracks(folder.path + path)
            #expect(tracks.pictures == Self.frames, "\(name)\(path): \(tracks)")
            let (start, delay) = (try #require(tracks.start), try #require(tracks.delay))
            #expect(abs(start) < 0.1 && abs(delay) < 0.04, "\(name)\(path): \(tracks)")
        }
        // Where there are further keyframes, those of what is encoded stand elsewhere.
        guard !name.hasPrefix("hevc-") else { return }
        let written = try decode(ImageFile(path: folder.path + "/web.mp4")).overview(info)
        for (one, other) in zip(poster.joined(), written.joined()) { #expect(abs(one - other) < 12, "\(name)") }
    }

    /// What is taken over keeps its edit list. Segments have none: what it cuts away would be shown.
    @Test func whatServesIsEncodedWhereSegmentsAreToBeCut() async throws {
        let folder = try TemporaryFolder()
        let file = try await trimmed(Self.x264 + ["-g", "300"], in: folder)
        let web = folder.path + "/web.mp4"
        #expect(try write(file, to: web).isRemuxed)
        #expect(try await tracks(web).pictures == Self.frames)
        let video = try write(file, to: web, segments: folder.path + "/hls.mp4")
        #expect(!video.isRemuxed && video.frames == Self.frames)
        #expect(try await tracks(folder.path + "/hls.mp4").pictures == Self.frames)
        #expect(abs(video.segments.map(\.duration).reduce(0, +) - 2_630_000) < 50_000)
    }

    /// As far apart as in the source, in the video for browsers and in its segments; of pictures in order and of reordered ones.
    @Test(arguments: [0.0, 1.5, -1.5], [["-bf", "0"], ["-bf", "2"], ["-bf", "2", "-c:a", "libmp3lame"]])
    func pictureAndSoundStayAsFarApart(_ delay: Double, _ codec: [String]) async throws {
        let folder = try TemporaryFolder()
        let whole = folder.path + "/whole.mp4"
        try await ffmpeg(Self.source + ["-c:a", "aac"] + Self.x264 + codec, whole)
        let late = ["-itsoffset", "\(abs(delay))", "-i", whole], other = ["-i", whole]
        // Picture from the first, sound from the second.
        try await ffmpeg(
            (delay < 0 ? late + other : other + late) + ["-map", "0:v", "-map", "1:a", "-c", "copy"], folder.path + "/apart.mp4")
        let video = try write(
            ImageFile(path: folder.path + "/apart.mp4"), to: folder.path + "/web.mp4", segments: folder.path + "/hls.mp4")
        #expect(video.isRemuxed && video.frames == 120)
        // Packets of sound that was encoded begin before it: with 1,105 samples of an MP3's decoder and 1,024 of AAC's encoder. At the very
        // beginning they are cut away.
        let unheard = codec.contains("libmp3lame") && delay > 0 ? (1105.0 + 1024) / 44_100 : 0
        for path in ["/web.mp4", "/hls.mp4"] {
            let tracks = try await tracks(folder.path + path)
            let found = try #require(tracks.delay)
            #expect(tracks.pictures == 120 && abs(found + unheard - delay) < 0.04, "\(path): \(tracks)")
        }
        #expect(abs(video.segments.map(\.duration).reduce(0, +) - Int((4 + abs(delay)) * 1_000_000)) < 100_000)
    }
}
