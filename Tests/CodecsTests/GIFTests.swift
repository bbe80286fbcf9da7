import Codecs
import Imaging
import Testing

@Suite struct GIFTests {
    /// A GIF of one frame (more for `frames`), its pixels written without compression worth the name: a clear code before
    /// every second pixel keeps all codes at their first width.
    private struct GIFBuilder {
        var screen = (width: 6, height: 5)
        var frame = (left: 0, top: 0, width: 6, height: 5)
        var isInterlaced = false
        var transparent: Int?
        var hasLocalPalette = false
        var frames = 1
        /// What stands behind each frame.
        var behind: [UInt8] = []
        /// Of the compressed pixels' first codes.
        var codeSize: UInt8 = 2

        static let palette: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]

        func bytes() -> [UInt8] {
            var bytes = Array("GIF89a".utf8) + short(screen.width) + short(screen.height) + [hasLocalPalette ? 0 : 0x81, 0, 0]
            if !hasLocalPalette { bytes += Self.palette }
            for _ in 0..<frames {
                if let transparent { bytes += [0x21, 0xF9, 4, 1, 0, 0, UInt8(transparent), 0] }
                bytes += [0x21, 0xFE, 2, 0x2C, 0x3B, 0]
                bytes += [0x2C] + short(frame.left) + short(frame.top) + short(frame.width) + short(frame.height)
                bytes += [(hasLocalPalette ? 0x81 : 0) | (isInterlaced ? 0x40 : 0)] + (hasLocalPalette ? Self.palette : []) + [codeSize]
                let data = packed()
                for start in stride(from: 0, to: data.count, by: 255) {
                    let block = data[start..<min(start + 255, data.count)]
                    bytes += [UInt8(block.count)] + block
                }
                bytes += [0] + behind
            }
            return bytes + [0x3B]
        }

        /// The index at a pixel of the frame.
        func index(_ x: Int, _ y: Int) -> Int { (x + 2 * y) % 3 }

        private func packed() -> [UInt8] {
            let passes = isInterlaced ? [(0, 8), (4, 8), (2, 4), (1, 2)] : [(0, 1)]
            var codes: [Int] = []
            for (first, step) in passes {
                for y in stride(from: first, to: frame.height, by: step) {
                    for x in 0..<frame.width {
                        // 4 is the clear code, 5 the end.
                        if codes.count % 3 == 0 { codes.append(4) }
                        codes.append(index(x, y))
                    }
                }
            }
            codes.append(5)
            var bytes = [UInt8](repeating: 0, count: (codes.count * 3 + 7) / 8)
            for (number, code) in codes.enumerated() {
                for bit in 0..<3 where code >> bit & 1 == 1 { bytes[(number * 3 + bit) / 8] |= 1 << ((number * 3 + bit) % 8) }
            }
            return bytes
        }

        private func short(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
    }

    private func color(_ index: Int) -> [UInt8] { Array(GIFBuilder.palette[index * 3..<index * 3 + 3]) + [255] }

