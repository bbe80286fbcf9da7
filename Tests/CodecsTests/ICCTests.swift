import Codecs
import Foundation
import Imaging
import Testing

@Suite struct ICCTests {
    private func sRGBCurve(_ v: Double) -> Double { v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4) }
    private func pixel(_ values: [UInt8], _ model: ColorModel) -> Raster {
        Raster(size: PixelSize(width: 1, height: 1), model: model, planes: values.map { Plane(width: 1, height: 1, filledWith: $0) })
    }
    private var displayP3: [UInt8] {
        get throws { try #require(try ImageDecoder.readInfo(SampleFiles.file("display-p3.jpg")).iccProfile) }
    }

    @Test func aProfileThatIsSRGBInAllButNameNeedsNoConversion() throws {
        let sRGB = ICCProfile.make(primaries: .bt709, isGray: false, intensity: sRGBCurve)
        #expect(sRGB != nil)
        #expect(!ICCConverter.needsConversion(profile: sRGB, model: .rgb))
        #expect(!ICCConverter.needsConversion(profile: sRGB, model: .ycbcr))
        #expect(!ICCConverter.needsConversion(profile: nil, model: .rgb))
        let gray = ICCProfile.make(primaries: .bt709, isGray: true, intensity: sRGBCurve)
        #expect(!ICCConverter.needsConversion(profile: gray, model: .gray))
    }

    @Test func displayP3IsConverted() throws {
        let profile = try displayP3
        #expect(ICCConverter.needsConversion(profile: profile, model: .rgb))
        // Gray stays gray; P3's red is beyond sRGB's; a dull green gets less dull numbers (values of ColorSync and of CSS Color 4).
        let gray = try ICCConverter.convert(pixel([120, 120, 120], .rgb), profile: profile).pixel(0, 0)
        #expect(gray.dropLast().allSatisfy { abs(Int($0) - 120) <= 1 })
        let red = try ICCConverter.convert(pixel([255, 0, 0], .rgb), profile: profile).pixel(0, 0)
        #expect(red[0] == 255 && red[1] == 0 && red[2] == 0)
        let green = try ICCConverter.convert(pixel([120, 160, 80], .rgb), profile: profile).pixel(0, 0)
        #expect(zip(green, expectedP3([120, 160, 80])).allSatisfy { abs(Int($0) - $1) <= 2 }, "\(green)")
    }

    /// CSS Color 4: display-p3 to linear light, by matrix to linear sRGB, to sRGB.
    private func expectedP3(_ values: [Double]) -> [Int] {
        let light = values.map { sRGBCurve($0 / 255) }
        let rows = [[1.2249401763, -0.2249401763, 0], [-0.0420569547, 1.0420569547, 0], [-0.0196375546, -0.0786360456, 1.0982736002]]
        return rows.map { row in
            let v = zip(row, light).map(*).reduce(0, +)
            return Int(((v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055) * 255).rounded())
        }
    }

    @Test func yCbCrBecomesRGBAndAlphaStays() throws {
        let size = PixelSize(width: 4, height: 2)
        let raster = Raster(
            size: size, model: .ycbcr,
            planes: [Plane(width: 4, height: 2, filledWith: 100)] + (0..<2).map { _ in Plane(width: 2, height: 1, filledWith: 128) },
            alpha: Plane(width: 4, height: 2, filledWith: 77))
        let converted = try ICCConverter.convert(raster, profile: displayP3)
        #expect(converted.model == .rgb && converted.size == size)
        #expect(converted.pixel(3, 1)[3] == 77)
        #expect(converted.pixel(3, 1).dropLast().allSatisfy { abs(Int($0) - 100) <= 1 })
    }

    @Test func rowsWithPaddingAreReadAtTheirStride() throws {
        let padding = [UInt8](repeating: 255, count: 5)
        let plane = Plane(width: 3, height: 2, stride: 8, samples: [10, 20, 30] + padding + [40, 50, 60] + padding)
        let raster = Raster(size: plane.size, model: .rgb, planes: [plane, plane, plane])
        let converted = try ICCConverter.convert(raster, profile: displayP3)
        for y in 0..<2 { for x in 0..<3 { #expect(abs(Int(converted.planes[0][x, y]) - Int(plane[x, y])) <= 1) } }
    }

    @Test func brokenAndForeignProfilesAreIgnored() throws {
        let profile = try displayP3
        let broken: [[UInt8]] = [[], [1, 2, 3], Array(profile.prefix(200)), [UInt8](repeating: 0, count: 4096), profile.map { ~$0 }]
        for bytes in broken {
            #expect(!ICCConverter.needsConversion(profile: bytes, model: .rgb))
            #expect(try ICCConverter.convert(pixel([10, 200, 30], .rgb), profile: bytes).pixel(0, 0) == [10, 200, 30, 255])
        }
        // A profile of RGB in a gray picture.
        #expect(!ICCConverter.needsConversion(profile: profile, model: .gray))
        #expect(try ICCConverter.convert(pixel([99], .gray), profile: profile).planes[0][0, 0] == 99)
    }

    @Test func everyDamageToAProfileIsHarmless() throws {
        let profile = try displayP3
        var seed = UInt32(7)
        for _ in 0..<400 {
            var damaged = profile
            for _ in 0..<4 {
                seed = seed &* 1_664_525 &+ 1_013_904_223
                damaged[Int(seed >> 8) % damaged.count] = UInt8(truncatingIfNeeded: seed >> 3)
            }
            let converted = try ICCConverter.convert(pixel([1, 2, 3], .rgb), profile: damaged)
            #expect(converted.model == .rgb && converted.size == PixelSize(width: 1, height: 1))
            _ = ICCConverter.needsConversion(profile: damaged, model: .rgb)
        }
    }

    @Test func inkWithoutAProfileIsMixedPlainly() throws {
        #expect(ICCConverter.needsConversion(profile: nil, model: .cmyk))
        func mixed(_ ink: [UInt8]) throws -> [UInt8] { try ICCConverter.convert(pixel(ink, .cmyk), profile: nil).pixel(0, 0) }
        #expect(try mixed([0, 0, 0, 0]) == [255, 255, 255, 255])
        #expect(try mixed([0, 0, 0, 255]) == [0, 0, 0, 255])
        #expect(try mixed([255, 0, 0, 0]) == [0, 255, 255, 255])
        #expect(try mixed([0, 128, 255, 51]) == [204, 102, 0, 255])
        // A profile of light in a picture of ink is ignored.
        let profile = try displayP3
        #expect(try ICCConverter.convert(pixel([255, 0, 0, 0], .cmyk), profile: profile).pixel(0, 0) == [0, 255, 255, 255])
    }

    @Test func manyThreadsConvertAtOnce() async throws {
        let profile = try displayP3
        await withTaskGroup(of: Bool.self) { group in
            for value in 0..<64 {
                group.addTask {
                    let plane = Plane(width: 50, height: 50, filledWith: UInt8(value * 4))
                    let raster = Raster(size: plane.size, model: .rgb, planes: [plane, plane, plane])
                    guard ICCConverter.needsConversion(profile: profile, model: .rgb),
                        let converted = try? ICCConverter.convert(raster, profile: profile)
                    else { return false }
                    return abs(Int(converted.planes[1][49, 49]) - value * 4) <= 1
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
