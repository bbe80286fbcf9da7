import Codecs
import Imaging
import Testing

/// Every sample video is the meadow, standing still.
@Suite struct VideoTests {
    private static func meadow() throws -> [[Double]] {
        let file = try SampleFiles.file("photo.jpg")
        return try decode(file).overview(ImageDecoder.readInfo(file))
    }

    private func info(_ name: String) throws -> ImageInfo { try ImageDecoder.readInfo(SampleFiles.file(name)) }

    @Test(arguments: SampleFiles.videos) func theContainerIsToldFromTheBytes(_ name: String, _ format: ImageFormat) throws {
        let found = try SampleFiles.file(name).withBytes { ImageFormat(sniffing: $0) }
        #expect(found == format)
        #expect(found?.isVideo == true)
    }

    @Test func picturesInTheSameContainerAreNoVideos() throws {
        for (name, format) in SampleFiles.whole {
            #expect(try SampleFiles.file(name).withBytes { ImageFormat(sniffing: $0) } == format)
        }
        for brand in ["heic", "mif1", "msf1", "avif", "avis", "jp2 ", "crx "] {
            let bytes = [0, 0, 0, 24] + Array("ftyp\(brand)\0\0\0\0isommp41".utf8)
            #expect(bytes.withUnsafeBytes { ImageFormat(sniffing: $0) }?.isVideo != true, "\(brand)")
        }
    }