    @Test(arguments: [false, true], [false, true])
    func theFirstFrameIsReadInItsPalette(_ isInterlaced: Bool, _ hasLocalPalette: Bool)
        throws
    {
        var gif = GIFBuilder(screen: (13, 11), frame: (0, 0, 13, 11))
        (gif.isInterlaced, gif.hasLocalPalette) = (isInterlaced, hasLocalPalette)
        let file = try SampleFiles.file(gif.bytes())
        let info = try ImageDecoder.readInfo(file)
        #expect(info.isPalette && !info.hasAlpha && info.frameCount == 1)
        let raster = try decode(file)
        for y in 0..<11 { for x in 0..<13 { #expect(raster.pixel(x, y) == color(gif.index(x, y))) } }
    }

    @Test func theTransparentIndexIsTransparent() throws {
        let gif = GIFBuilder(transparent: 1)
        let raster = try decode(SampleFiles.file(gif.bytes()))
        #expect(raster.alpha != nil)
        for y in 0..<5 {
            for x in 0..<6 { #expect(raster.pixel(x, y) == (gif.index(x, y) == 1 ? [0, 0, 0, 0] : color(gif.index(x, y)))) }
        }
    }

    @Test(arguments: [false, true]) func aFrameSmallerThanTheScreenLeavesTheRestTransparent(_ isInterlaced: Bool) throws {
        var gif = GIFBuilder(screen: (9, 8), frame: (2, 3, 4, 4))
        gif.isInterlaced = isInterlaced
        let file = try SampleFiles.file(gif.bytes())
        #expect(try ImageDecoder.readInfo(file).hasAlpha)
        let raster = try decode(file)
        for y in 0..<8 {
            for x in 0..<9 {
                let isInside = (2..<6).contains(x) && (3..<7).contains(y)
                #expect(raster.pixel(x, y) == (isInside ? color(gif.index(x - 2, y - 3)) : [0, 0, 0, 0]))
            }
        }
    }

    @Test func aFrameLargerThanTheScreenMakesTheScreenLarger() throws {
        let gif = GIFBuilder(screen: (2, 2), frame: (1, 1, 6, 5))
        let raster = try decode(SampleFiles.file(gif.bytes()))
        #expect(raster.size == PixelSize(width: 7, height: 6))
        #expect(raster.pixel(6, 5) == color(gif.index(5, 4)))
    }

    @Test func framesAreCountedWithoutDecoding() throws {
        #expect(try ImageDecoder.readInfo(SampleFiles.file(GIFBuilder(frames: 7).bytes())).frameCount == 7)
        #expect(try ImageDecoder.readInfo(SampleFiles.file("animated.gif")).frameCount == 6)
    }

    private func framesPlayed(_ file: ImageFile) throws -> Int {
        var count = 0
        _ = try AnimationDecoder.decode(file, info: ImageDecoder.readInfo(file), atLeast: PixelSize(width: 6, height: 5), every: 1) { _ in
            count += 1
        }
        return count
    }

    /// As Pillow and the browsers have it.
    @Test func zerosBetweenBlocksAreNothing() throws {
        let file = try SampleFiles.file(GIFBuilder(frames: 3, behind: [0, 0]).bytes())
        let info = try ImageDecoder.readInfo(file)
        try FileStructure.check(file, info: info)
        #expect(info.frameCount == 3)
        #expect(try framesPlayed(file) == 3)
    }

    /// As the browsers have it: what came before is shown.
    @Test func whatIsNoBlockEndsTheAnimation() throws {
        let whole = GIFBuilder(frames: 2).bytes().dropLast()
        let file = try SampleFiles.file(whole + [0x99, 7] + GIFBuilder().bytes())
        let info = try ImageDecoder.readInfo(file)
        try FileStructure.check(file, info: info)
        #expect(info.frameCount == 2)
        #expect(try framesPlayed(file) == 2)
        var none = GIFBuilder().bytes()
        none[13 + GIFBuilder.palette.count] = 0x99
        #expect(throws: CodecError.corrupt(.gif, FileFlaw(.unknownBlock))) { try ImageDecoder.readInfo(SampleFiles.file(none)) }
    }

    /// Not in giflib's words, which speak of files that were not opened.
    @Test func reasonsAreThoseOfAPicture() throws {
        let flat = GIFBuilder(frame: (0, 0, 0, 5)), wide = GIFBuilder(codeSize: 11), wrong = GIFBuilder(codeSize: 4)
        for (gif, reason) in [
            (flat, FileFlaw.Reason.noPixels), (wide, .compressedPixels),
            (wrong, .pixelCount),
        ] {
            #expect(throws: CodecError.corrupt(.gif, FileFlaw(reason))) { try decode(SampleFiles.file(gif.bytes())) }
        }
    }

    @Test func aHugeScreenIsKnownBeforeAnythingIsAllocated() throws {
        let gif = GIFBuilder(screen: (65_535, 65_535), frame: (0, 0, 6, 5))
        let info = try ImageDecoder.readInfo(SampleFiles.file(gif.bytes()))
        #expect(info.storedSize == PixelSize(width: 65_535, height: 65_535))
    }

    @Test func aFileThatEndsEarlyIsTruncated() throws {
        let bytes = GIFBuilder(screen: (40, 40), frame: (0, 0, 40, 40)).bytes()
        #expect(throws: CodecError.truncated(.gif)) { try decode(SampleFiles.file(Array(bytes.prefix(bytes.count / 2)))) }
        #expect(throws: CodecError.truncated(.gif)) { try ImageDecoder.readInfo(SampleFiles.file(Array(bytes.prefix(15)))) }
    }

    @Test func aPictureIsAveragedWhileItIsDecoded() throws {
        let gif = GIFBuilder(screen: (12, 12), frame: (0, 0, 12, 12))
        let raster = try decode(SampleFiles.file(gif.bytes()), atLeast: PixelSize(width: 4, height: 4))
        #expect(raster.size == PixelSize(width: 4, height: 4))
        // Every box of 3 × 3 has each of the three colours three times.
        for y in 0..<4 { for x in 0..<4 { #expect(raster.pixel(x, y) == [85, 85, 85, 255]) } }
    }
}
