import Codecs
import Foundation
import Imaging
import TestSupport
import Testing

/// What is written for browsers, looked at with ffprobe and with the decoders of this module.
@Suite struct WebVideoTests {
    private struct Written {
        let file: TemporaryFile
        let video: WebVideo
        let image: ImageFile
    }

    private struct Probe: Decodable {
        struct Stream: Decodable {
            let codec_name: String
            let profile: String?
            let pix_fmt: String?
            let width: Int?
            let height: Int?
            let level: Int?
            let color_space: String?
            let color_transfer: String?
            let channels: Int?
            let nb_read_frames: String?
            let duration: String?
        }
        struct Format: Decodable {
            let tags: [String: String]?
        }
        let streams: [Stream]
        let format: Format

        var picture: Stream? { streams.first { $0.width != nil } }
        var sound: Stream? { streams.first { $0.width == nil } }
    }

    private func write(_ name: String, _ change: (inout WebVideoSettings) -> Void = { _ in }) throws -> Written {
        var settings = WebVideoSettings()
        change(&settings)
        let source = try SampleFiles.file(name)
        let output = try TemporaryFile()
        let video = try #require(
            try WebVideoWriter.write(source, info: ImageDecoder.readInfo(source), to: output.descriptor, settings) { _ in true })
        return Written(file: output, video: video, image: try ImageFile(path: output.path))
    }

    private func probe(_ path: String) async throws -> Probe {
        let result = try await ChildProcess.run(
            "ffprobe", ["-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", path])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        return try JSONDecoder().decode(Probe.self, from: Data(result.output.utf8))
    }

    @Test(arguments: [
        ("video.webm", 24), ("video-av1.webm", 12), ("video-hevc.mov", 12), ("video.avi", 24), ("video.3gp", 24), ("video.mkv", 12),
        ("video.ts", 25), ("video-odd.mp4", 12),
    ])
    func everyCodecBecomesH264WithAllItsFrames(_ name: String, _ frames: Int) async throws {
        let written = try write(name)
        #expect(!written.video.isRemuxed)
        let found = try await probe(written.file.path)
        let picture = try #require(found.picture)
        #expect(picture.codec_name == "h264" && picture.profile == "High" && picture.pix_fmt == "yuv420p")
        #expect(picture.nb_read_frames == "\(frames)")
        let shown = try ImageDecoder.readInfo(SampleFiles.file(name)).displaySize
        #expect(written.video.size == PixelSize(width: shown.width & ~1, height: shown.height & ~1))
        #expect(PixelSize(width: picture.width ?? 0, height: picture.height ?? 0) == written.video.size)
        #expect(found.sound?.codec_name == (["video.webm", "video.ts"].contains(name) ? "aac" : nil))
        #expect(found.format.tags?["encoder"] == nil)
    }

    @Test(arguments: ["video.mp4", "video-index-at-end.mov", "video-rotated.mov", "video-cover.mp4"])
    func whatServesIsTakenOverAsItIs(_ name: String) async throws {
        let written = try write(name)
        #expect(written.video.isRemuxed)
        let source = try ImageDecoder.readInfo(SampleFiles.file(name))
        let info = try ImageDecoder.readInfo(written.image)
        #expect(info.orientation == source.orientation && info.displaySize == source.displaySize)
        #expect(written.video.size == source.displaySize)
        let after = try await probe(written.file.path)
        #expect(after.picture?.codec_name == "h264" && after.picture?.nb_read_frames == (name == "video.mp4" ? "36" : "24"))
        #expect(after.streams.count <= 2, "cover art and other tracks are left behind")
    }

    /// A keyframe that pictures follow which refer to what is before it: a browser that is sent there cannot go on.
    @Test(arguments: [("mp4", "1"), ("ts", "1"), ("mp4", "0"), ("ts", "0")]) func openGroupsOfPicturesAreEncoded(
        _ container: String, _ isOpen: String
    )
        async throws
    {
        let folder = try TemporaryFolder()
        let path = folder.path + "/video." + container
        let made = try await ChildProcess.run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=3", "-c:v", "libx264", "-preset", "veryfast",
                "-bf", "4", "-x264opts", "open-gop=\(isOpen):keyint=15", "-pix_fmt", "yuv420p", path,
            ])
        try #require(made.status == 0, "\(made.errors)")
        let source = try ImageFile(path: path)
        let output = try TemporaryFile()
        let video = try #require(
            try WebVideoWriter.write(source, info: ImageDecoder.readInfo(source), to: output.descriptor, WebVideoSettings()) { _ in true })
        #expect(video.isRemuxed == (isOpen == "0") && video.frames == 90)
        #expect(try await probe(output.path).picture?.nb_read_frames == "90")
    }

    /// Reckoned from frames, not from the track's unit of time: decoders refuse what says that it needs more than they have.
    @Test(arguments: ["video.webm", "video.ts", "video.mkv"]) func theLevelIsThatOfItsSizeAndRate(_ name: String) async throws {
        let written = try write(name)
        let level = try #require(try await probe(written.file.path).picture?.level)
        withExtendedLifetime(written) {}
        #expect(level <= 30, "a few hundred pixels at 12 or 25 frames a second, and the bit rate of the settings")
    }

    /// A player can begin before the whole file is there.
    @Test(arguments: ["video-index-at-end.mov", "video.webm"]) func theIndexStandsFirst(_ name: String) throws {
        let bytes = Data(try write(name).image.withBytes { Array($0) })
        let (index, media) = (try #require(bytes.range(of: Data("moov".utf8))), try #require(bytes.range(of: Data("mdat".utf8))))
        #expect(index.lowerBound < media.lowerBound)
    }

    @Test(arguments: ["video.webm", "video-hevc.mov", "video-rotated.mov", "video-hlg.mov", "video-pq.mp4"])
    func itShowsWhatThePosterShows(_ name: String) throws {
        let source = try SampleFiles.file(name)
        let written = try write(name)
        let (before, after) = (try ImageDecoder.readInfo(source), try ImageDecoder.readInfo(written.image))
        let (one, other) = (try decode(source).overview(before), try decode(written.image).overview(after))
        for (a, b) in zip(one, other) {
            for (x, y) in zip(a, b) { #expect(abs(x - y) < 12, "\(name)") }
        }
    }

    @Test func highDynamicRangeIsToldAsStandard() async throws {
        for name in ["video-hlg.mov", "video-pq.mp4"] {
            let written = try write(name)
            let picture = try #require(try await probe(written.file.path).picture)
            withExtendedLifetime(written) {}
            #expect(picture.color_space == "bt709" && picture.color_transfer == "bt709")
        }
    }

    @Test func theCubeIsTheMapping() {
        for range in [HighDynamicRange.pq, .hlg] {
            let mapping = ToneMapping(range)
            let (side, cube) = (ToneMapping.cubeSide, mapping.cube(isWide: true))
            #expect(cube.count == side * side * side * 3)
            for (red, green, blue) in [(0, 0, 0), (32, 32, 32), (20, 10, 5), (7, 15, 23)] {
                let point = [red, green, blue].map { UInt16($0 * 65_535 / (side - 1)) }
                let exact = mapping.map(point, size: PixelSize(width: 1, height: 1), isWide: true).planes.map { $0.samples[0] }
                let at = ((red * side + green) * side + blue) * 3
                #expect(Array(cube[at..<at + 3]) == exact)
            }
        }
    }

    @Test func itFitsTheBoxWhicheverWayItStands() throws {
        let small = try write("video-hevc.mov") { ($0.shortSide, $0.longSide) = (150, 266) }
        #expect(small.video.size == PixelSize(width: 200, height: 150))
        // What would serve is too large for this box.
        let turned = try write("video-rotated.mov") { ($0.shortSide, $0.longSide) = (150, 266) }
        #expect(!turned.video.isRemuxed && turned.video.size == PixelSize(width: 200, height: 150))
        #expect(try ImageDecoder.readInfo(turned.image).orientation == .right)
    }

    @Test func noMoreFramesASecondThanAllowed() async throws {
        let slow = try write("video.webm") { $0.frameRate = 6 }
        let frames = try #require(Int(try await probe(slow.file.path).picture?.nb_read_frames ?? ""))
        #expect((11...13).contains(frames))
    }

    @Test func segmentsAreOneFileThatPlays() async throws {
        let written = try write("video.mp4") { $0.preset = "ultrafast" }
        let output = try TemporaryFile()
        var settings = WebVideoSettings()
        settings.segmentDuration = 1000
        let (codecs, segments) = try WebVideoWriter.writeSegments(of: written.image, to: output.descriptor, settings, duration: 1000)
        #expect(codecs.hasPrefix("avc1.") && codecs.hasSuffix(",mp4a.40.2"))
        #expect(segments.first?.offset == 0 && segments.first?.duration == 0)
        for (one, next) in zip(segments, segments.dropFirst()) { #expect(one.offset + one.size == next.offset) }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: output.path))
        #expect(segments.last.map { $0.offset + $0.size } == bytes.count)
        #expect(abs(segments.map(\.duration).reduce(0, +) - 3_000_000) < 100_000)
        for segment in segments.dropFirst() {
            #expect(bytes[segment.offset + 4..<segment.offset + 8] == Data("moof".utf8))
        }
        let (whole, cut) = (try await probe(written.file.path), try await probe(output.path))
        #expect(whole.picture?.nb_read_frames == "36" && cut.picture?.nb_read_frames == "36")
        // A decoder skips the frame that only warms it up where an edit list says so, which fragments do not.
        let sounds = [whole, cut].compactMap { $0.sound?.nb_read_frames.flatMap { Int($0) } }
        #expect(sounds.count == 2 && abs(sounds[0] - sounds[1]) <= 1)
    }

    @Test func itStopsWhenItIsTold() throws {
        let source = try SampleFiles.file("video.webm")
        let output = try TemporaryFile()
        var calls = 0
        let video = try WebVideoWriter.write(
            source, info: ImageDecoder.readInfo(source), to: output.descriptor, WebVideoSettings()
        ) { share in
            calls += 1
            #expect((0...1).contains(share))
            return false
        }
        #expect(video == nil && calls == 1)
    }

    @Test func moreBytesThanAllowedIsAnError() throws {
        #expect(throws: CodecError.outputTooLarge(allowed: 5000)) { try write("video.webm") { $0.outputBytes = 5000 } }
    }

    /// Whatever a header says: a recording that was never closed says nothing.
    @Test func aVideoThatGoesOnForTooLongIsAnError() throws {
        #expect(throws: CodecError.tooLong(seconds: 2, allowed: 1)) { try write("video.webm") { $0.longestDuration = 1000 } }
    }

    @Test func aDiskThatIsFullIsNoFaultOfTheFile() throws {
        let full = open("/dev/full", O_RDWR)
        defer { close(full) }
        let source = try SampleFiles.file("video.webm")
        #expect(throws: CodecError.noSpace) {
            try WebVideoWriter.write(source, info: ImageDecoder.readInfo(source), to: full, WebVideoSettings()) { _ in true }
        }
    }
}

/// An empty file, open for reading and writing, that goes with the object.
private final class TemporaryFile {
    let path = FileManager.default.temporaryDirectory.path + "/agrovet-web-\(UUID().uuidString)"
    let descriptor: Int32

    init() throws {
        descriptor = open(path, O_CREAT | O_EXCL | O_RDWR, 0o600)
        try #require(descriptor >= 0)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }
}