    @Test func theHeaderTellsDurationRateAndCodecs() throws {
        let video = try #require(try info("video.mp4").video)
        #expect(video.codec == "h264" && video.audioCodec == "aac")
        #expect(abs(try #require(video.duration) - 3000) < 100)
        #expect(abs(try #require(video.frameRate) - 12) < 0.1)
        #expect(try #require(video.bitRate) > 10_000 && video.dynamicRange == nil)
        let codecs = [
            "video.webm": "vp9", "video-av1.webm": "av1", "video-hevc.mov": "hevc", "video.3gp": "h263", "video.avi": "mpeg4",
            "video.ts": "mpeg2video", "video.mkv": "vp8",
        ]
        for (name, codec) in codecs { #expect(try info(name).video?.codec == codec, "\(name)") }
        #expect(try info("video.webm").video?.audioCodec == "opus")
        #expect(try info("video-hevc.mov").video?.audioCodec == nil)
        #expect(try info("video-pq.mp4").video?.dynamicRange == .pq)
        #expect(try info("video-hlg.mov").video?.dynamicRange == .hlg)
    }

    @Test(arguments: ["video.mp4", "video.webm"]) func aFileOfMoreTracksThanAllowedIsRefused(_ name: String) throws {
        var limits = VideoLimits()
        limits.tracks = 1
        let file = try ImageFile(path: SampleFiles.folder.appendingPathComponent(name).path, videoLimits: limits)
        let format = try #require(file.withBytes { ImageFormat(sniffing: $0) })
        #expect(throws: CodecError.unsupported(format, FileFlaw(.tracks, 1))) { try ImageDecoder.readInfo(file) }
    }

    /// No index can be made of such a file, and searching it in vain must not be the end of it.
    @Test func aFileWhoseOnlyKeyframeHasNoTimeIsRead() throws {
        var bytes = try SampleFiles.bytes("video.mkv")
        // Cues become Void, and the first block's time, behind its track's number, lies before the recording's start.
        let cues = try #require(bytes.lastRange(of: [0x1C, 0x53, 0xBB, 0x6B]))
        bytes.replaceSubrange(cues.lowerBound..<cues.lowerBound + 2, with: [0xEC, 0x80 | UInt8(bytes.count - cues.lowerBound - 2)])
        let cluster = try #require(bytes.lastRange(of: [0x1F, 0x43, 0xB6, 0x75]))
        let block = try #require(bytes[cluster.upperBound...].firstRange(of: [0x81, 0x00, 0x00, 0x80]))
        bytes.replaceSubrange(block.lowerBound + 1..<block.lowerBound + 3, with: [0xF7, 0x18])
        let file = try SampleFiles.file(bytes)
        let info = try ImageDecoder.readInfo(file)
        #expect(info.video?.duration != nil)
        let differences = zip(try decode(file).overview(info).joined(), try Self.meadow().joined()).map { abs($0 - $1) }
        #expect(differences.reduce(0, +) / Double(differences.count) < 5)
    }

    @Test func reasonsAreNotThoseOfALibrary() throws {
        var bytes = try SampleFiles.bytes("video.webm")
        let version = try #require(bytes.firstRange(of: [0x42, 0xF7, 0x81, 0x01]))
        bytes[version.upperBound - 1] = 9
        #expect(throws: CodecError.unsupported(.webm, FileFlaw(.rareHeader))) {
            try ImageDecoder.readInfo(SampleFiles.file(bytes))
        }
        bytes = Array(try SampleFiles.bytes("video.mp4").prefix(64)) + [UInt8](repeating: 0xFF, count: 64)
        #expect { try ImageDecoder.readInfo(SampleFiles.file(bytes)) } throws: { error in
            guard let error = error as? CodecError else { return false }
            return !error.message.contains("processing input") && !error.message.contains("FFmpeg")
        }
    }

    @Test func theSizeIsAsShownTurnedAndInSquarePixels() throws {
        let rotated = try info("video-rotated.mov")
        #expect(rotated.storedSize == PixelSize(width: 300, height: 400) && rotated.orientation == .right)
        #expect(rotated.displaySize == PixelSize(width: 400, height: 300))
        #expect(try info("video-mirrored.mov").orientation == .upMirrored)
        // 352 pixels that are 12 wide and 11 high.
        let anamorphic = try info("video.3gp")
        #expect(anamorphic.displaySize == PixelSize(width: 384, height: 288))
        #expect(anamorphic.video?.codedSize == PixelSize(width: 352, height: 288))
        #expect(try info("video-odd.mp4").displaySize == PixelSize(width: 401, height: 301))
    }

    @Test func displayMatricesAreTheEightOrientations() {
        let one: Int32 = 1 << 16
        let expected: [(Orientation, (Int32, Int32, Int32, Int32))] = [
            (.up, (one, 0, 0, one)), (.upMirrored, (-one, 0, 0, one)), (.down, (-one, 0, 0, -one)), (.downMirrored, (one, 0, 0, -one)),
            (.leftMirrored, (0, one, one, 0)), (.right, (0, one, -one, 0)), (.rightMirrored, (0, -one, -one, 0)),
            (.left, (0, -one, one, 0)),
        ]
        for (orientation, matrix) in expected { #expect(Orientation(displayMatrix: matrix) == orientation) }
        #expect(Orientation(displayMatrix: (.min, .min, .max, .max)) != .right)
    }

    /// Range, matrix, dynamic range, turn and pixel shape are all heeded: the poster has the photo's colours, place for place.
    @Test(arguments: SampleFiles.videos.map(\.name)) func thePosterIsTheMeadow(_ name: String) throws {
        let file = try SampleFiles.file(name)
        let info = try ImageDecoder.readInfo(file)
        for minimum in [info.storedSize, PixelSize(width: 60, height: 45)] {
            let raster = try ImageDecoder.decode(file, info: info, atLeast: minimum)
            #expect(raster.size.width >= minimum.width && raster.size.height >= minimum.height)
            let differences = zip(try raster.overview(info).joined(), try Self.meadow().joined()).map { abs($0 - $1) }
            let isToneMapped = info.video?.dynamicRange != nil
            #expect(differences.reduce(0, +) / Double(differences.count) < (isToneMapped ? 14 : 5), "\(name) at \(raster.size)")
            #expect(differences.max()! < (isToneMapped ? 60 : 26), "\(name) at \(raster.size)")
        }
    }

    @Test func aPosterIsDecodedNoLargerThanNeeded() throws {
        let file = try SampleFiles.file("video.mp4")
        let raster = try decode(file, atLeast: PixelSize(width: 100, height: 75))
        #expect(raster.size == PixelSize(width: 100, height: 75))
    }

    @Test func blackAndBlurAreNotWorthShowing() throws {
        #expect(!FrameLook(Plane(width: 64, height: 48, filledWith: 16)).isWorthShowing)
        var edges = Plane(width: 64, height: 48, filledWith: 40)
        var ramp = edges
        for y in 0..<48 {
            for x in 0..<64 {
                edges[x, y] = (x / 8 + y / 8).isMultiple(of: 2) ? 40 : 200
                ramp[x, y] = UInt8(40 + 2 * x)
            }
        }
        #expect(FrameLook(edges).isWorthShowing)
        #expect(!FrameLook(ramp).isWorthShowing, "a gradient has contrast, but no edge")
        #expect(FrameLook(edges).score > FrameLook(ramp).score)
    }

    @Test func anIndexThatIsMissingIsSaidToBe() throws {
        #expect(throws: CodecError.truncated(.mov)) { try ImageDecoder.readInfo(SampleFiles.file("video-no-index.mov")) }
        let file = try SampleFiles.file("video-truncated.mp4")
        let info = try ImageDecoder.readInfo(file)
        #expect(throws: CodecError.truncated(.mp4)) { try FileStructure.check(file, info: info) }
        for (name, _) in SampleFiles.videos {
            let file = try SampleFiles.file(name)
            #expect(throws: Never.self, "\(name)") { try FileStructure.check(file, info: try ImageDecoder.readInfo(file)) }
        }
    }

    @Test func aMovieOfSoundAloneIsRefused() throws {
        var bytes = try SampleFiles.bytes("video.mp4")
        // The handler type of the picture's track says what it is (ISO/IEC 14496-12 section 8.4.3).
        let handler = Array("vide".utf8)
        let place = try #require((0..<bytes.count - 4).first { Array(bytes[$0..<$0 + 4]) == handler })
        bytes.replaceSubrange(place..<place + 4, with: Array("soun".utf8))
        #expect { try ImageDecoder.readInfo(SampleFiles.file(bytes)) } throws: { ($0 as? CodecError)?.code == "unsupported" }
    }

    @Test func lightOfPaperComesOutNearWhiteAndDarkStaysDark() {
        #expect(abs(PQ.light(PQ.code(203)) - 203) < 0.5)
        func mapped(_ nits: Float) -> UInt8 {
            let sample = UInt16(PQ.code(nits) * 65_535)
            return ToneMapping(.pq).map([sample, sample, sample], size: PixelSize(width: 1, height: 1), isWide: false).planes[1][0, 0]
        }
        #expect(mapped(0) == 0)
        #expect(mapped(1000) >= 253 && mapped(4000) >= 253)
        #expect(mapped(203) > 205 && mapped(203) < 245)
        // Below the knee nothing is changed: 20 cd/m² of 203 are a tenth of the light, 89 in sRGB.
        #expect(abs(Int(mapped(20.3)) - 89) <= 1)
    }
}
