import Codecs
import Imaging
import TestSupport
import Testing

@Suite struct PNGTests {
    private func decoded(_ png: PNGBuilder, atLeast minimum: PixelSize? = nil) throws -> Raster {
        try decode(SampleFiles.file(png.bytes()), atLeast: minimum)
    }

    @Test(arguments: [1, 2, 4, 8, 16], [false, true])
    func grayOfEveryDepthIsSpreadOverAllLevels(_ depth: Int, _ isInterlaced: Bool) throws {
        let top = 1 << depth - 1
        let png = PNGBuilder(width: 21, height: 13, depth: depth, colorType: 0, isInterlaced: isInterlaced) { x, y in
            [(x * 977 + y * 31) & top]
        }
        let raster = try decoded(png)
        #expect(raster.model == .gray && raster.alpha == nil)
        for y in 0..<13 {
            for x in 0..<21 {
                let stored = (x * 977 + y * 31) & top
                let expected = (Double(stored) * 255 / Double(top)).rounded()
                #expect(Double(raster.planes[0][x, y]) == expected)
            }
        }
    }

    @Test(arguments: [2, 4, 6], [8, 16]) func colourAndAlphaOfBothDepthsComeAsTheyAre(_ colorType: Int, _ depth: Int) throws {
        let unit = depth == 16 ? 257 : 1
        let samples = [2: 3, 4: 2, 6: 4][colorType]!
        func value(_ x: Int, _ y: Int, _ channel: Int) -> Int { (x * 7 + y * 11 + channel * 60) & 255 }
        for isInterlaced in [false, true] {
            let raster = try decoded(
                PNGBuilder(width: 19, height: 9, depth: depth, colorType: colorType, isInterlaced: isInterlaced) { x, y in
                    (0..<samples).map { value(x, y, $0) * unit }
                })
            #expect(raster.model == (colorType == 4 ? .gray : .rgb))
            #expect((raster.alpha != nil) == (colorType != 2))
            let planes = raster.planes + [raster.alpha].compactMap { $0 }
            for y in 0..<9 { for x in 0..<19 { #expect(planes.map { Int($0[x, y]) } == (0..<samples).map { value(x, y, $0) }) } }
        }
    }

    @Test func sixteenBitsAreRoundedNotCut() throws {
        let raster = try decoded(PNGBuilder(width: 256, height: 1, depth: 16, colorType: 0) { x, _ in [max(0, x * 257 - 100)] })
        for x in 0..<256 { #expect(Int(raster.planes[0][x, 0]) == x) }
    }

    @Test(arguments: [1, 2, 4, 8]) func aPaletteBecomesItsColours(_ depth: Int) throws {
        let count = 1 << depth
        func color(_ index: Int) -> [UInt8] { [UInt8(index), UInt8(255 - index), UInt8(truncatingIfNeeded: index * 3)] }
        let palette = (0..<count).flatMap(color)
        var png = PNGBuilder(width: 17, height: 5, depth: depth, colorType: 3, chunks: [("PLTE", palette)]) { x, y in [(x + y) % count] }
        let opaque = try decoded(png)
        #expect(opaque.alpha == nil)
        png.chunks.append(("tRNS", [0, 128]))
        let raster = try decoded(png)
        for y in 0..<5 {
            for x in 0..<17 {
                let index = (x + y) % count
                let alpha: UInt8 = index == 0 ? 0 : index == 1 ? 128 : 255
                #expect(opaque.pixel(x, y) == color(index) + [255])
                #expect(raster.pixel(x, y) == color(index) + [alpha])
            }
        }
        let info = try ImageDecoder.readInfo(SampleFiles.file(png.bytes()))
        #expect(info.isPalette && info.hasAlpha && info.bitDepth == depth)
    }

    @Test func theTransparentColourOfGrayAndRGBIsTransparent() throws {
        let gray = try decoded(PNGBuilder(width: 4, height: 1, depth: 2, colorType: 0, chunks: [("tRNS", [0, 2])]) { x, _ in [x] })
        #expect((0..<4).map { gray.pixel($0, 0) } == [[0, 0, 0, 255], [85, 85, 85, 255], [170, 170, 170, 0], [255, 255, 255, 255]])
        let keyed = PNGBuilder(width: 2, height: 1, chunks: [("tRNS", [0, 1, 0, 2, 0, 3])]) { x, _ in [1, 2, 3 + x] }
        let rgb = try decoded(keyed)
        #expect((0..<2).map { rgb.pixel($0, 0) } == [[1, 2, 3, 0], [1, 2, 4, 255]])
    }

    @Test func alphaThatIsOpaqueEverywhereIsLeftOut() throws {
        let raster = try decoded(PNGBuilder(width: 3, height: 3, colorType: 6) { _, _ in [1, 2, 3, 255] })
        #expect(raster.alpha == nil)
    }

    /// Too large to be inflated at once.
    @Test func aLargePictureIsInflatedRowByRow() throws {
        let side = 3_600
        let png = PNGBuilder(width: side, height: side, depth: 16, colorType: 0) { x, y in [(x / 8 + y / 8) % 256 * 257] }
        let file = png.bytes()
        #expect(file.count > 24 << 20)
        let raster = try decode(SampleFiles.file(file), atLeast: PixelSize(width: side / 8, height: side / 8))
        #expect(raster.size == PixelSize(width: side / 8, height: side / 8))
        for (x, y) in [(0, 0), (17, 230), (449, 0), (0, 449), (449, 449)] { #expect(Int(raster.planes[0][x, y]) == (x + y) % 256) }
    }

    @Test(arguments: [1, 2, 7, 100_000]) func thePictureMayStandInManyChunks(_ count: Int) throws {
        var png = PNGBuilder(width: 200, height: 150, colorType: 6) { x, y in [x, y, (x * y) & 255, 255 - x / 2] }
        let whole = try decoded(png)
        png.chunkBytes = count
        let raster = try decoded(png)
        #expect(zip(raster.planes, whole.planes).allSatisfy { $0.samples == $1.samples } && raster.alpha?.samples == whole.alpha?.samples)
    }

    /// Whether it is inflated at once or not, a file that is wrong is refused for the same reason.
    @Test func aPictureOfWrongChecksIsRefused() throws {
        let flawless = PNGBuilder(width: 20, height: 15) { x, y in [x, y, 3] }.bytes()
        let name = Array("IDAT".utf8)
        let start = try #require(flawless.indices.first { Array(flawless[$0..<min($0 + 4, flawless.count)]) == name })
        for place in [16, start + 4, start + 30, start + 400, flawless.count - 13] {
            var file = flawless
            file[place] ^= 1
            #expect(throws: CodecError.self, "byte \(place)") { try decode(SampleFiles.file(file)) }
        }
        // More compressed rows than the picture has are no harm.
        let rows = PNGBuilder(width: 20, height: 16) { x, y in [x, y, 3] }.bytes()
        var longer = rows
        longer.replaceSubrange(16..<33, with: flawless[16..<33])
        #expect(try decode(SampleFiles.file(longer)).planes[1][0, 14] == 14)
    }

    @Test(arguments: [false, true]) func aPictureIsAveragedWhileItIsDecoded(_ isInterlaced: Bool) throws {
        let png = PNGBuilder(width: 10, height: 7, isInterlaced: isInterlaced) { x, y in [x * 20, y * 30, (x + y) % 2 * 255] }
        let raster = try decoded(png, atLeast: PixelSize(width: 4, height: 3))
        #expect(raster.size == PixelSize(width: 5, height: 4))
        #expect(raster.pixel(0, 0) == [10, 15, 128, 255])
        // The last row of boxes has one stored row only.
        #expect(raster.pixel(4, 3) == [170, 180, 128, 255])
    }

    @Test func colourUnderTransparencyDoesNotBleed() throws {
        let png = PNGBuilder(width: 2, height: 2, colorType: 6) { x, y in x == y ? [200, 100, 50, 255] : [255, 255, 255, 0] }
        #expect(try decoded(png, atLeast: PixelSize(width: 1, height: 1)).pixel(0, 0) == [200, 100, 50, 128])
    }

    @Test func orientationIsReadBeforeAndBehindThePixels() throws {
        let exif: [UInt8] = Array("MM\0*".utf8) + [0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]
        var png = PNGBuilder(width: 3, height: 2, chunks: [("eXIf", exif)]) { _, _ in [0, 0, 0] }
        #expect(try ImageDecoder.readInfo(SampleFiles.file(png.bytes())).orientation == .right)
        (png.chunks, png.chunksAfterPixels) = ([], png.chunks)
        #expect(try ImageDecoder.readInfo(SampleFiles.file(png.bytes())).orientation == .right)
    }

    @Test func gammaIsHeededOnlyWhereNothingSaysMore() throws {
        func profile(_ chunks: (type: String, data: [UInt8])...) throws -> [UInt8]? {
            let png = PNGBuilder(width: 1, height: 1, chunks: chunks) { _, _ in [0, 0, 0] }
            return try ImageDecoder.readInfo(SampleFiles.file(png.bytes())).iccProfile
        }
        let linear: [UInt8] = [0, 1, 0x86, 0xA0]
        #expect(try profile(("gAMA", [0, 0, 0xB1, 0x8F])) == nil)
        #expect(try profile(("sRGB", [0]), ("gAMA", linear)) == nil)
        let made = try profile(("gAMA", linear))
        #expect(ICCConverter.needsConversion(profile: made, model: .rgb))
        let plane = Plane(width: 1, height: 1, filledWith: 55)
        let half = Raster(size: plane.size, model: .rgb, planes: [plane, plane, plane])
        // Linear 55/255 is 0.503 in sRGB's curve.
        #expect(try ICCConverter.convert(half, profile: made).pixel(0, 0).dropLast().allSatisfy { abs(Int($0) - 128) <= 1 })
    }

    @Test func textThatUnpacksToGigabytesIsNotUnpacked() throws {
        // A zTXt whose data is no valid stream at all shows that it is passed over unread.
        let chunks = [("zTXt", Array("k\0\0nonsense".utf8)), ("tEXt", [UInt8](repeating: 65, count: 500_000))]
        let png = PNGBuilder(width: 1, height: 1, chunks: chunks) { _, _ in [9, 9, 9] }
        #expect(try decoded(png).pixel(0, 0) == [9, 9, 9, 255])
    }

    @Test func theBombIsKnownFromItsHeader() throws {
        let file = try SampleFiles.file("bomb.png")
        let info = try ImageDecoder.readInfo(file)
        #expect(info.storedSize == PixelSize(width: 50_000, height: 50_000))
        #expect(ImageDecoder.workingBytes(info, atLeast: PixelSize(width: 1280, height: 1280)) < 4 << 20)
        #expect(ImageDecoder.workingBytes(info, atLeast: info.storedSize) > 2_000_000_000)
    }

    @Test(arguments: [ColorModel.gray, .rgb], [false, true])
    func whatIsWrittenIsReadBackExactly(_ model: ColorModel, _ hasAlpha: Bool) throws {
        let size = PixelSize(width: 37, height: 29)
        func sample(_ index: Int, _ seed: Int) -> UInt8 { UInt8(truncatingIfNeeded: index * seed + index / 40 * 5) }
        func plane(_ seed: Int) -> Plane { Plane(width: 37, height: 29, stride: 40, samples: (0..<40 * 29).map { sample($0, seed) }) }
        let alpha = hasAlpha ? Plane(width: 37, height: 29, samples: (0..<37 * 29).map { UInt8($0 % 255 + 1) }) : nil
        let raster = Raster(size: size, model: model, planes: (0..<model.planeCount).map { plane(3 + $0 * 4) }, alpha: alpha)
        let bytes = try ImageEncoder.encode(raster, as: .png, EncodingSettings())
        let back = try decode(SampleFiles.file(bytes))
        #expect(back.model == model && (back.alpha != nil) == hasAlpha)
        for y in 0..<29 { for x in 0..<37 { #expect(back.pixel(x, y) == raster.pixel(x, y)) } }
    }

    @Test(arguments: [2, 4, 16, 256]) func fewColoursAreWrittenAsAPalette(_ count: Int) throws {
        let side = 64
        func value(_ index: Int) -> Int {
            let (column, row) = (index % side / 4, index / side / 4)
            return (column + row * 16) % count
        }
        let planes = [1, 2, 3].map { factor in
            Plane(width: side, height: side, samples: (0..<side * side).map { UInt8(truncatingIfNeeded: value($0) * factor + factor) })
        }
        let alpha = Plane(width: side, height: side, samples: (0..<side * side).map { index -> UInt8 in value(index) == 1 ? 77 : 255 })
        let raster = Raster(size: PixelSize(width: side, height: side), model: .rgb, planes: planes, alpha: alpha)
        let file = try SampleFiles.file(ImageEncoder.encode(raster, as: .png, EncodingSettings()))
        let info = try ImageDecoder.readInfo(file)
        #expect(info.isPalette && 1 << info.bitDepth == count && info.hasAlpha)
        #expect(file.count < 2_000)
        let back = try decode(file)
        for y in 0..<side { for x in 0..<side { #expect(back.pixel(x, y) == raster.pixel(x, y)) } }
    }
}
