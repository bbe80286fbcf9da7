import Codecs
import Imaging
import Testing

@Suite struct AnimationTests {
    /// What is known of each sample that has its frames beside it.
    struct Sample: CustomTestStringConvertible, Sendable {
        let name: String
        let frames: String
        let size: PixelSize
        /// Milliseconds that each frame is shown.
        let durations: [Int]
        let plays: Int
        /// Halves round either way where colours are mixed.
        let tolerance: Int
        var testDescription: String { name }
    }

    static let samples = [
        Sample(
            name: "disposal.gif", frames: "disposal-gif-frames.png", size: PixelSize(width: 61, height: 47),
            durations: [200, 100, 50, 100, 300, 80, 120, 6550], plays: 3, tolerance: 0),
        Sample(
            name: "sprite.gif", frames: "sprite-gif-frames.png", size: PixelSize(width: 40, height: 24),
            durations: [100, 100, 100, 100, 100], plays: 1, tolerance: 0),
        Sample(
            name: "composition.webp", frames: "composition-webp-frames.png", size: PixelSize(width: 51, height: 39),
            durations: [120, 100, 70, 100], plays: 3, tolerance: 1),
    ]

    private func play(_ file: ImageFile, every: Int = 1, atLeast minimum: PixelSize? = nil) throws -> (frames: [AnimationFrame], end: Int) {
        let info = try ImageDecoder.readInfo(file)
        var frames: [AnimationFrame] = []
        let end = try AnimationDecoder.decode(file, info: info, atLeast: minimum ?? info.storedSize, every: every) { frames.append($0) }
        return (frames, end)
    }

    @Test(arguments: samples) func everyFrameIsAsAViewerSeesIt(_ sample: Sample) throws {
        let strip = try decode(SampleFiles.file(sample.frames))
        let frames = try play(SampleFiles.file(sample.name)).frames
        try #require(frames.count == sample.durations.count)
        for (number, frame) in frames.enumerated() {
            try #require(frame.raster.size == sample.size)
            #expect(frame.raster.largestDifference(to: strip, at: number * sample.size.width) <= sample.tolerance, "frame \(number)")
        }
    }

    @Test(arguments: samples) func theHeaderTellsHowItPlays(_ sample: Sample) throws {
        let info = try ImageDecoder.readInfo(SampleFiles.file(sample.name))
        #expect(info.frameCount == sample.durations.count && info.storedSize == sample.size)
        #expect(info.animation == AnimationInfo(duration: sample.durations.reduce(0, +), plays: sample.plays))
        let (frames, end) = try play(SampleFiles.file(sample.name))
        #expect(frames.map(\.start) == sample.durations.indices.map { sample.durations[..<$0].reduce(0, +) })
        #expect(end == info.animation?.duration)
    }

    @Test(arguments: samples) func theFirstFrameIsTheStill(_ sample: Sample) throws {
        let file = try SampleFiles.file(sample.name)
        let first = try #require(try play(file).frames.first).raster
        let still = try decode(file)
        #expect(first.largestDifference(to: still.convertedToRGB(), at: 0) == 0)
    }

    @Test func whatDoesNotMoveHasNoAnimation() throws {
        for name in ["photo.webp", "lossless.webp", "alpha.webp", "photo.jpg", "16bit.png"] {
            #expect(try ImageDecoder.readInfo(SampleFiles.file(name)).animation == nil, "\(name)")
        }
        #expect(try ImageDecoder.readInfo(SampleFiles.file(FlatGIF(frames: [.init()]).bytes)).animation == nil)
    }

