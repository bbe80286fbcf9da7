import Foundation
import Imaging
import Testing

/// What a client does with a hash, from the published description: header, then the cosine terms of each channel.
private struct DecodedThumbHash {
    let meanLuminance: Double
    let meanYellowBlue: Double
    let meanRedGreen: Double
    let hasAlpha: Bool
    let isLandscape: Bool
    let termsX: Int
    let termsY: Int
    private let luminance: [Double]

    init(_ hash: [UInt8]) {
        let header = Int(hash[0]) | Int(hash[1]) << 8 | Int(hash[2]) << 16
        let shape = Int(hash[3]) | Int(hash[4]) << 8
        meanLuminance = Double(header & 63) / 63
        meanYellowBlue = Double(header >> 6 & 63) / 31.5 - 1
        meanRedGreen = Double(header >> 12 & 63) / 31.5 - 1
        let scale = Double(header >> 18 & 31) / 31
        hasAlpha = header >> 23 != 0
        isLandscape = shape >> 15 != 0
        let long = hasAlpha ? 5 : 7
        termsX = max(3, isLandscape ? long : shape & 7)
        termsY = max(3, isLandscape ? shape & 7 : long)
        let start = hasAlpha ? 6 : 5
        var terms: [Double] = []
        for y in 0..<termsY {
            for x in 0..<termsX where (x > 0 || y > 0) && x * termsY < termsX * (termsY - y) {
                let nibble = Int(hash[start + terms.count / 2]) >> (terms.count % 2 * 4) & 15
                terms.append((Double(nibble) / 7.5 - 1) * scale)
            }
        }
        luminance = terms
    }

    /// Luminance at a point, both coordinates from 0 to 1.
    func luminance(_ x: Double, _ y: Double) -> Double {
        var value = meanLuminance
        var index = 0
        for termY in 0..<termsY {
            for termX in 0..<termsX where (termX > 0 || termY > 0) && termX * termsY < termsX * (termsY - termY) {
                value += luminance[index] * cos(.pi * x * Double(termX)) * cos(.pi * y * Double(termY)) * 2
                index += 1
            }
        }
        return value
    }
}

@Suite struct PlaceholderTests {
    @Test func aPhotoSizedHashIsAboutTwentyFiveBytes() {
        let hash = ThumbHash.hash(of: .rgb(100, 75) { x, y in (UInt8(x * 2), UInt8(y * 3), 90) })
        #expect((20...28).contains(hash.count))
    }

    @Test(arguments: [(255, 0, 0), (0, 255, 0), (10, 20, 200), (128, 128, 128), (255, 255, 255), (0, 0, 0)])
    func aFlatPictureIsItsColour(_ color: (Int, Int, Int)) {
        let hash = DecodedThumbHash(ThumbHash.hash(of: .rgb(32, 32) { _, _ in (UInt8(color.0), UInt8(color.1), UInt8(color.2)) }))
        let (r, g, b) = (Double(color.0) / 255, Double(color.1) / 255, Double(color.2) / 255)
        #expect(abs(hash.meanLuminance - (r + g + b) / 3) < 0.02)
        #expect(abs(hash.meanYellowBlue - ((r + g) / 2 - b)) < 0.04)
        #expect(abs(hash.meanRedGreen - (r - g)) < 0.04)
        #expect(!hash.hasAlpha)
    }

    @Test func theAspectIsKept() {
        let wide = DecodedThumbHash(ThumbHash.hash(of: .rgb(100, 50) { x, _ in (UInt8(x), 0, 0) }))
        #expect(wide.isLandscape && wide.termsX == 7 && wide.termsY == 4)
        let tall = DecodedThumbHash(ThumbHash.hash(of: .rgb(50, 100) { x, _ in (UInt8(x), 0, 0) }))
        #expect(!tall.isLandscape && tall.termsX == 4 && tall.termsY == 7)
    }

    @Test func lightAndDarkAreWhereTheyWere() {
        let hash = DecodedThumbHash(ThumbHash.hash(of: .rgb(60, 60) { x, y in x < 30 && y < 30 ? (250, 250, 250) : (10, 10, 10) }))
        #expect(hash.luminance(0.2, 0.2) > hash.luminance(0.8, 0.2) + 0.3)
        #expect(hash.luminance(0.2, 0.2) > hash.luminance(0.2, 0.8) + 0.3)
        #expect(hash.luminance(0.2, 0.2) > hash.luminance(0.8, 0.8) + 0.3)
    }

    @Test func transparencyIsTold() {
        let picture = Raster.rgb(40, 40) { _, _ in (200, 100, 50) }
        #expect(DecodedThumbHash(ThumbHash.hash(of: picture.withAlpha { x, _ in x < 20 ? 0 : 255 })).hasAlpha)
        #expect(!DecodedThumbHash(ThumbHash.hash(of: picture.withAlpha { _, _ in 255 })).hasAlpha)
    }

    @Test(arguments: [(1, 1), (100, 1), (1, 100), (3, 2)]) func theSmallestAndLongestPicturesHaveAHash(_ size: (Int, Int)) {
        let hash = ThumbHash.hash(of: .rgb(size.0, size.1) { x, y in (UInt8(x + y), 1, 2) })
        #expect(hash.count > 5)
    }

    @Test func theDominantColourIsTheMostFrequentNotTheMean() {
        let picture = Raster.rgb(30, 30) { x, y in y < 20 ? (200, 30, 30) : (UInt8(x), UInt8(x * 8), 255) }
        #expect(picture.dominantColor == RGBColor(r: 200, g: 30, b: 30))
    }

    @Test func whatIsNotSeenHasNoSay() {
        let picture = Raster.rgb(10, 10) { x, _ in x < 8 ? (0, 255, 0) : (0, 0, 200) }
        #expect(picture.withAlpha { x, _ in x < 8 ? 0 : 255 }.dominantColor == RGBColor(r: 0, g: 0, b: 200))
        #expect(picture.withAlpha { _, _ in 0 }.dominantColor == RGBColor(r: 255, g: 255, b: 255))
    }
}
