import Codecs
import Imaging
import Testing

@Suite struct JPEGDecoderTests {
    private func ycbcr(_ width: Int, _ height: Int, luma: (Int, Int) = (1, 1), chroma: (Int, Int) = (1, 1)) -> JPEGBuilder {
        JPEGBuilder(
            width: width, height: height,
            components: [
                .init(id: 1, horizontal: luma.0, vertical: luma.1) { column, _ in column % 2 == 0 ? 60 : 200 },
                .init(id: 2, horizontal: chroma.0, vertical: chroma.1) { _, _ in 90 },
                .init(id: 3, horizontal: chroma.0, vertical: chroma.1) { _, _ in 170 },
            ])
    }

    @Test(arguments: [
        ((1, 1), (1, 1), (67, 35)),  // 4:4:4
        ((2, 1), (1, 1), (34, 35)),  // 4:2:2
        ((2, 2), (1, 1), (34, 18)),  // 4:2:0
        ((1, 2), (1, 1), (67, 18)),  // 4:4:0
        ((4, 1), (1, 1), (17, 35)),  // 4:1:1
        ((2, 2), (1, 2), (34, 35)),  // 4:2:2 said in another way
    ])
    func chromaComesAsItIsSampled(_ luma: (Int, Int), _ chroma: (Int, Int), _ expected: (Int, Int)) throws {
        let (info, raster) = try decoded(ycbcr(67, 35, luma: luma, chroma: chroma).bytes())
        #expect(info.colorModel == .ycbcr && info.storedSize == PixelSize(width: 67, height: 35))
        #expect(raster.model == .ycbcr && raster.size == info.storedSize)
        #expect(raster.planes[1].size == PixelSize(width: expected.0, height: expected.1))
        #expect(raster.planes[0][0, 0] == 60 && raster.planes[0][8 * luma.0, 0] == 200)
        #expect(raster.planes[1][3, 3] == 90 && raster.planes[2][3, 3] == 170)
    }

    @Test func lumaThatIsSampledLessThanChromaIsInterpolated() throws {
        let (_, raster) = try decoded(ycbcr(40, 24, luma: (1, 1), chroma: (2, 2)).bytes())
        #expect(raster.planes.allSatisfy { $0.size == PixelSize(width: 40, height: 24) })
    }

    @Test(arguments: [1, 2, 4, 8]) func lumaComesTwiceAsLargeAsItIsAskedFor(_ eighths: Int) throws {
        let file = ycbcr(163, 99, luma: (2, 2)).bytes()
        let scaled = PixelSize(width: (163 * eighths + 7) / 8, height: (99 * eighths + 7) / 8)
        let raster = try decoded(file, atLeast: PixelSize(width: scaled.width / 2, height: scaled.height / 2)).raster
        #expect(raster.size == scaled)
        #expect(raster.planes[0][0, 0] == 60)
        if eighths < 8 {
            let oneMore = PixelSize(width: scaled.width / 2 + 1, height: 1)
            #expect(try decoded(file, atLeast: oneMore).raster.size.width > scaled.width)
        }
    }

    @Test(arguments: [(163, 82), (80, 41), (40, 21), (20, 11), (10, 11)])
    func halvedChromaComesAtHalfOfWhatIsAskedForAtLeast(_ asked: Int, _ chroma: Int) throws {
        let raster = try decoded(ycbcr(163, 163, luma: (2, 2)).bytes(), atLeast: PixelSize(width: asked, height: asked)).raster
        #expect(raster.planes[1].size == PixelSize(width: chroma, height: chroma))
        #expect(raster.planes[1][3, 3] == 90 && raster.planes[2][3, 3] == 170)
    }

    @Test func oneComponentIsGray() throws {
        let builder = JPEGBuilder(width: 19, height: 9, components: [.init(id: 1, horizontal: 2, vertical: 2) { _, _ in 77 }])
        let (info, raster) = try decoded(builder.bytes())
        #expect(info.colorModel == .gray && raster.model == .gray)
        #expect(raster.planes[0][18, 8] == 77)
    }

    @Test func adobesTransformZeroIsRGB() throws {
        let builder = JPEGBuilder(
            width: 16, height: 8,
            components: [.init(id: 1) { _, _ in 200 }, .init(id: 2) { _, _ in 100 }, .init(id: 3) { _, _ in 50 }], adobeTransform: 0)
        let (info, raster) = try decoded(builder.bytes())
        #expect(info.colorModel == .rgb)
        #expect(raster.planes.map { $0[15, 7] } == [200, 100, 50])
    }

    @Test func inkIsStoredInvertedAndComesAsInk() throws {
        let levels: [UInt8] = [255, 200, 55, 128]
        let builder = JPEGBuilder(
            width: 12, height: 12, components: levels.enumerated().map { index, level in .init(id: UInt8(index + 1)) { _, _ in level } },
            adobeTransform: 0)
        let (info, raster) = try decoded(builder.bytes())
        #expect(info.colorModel == .cmyk)
        #expect(raster.planes.map { $0[11, 11] } == [0, 55, 200, 127])
    }