    @Test func ofThinnedFramesTheTimesAddUp() throws {
        let (frames, end) = try play(SampleFiles.file("disposal.gif"), every: 3)
        let all = try play(SampleFiles.file("disposal.gif"))
        #expect(frames.map(\.start) == [0, 350, 830] && end == all.end)
        for (kept, number) in zip(frames, [0, 3, 6]) { #expect(kept.raster.largestDifference(to: all.frames[number].raster, at: 0) == 0) }
    }

    @Test func framesAreAveragedWhileTheyAreDecoded() throws {
        let (frames, _) = try play(SampleFiles.file("disposal.gif"), atLeast: PixelSize(width: 20, height: 15))
        #expect(frames.allSatisfy { $0.raster.size == PixelSize(width: 21, height: 16) })
        #expect(abs(frames[0].extent.width - 61.0 / 3) < 1e-9 && abs(frames[0].extent.height - 47.0 / 3) < 1e-9)
        // A sky of one colour stays that colour.
        #expect(frames[0].raster.pixel(1, 1) == [120, 176, 224, 255])
    }

    // MARK: Writing

    private func encoded(_ frames: [Raster], interval: Int, plays: Int = 0, isFlatArt: Bool) throws -> [UInt8] {
        var settings = EncodingSettings()
        settings.isFlatArt = isFlatArt
        let encoder = try WebPAnimationEncoder(size: frames[0].size, plays: plays, settings)
        for (number, frame) in frames.enumerated() { try encoder.add(frame, at: number * interval) }
        return try encoder.finish(at: frames.count * interval)
    }

    @Test(arguments: samples.prefix(2)) func flatArtIsWrittenExactlyWithItsTimes(_ sample: Sample) throws {
        let source = try play(SampleFiles.file(sample.name))
        var settings = EncodingSettings()
        settings.isFlatArt = true
        let encoder = try WebPAnimationEncoder(size: sample.size, plays: sample.plays, settings)
        for frame in source.frames { try encoder.add(frame.raster, at: frame.start) }
        let file = try SampleFiles.file(try encoder.finish(at: source.end))
        #expect(try ImageDecoder.readInfo(file).animation == AnimationInfo(duration: source.end, plays: sample.plays))
        let written = try play(file)
        // One frame of `disposal.gif` changes nothing: it is merged with the one before.
        let distinct = source.frames.filter { sample.name != "disposal.gif" || $0.start != 750 }
        #expect(written.frames.map(\.start) == distinct.map(\.start) && written.end == source.end)
        for (a, b) in zip(written.frames, distinct) { #expect(a.raster.largestDifference(to: b.raster, at: 0) == 0) }
    }

    @Test func framesThatChangeNothingAreMerged() throws {
        let scene = Raster.scene(48, 32)
        let file = try SampleFiles.file(
            try encoded([scene, scene, scene, Raster.scene(48, 32, alpha: true)], interval: 40, isFlatArt: false))
        let (frames, end) = try play(file)
        #expect(frames.map(\.start) == [0, 120] && end == 160)
        #expect(frames[0].raster.alpha == nil && frames[1].raster.alpha != nil)
    }

    @Test func oneFrameIsAStill() throws {
        let scene = Raster.scene(48, 32)
        for frames in [[scene], [scene, scene]] {
            let (info, raster) = try decoded(try encoded(frames, interval: 40, isFlatArt: false))
            #expect(info.frameCount == 1 && info.animation == nil && raster.size == scene.size)
        }
    }

    /// libwebp does not encode what differs little from the frame before, which adds up.
    @Test func aSlowFadeIsFollowed() throws {
        let size = PixelSize(width: 64, height: 64)
        let fade = (0..<150).map { level in
            var raster = Raster(
                size: size, model: .rgb, planes: (0..<3).map { _ in Plane(width: 64, height: 64, filledWith: UInt8(40 + level)) })
            // Something else moves, so that no frame is left out as a whole.
            for y in 0..<8 { for x in 0..<8 { raster.planes[0][(level * 3 + x) % 64, y] = 255 } }
            return raster
        }
        let frames = try play(SampleFiles.file(try encoded(fade, interval: 40, isFlatArt: false))).frames
        let worst = frames.map { frame in abs(Int(frame.raster.planes[1][40, 50]) - (40 + frame.start / 40)) }.max()
        #expect(try #require(worst) <= 10)
    }

    @Test func aTimeThatTheFormatCannotHoldIsCutShort() throws {
        let encoder = try WebPAnimationEncoder(size: PixelSize(width: 8, height: 8), plays: 0, EncodingSettings())
        try encoder.add(.scene(8, 8), at: 0)
        try encoder.add(.scene(8, 8, alpha: true), at: 1 << 40)
        let info = try decoded(try encoder.finish(at: 1 << 41)).info
        #expect(info.frameCount == 2 && info.animation?.duration == 2 * ((1 << 24) - 2))
    }

    // MARK: What is damaged, or made to do harm

    @Test func whatCameBeforeDamageIsKept() throws {
        let frames = [FlatGIF.Frame](repeating: .init(), count: 4)
        let whole = FlatGIF(frames: frames).bytes
        let perFrame = (whole.count - FlatGIF(frames: []).bytes.count) / 4
        let start = FlatGIF(frames: []).bytes.count - 1
        func outcome(_ bytes: [UInt8]) throws -> Int { try play(SampleFiles.file(bytes)).frames.count }
        #expect(try outcome(whole) == 4)
        // Cut within the third frame's pixels, and damaged there: a code that does not exist yet.
        #expect(try outcome(Array(whole[..<(start + perFrame * 3 - 3)])) == 2)
        var damaged = whole
        damaged[start + perFrame * 3 - 4] = 0xFF
        damaged[start + perFrame * 3 - 5] = 0xFF
        #expect((2...4).contains(try outcome(damaged)))
        var first = whole
        for index in start + perFrame - 8..<start + perFrame - 1 { first[index] = 0xFF }
        #expect(throws: CodecError.self) { try outcome(first) }
    }

    @Test func aDamagedWebPFrameEndsTheAnimationThere() throws {
        var bytes = try SampleFiles.bytes("composition.webp")
        let frames = bytes.indices.dropLast(4).filter { Array(bytes[$0..<$0 + 4]) == Array("ANMF".utf8) }
        // The third frame's pixels, behind its size and the bitstream's signature.
        for index in frames[2] + 8 + 16 + 8 + 5..<frames[3] { bytes[index] = 0xFF }
        let file = try SampleFiles.file(bytes)
        #expect(try play(file).frames.count == 2)
    }

    @Test func aFrameWithoutPixelsEndsTheAnimationThere() throws {
        let file = try SampleFiles.file(FlatGIF(frames: [.init(), .init(width: 0), .init()]).bytes)
        #expect(try play(file).frames.count == 1)
    }

    @Test func whatLiesOutsideThePictureIsNotDrawn() throws {
        let outside = [FlatGIF.Frame(left: 60_000, top: 60_000), FlatGIF.Frame(left: 7, top: 7, width: 5, height: 5)]
        for disposal in 0..<8 {
            let frames = ([FlatGIF.Frame()] + outside + [FlatGIF.Frame(width: 2, height: 2)]).map { frame in
                var frame = frame
                frame.disposal = disposal
                return frame
            }
            let played = try play(SampleFiles.file(FlatGIF(frames: frames).bytes)).frames
            #expect(played.count == 4 && played.allSatisfy { $0.raster.size == PixelSize(width: 8, height: 8) })
        }
    }

    @Test func aFrameMuchLargerThanThePictureIsNotWaitedFor() throws {
        var frames = [FlatGIF.Frame(), .init()]
        frames.append(.init(width: 65_535, height: 65_535, pixels: 64))
        #expect(try play(SampleFiles.file(FlatGIF(frames: frames).bytes)).frames.count == 2)
    }

    @Test func aMillionFramesAreCountedAndNotDecoded() throws {
        let one = FlatGIF(frames: [.init(width: 1, height: 1)]).bytes
        let head = FlatGIF(frames: []).bytes.dropLast()
        let frame = one.dropFirst(head.count).dropLast()
        var bytes = Array(head)
        bytes.reserveCapacity(head.count + 1_000_000 * frame.count + 1)
        for _ in 0..<1_000_000 { bytes += frame }
        let info = try ImageDecoder.readInfo(SampleFiles.file(bytes + [0x3B]))
        #expect(info.frameCount == 1_000_000 && info.animation?.duration == 100_000_000)
    }
}

/// A GIF of frames of one colour each, uncompressed.
struct FlatGIF {
    struct Frame {
        var left = 0
        var top = 0
        var width = 8
        var height = 8
        var disposal = 1
        /// How many are written, where that is less than the frame claims.
        var pixels: Int?
    }

    var screen = 8
    let frames: [Frame]

    var bytes: [UInt8] {
        func short(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
        var bytes = Array("GIF89a".utf8) + short(screen) + short(screen) + [0x81, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]
        for (number, frame) in frames.enumerated() {
            bytes += [0x21, 0xF9, 4, UInt8(frame.disposal << 2), 10, 0, 0, 0]
            bytes += [0x2C] + short(frame.left) + short(frame.top) + short(frame.width) + short(frame.height) + [0, 2]
            let data = Self.packed(frame.pixels ?? frame.width * frame.height, index: number % 4)
            for start in stride(from: 0, to: data.count, by: 255) {
                let block = data[start..<min(start + 255, data.count)]
                bytes += [UInt8(block.count)] + block
            }
            bytes.append(0)
        }
        return bytes + [0x3B]
    }

    /// Codes of three bits: 4, which clears the table, before every second index; 5 at the end.
    private static func packed(_ count: Int, index: Int) -> [UInt8] {
        var codes: [Int] = []
        for number in 0..<count { codes += number.isMultiple(of: 2) ? [4, index] : [index] }
        codes.append(5)
        var bytes = [UInt8](repeating: 0, count: (codes.count * 3 + 7) / 8)
        for (number, code) in codes.enumerated() {
            for bit in 0..<3 where code >> bit & 1 == 1 { bytes[(number * 3 + bit) / 8] |= 1 << ((number * 3 + bit) % 8) }
        }
        return bytes
    }
}

extension Raster {
    /// The greatest difference of a channel to the part of another that begins at a column; colours count where they are seen.
    func largestDifference(to other: Raster, at column: Int) -> Int {
        var worst = 0
        for y in 0..<size.height {
            for x in 0..<size.width {
                let (a, b) = (Int(alpha?[x, y] ?? 255), Int(other.alpha?[x + column, y] ?? 255))
                worst = max(worst, abs(a - b))
                guard a > 0 || b > 0 else { continue }
                for channel in 0..<3 {
                    worst = max(worst, abs(Int(planes[channel][x, y]) - Int(other.planes[channel][x + column, y])))
                }
            }
        }
        return worst
    }
}
