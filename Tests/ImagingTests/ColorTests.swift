import Imaging
import Testing

@Suite struct ColorTests {
    @Test(arguments: [
        ((0, 0, 0), (0, 128, 128)), ((255, 255, 255), (255, 128, 128)), ((255, 0, 0), (76, 85, 255)), ((0, 255, 0), (150, 44, 21)),
        ((0, 0, 255), (29, 255, 107)), ((128, 128, 128), (128, 128, 128)),
    ])
    func knownColoursOfJFIF(_ rgb: (Int, Int, Int), _ expected: (Int, Int, Int)) {
        let raster = Raster.rgb(3, 3) { _, _ in (UInt8(rgb.0), UInt8(rgb.1), UInt8(rgb.2)) }
        for chroma in [ChromaSampling.full, .halved] {
            let converted = raster.convertedToYCbCr(chroma: chroma)
            #expect(converted.planes.map { Int($0[0, 0]) } == [expected.0, expected.1, expected.2])
        }
    }

    @Test func colourSurvivesTheWayToYCbCrAndBackWithinTwoLevels() {
        var noise = Noise(seed: 5)
        let raster = Raster.rgb(64, 64) { _, _ in
            (.random(in: 0...255, using: &noise), .random(in: 0...255, using: &noise), .random(in: 0...255, using: &noise))
        }
        let back = raster.convertedToYCbCr(chroma: .full).convertedToRGB()
        for channel in 0..<3 { #expect(back.planes[channel].largestDifference(from: raster.planes[channel]) <= 2) }
    }

    @Test func halvedChromaIsTheMeanOfTwoByTwoAndOddSidesRoundUp() {
        let raster = Raster.rgb(5, 3) { x, _ in x < 2 ? (255, 0, 0) : (0, 0, 255) }
        let converted = raster.convertedToYCbCr(chroma: .halved)
        #expect(converted.planes[1].rows == [[85, 255, 255], [85, 255, 255]])
        #expect(converted.planes[2].rows == [[255, 107, 107], [255, 107, 107]])
    }

    @Test func chromaOfPixelsWithAlphaIsThatOfWhatIsSeen() {
        // Each pair is red that is covered beside green that is not.
        let raster = Raster.rgb(4, 2) { x, _ in x % 2 == 0 ? (255, 0, 0) : (0, 255, 0) }.withAlpha { x, _ in x % 2 == 0 ? 200 : 0 }
        let converted = raster.convertedToYCbCr(chroma: .halved)
        #expect(converted.planes[1].rows == [[85, 85]] && converted.planes[2].rows == [[255, 255]])
        #expect(converted.alpha?.rows == raster.alpha?.rows)
    }

    @Test func grayHasNeutralChroma() {
        let gray = Raster(size: PixelSize(width: 3, height: 2), model: .gray, planes: [.noise(3, 2)])
        let converted = gray.convertedToYCbCr()
        #expect(converted.planes[0].rows == gray.planes[0].rows)
        #expect(converted.planes[1].rows == [[128, 128]])
        #expect(gray.convertedToRGB().planes.allSatisfy { $0.rows == gray.planes[0].rows })
    }

    @Test func inkTakesLightFromPaper() {
        let inks: [(UInt8, UInt8, UInt8, UInt8)] = [(0, 0, 0, 0), (255, 0, 0, 0), (0, 255, 255, 0), (0, 0, 0, 255), (0, 0, 0, 128)]
        let raster = Raster(
            size: PixelSize(width: 5, height: 1), model: .cmyk,
            planes: [
                .filled(5, 1) { x, _ in inks[x].0 }, .filled(5, 1) { x, _ in inks[x].1 }, .filled(5, 1) { x, _ in inks[x].2 },
                .filled(5, 1) { x, _ in inks[x].3 },
            ])
        let rgb = raster.convertedToRGB()
        #expect(rgb.planes[0].rows == [[255, 0, 255, 0, 127]])
        #expect(rgb.planes[1].rows == [[255, 255, 0, 0, 127]])
        #expect(rgb.planes[2].rows == [[255, 255, 0, 0, 127]])
    }

    @Test func aColourIsWrittenAsCSSWritesIt() {
        #expect(RGBColor(r: 0, g: 10, b: 255).hex == "#000aff")
    }
}

@Suite struct AlphaTests {
    @Test func transparentColoursDoNotBleedIntoAReduction() {
        // Red that is seen beside green that is not.
        let raster = Raster.rgb(32, 32) { x, _ in x < 16 ? (255, 0, 0) : (0, 255, 0) }.withAlpha { x, _ in x < 16 ? 255 : 0 }
        let small = raster.premultiplied().resampled(Placement.placing(raster.size, in: PixelSize(width: 5, height: 5), mode: .fit))
            .unpremultiplied()
        for y in 0..<5 {
            for x in 0..<5 where small.alpha![x, y] > 20 {
                #expect(small.planes[0][x, y] > 240 && small.planes[1][x, y] < 15)
            }
        }
    }

    @Test func premultiplyingIsExactAndUndoneWhereCoverageIsHigh() {
        let raster = Raster(size: PixelSize(width: 256, height: 256), model: .gray, planes: [.filled(256, 256) { x, _ in UInt8(x) }])
            .withAlpha { _, y in UInt8(y) }
        let premultiplied = raster.premultiplied()
        for y in 0..<256 {
            for x in 0..<256 {
                #expect(Int(premultiplied.planes[0][x, y]) == Int((Double(x * y) / 255).rounded()))
            }
        }
        let back = premultiplied.unpremultiplied()
        for y in 128..<256 { for x in 0..<256 { #expect(abs(Int(back.planes[0][x, y]) - x) <= 1) } }
        #expect(back.planes[0][200, 0] == 0)
    }

    @Test func flatteningShowsWhiteWhereNothingIsCovered() {
        let raster = Raster.rgb(3, 1) { _, _ in (100, 0, 0) }.withAlpha { x, _ in [0, 255, 128][x] }
        let flat = raster.premultiplied().flattened()
        #expect(flat.alpha == nil)
        #expect(flat.planes[0].rows == [[255, 100, 177]])
        #expect(flat.planes[1].rows == [[255, 0, 127]])
    }

    @Test func anOpaqueAlphaPlaneSaysNothing() {
        let raster = Raster.rgb(20, 4) { _, _ in (1, 2, 3) }
        #expect(!raster.isTranslucent)
        #expect(!raster.withAlpha { _, _ in 255 }.isTranslucent)
        #expect(raster.withAlpha { x, y in x == 19 && y == 3 ? 254 : 255 }.isTranslucent)
    }
}