    @Test func yCCKIsInkToo() throws {
        // Neutral chroma: C, M and Y are all what Y' says.
        let levels: [UInt8] = [200, 128, 128, 255]
        let builder = JPEGBuilder(
            width: 12, height: 12, components: levels.enumerated().map { index, level in .init(id: UInt8(index + 1)) { _, _ in level } },
            adobeTransform: 2)
        let raster = try decoded(builder.bytes()).raster
        #expect(raster.model == .cmyk)
        let inks = raster.planes.map { $0[5, 5] }
        #expect(Set(inks[0..<3]).count == 1 && inks[3] == 0)
    }

    @Test(arguments: 1...8) func exifSaysTheOrientation(_ value: Int) throws {
        var builder = ycbcr(16, 16)
        builder.segments = JPEGBuilder.exif(orientation: UInt8(value))
        #expect(try decoded(builder.bytes()).info.orientation == Orientation(rawValue: UInt8(value)))
    }

    @Test func aProfileInChunksIsJoinedInTheirOrder() throws {
        var builder = ycbcr(16, 16)
        let name = Array("ICC_PROFILE\0".utf8)
        builder.segments = JPEGBuilder.segment(0xE2, name + [2, 2, 7, 8]) + JPEGBuilder.segment(0xE2, name + [1, 2, 5, 6])
        #expect(try decoded(builder.bytes()).info.iccProfile == [5, 6, 7, 8])
        builder.segments = JPEGBuilder.segment(0xE2, name + [2, 2, 7, 8])
        #expect(try decoded(builder.bytes()).info.iccProfile == nil)
    }

    @Test func aFileCutAnywhereIsTruncatedOrNoPicture() throws {
        for whole in [ycbcr(64, 64, luma: (2, 2)).bytes(), try JPEGEncoder.encode(.scene(64, 64), quality: 80)] {
            for count in stride(from: 4, to: whole.count - 2, by: 3) {
                let error = try failure(Array(whole[..<count]))
                #expect(error == .truncated(.jpeg), "cut at \(count) of \(whole.count)")
            }
        }
    }

    @Test func aPictureThatLacksOnlyItsEndMarkerIsWhole() throws {
        for whole in [ycbcr(64, 64, luma: (2, 2)).bytes(), try JPEGEncoder.encode(.scene(64, 64), quality: 80)] {
            #expect(try failure(Array(whole.dropLast(2))) == nil)
        }
    }

    @Test func brokenHeadersAreCorruptOrUnsupported() throws {
        let whole = ycbcr(32, 32).bytes()
        let frame = whole.indices.first { whole[$0] == 0xFF && whole[$0 + 1] == 0xC0 }!
        var noWidth = whole
        (noWidth[frame + 7], noWidth[frame + 8]) = (0, 0)
        #expect(try isCorrupt(failure(noWidth)))
        var twelveBits = whole
        twelveBits[frame + 4] = 12
        #expect(try isUnsupported(failure(twelveBits)))
        var lossless = whole
        lossless[frame + 1] = 0xC3
        #expect(try isUnsupported(failure(lossless)))
        var badSampling = whole
        badSampling[frame + 11] = 0x55
        #expect(try isCorrupt(failure(badSampling)))
    }

    @Test func bytesThatHaveGoneWrongNeverCrash() throws {
        let whole = try JPEGEncoder.encode(.scene(48, 40), quality: 80)
        var state: UInt32 = 7
        for _ in 0..<400 {
            var broken = whole
            for _ in 0..<4 {
                state = state &* 1_664_525 &+ 1_013_904_223
                broken[2 + Int(state >> 8) % (whole.count - 2)] = UInt8(truncatingIfNeeded: state >> 24)
            }
            // Either way is right; the process must live, and an error must be one of the codec's.
            let error = try failure(broken)
            #expect(error == nil || error!.isPermanent)
        }
    }

    @Test func aBombOfScansIsRefused() throws {
        // A progressive file whose last scan is sent again and again.
        let whole = try JPEGEncoder.encode(.scene(32, 32), quality: 50)
        let lastScan = whole.indices.dropLast().last { whole[$0] == 0xFF && whole[$0 + 1] == 0xDA }!
        let scan = Array(whole[lastScan..<whole.count - 2])
        let bomb = whole.dropLast(2) + [[UInt8]](repeating: scan, count: 600).joined() + [0xFF, 0xD9]
        guard case .corrupt(.jpeg, let reason) = try failure(Array(bomb)) else {
            Issue.record("the bomb was decoded")
            return
        }
        #expect(reason.text.contains("scans"))
    }

    private func isCorrupt(_ error: CodecError?) -> Bool { if case .corrupt(.jpeg, _) = error { true } else { false } }
    private func isUnsupported(_ error: CodecError?) -> Bool { if case .unsupported(.jpeg, _) = error { true } else { false } }
}
