import Codecs
import Imaging
import Testing

@Suite struct AVIFTests {
    /// A ramp of red to the right and green downwards, with a blue square.
    private func ramp(alpha: Bool) -> Raster {
        let (width, height) = (64, 48)
        func plane(_ value: (Int, Int) -> Int) -> Plane {
            Plane(width: width, height: height, samples: (0..<height).flatMap { y in (0..<width).map { UInt8(value($0, y)) } })
        }
        return Raster(
            size: PixelSize(width: width, height: height), model: .rgb,
            planes: [plane { x, _ in x * 4 }, plane { _, y in y * 5 }, plane { x, y in x > 32 && y > 24 ? 200 : 40 }],
            alpha: alpha ? plane { x, _ in x < 16 ? 0 : 255 } : nil)
    }

    @Test(arguments: [false, true]) func whatIsWrittenIsReadBack(_ alpha: Bool) throws {
        let raster = ramp(alpha: alpha)
        let file = try SampleFiles.file(ImageEncoder.encode(raster, as: .avif, EncodingSettings()))
        let info = try ImageDecoder.readInfo(file)
        #expect(info.format == .avif && info.storedSize == raster.size && info.hasAlpha == alpha && info.iccProfile == nil)
        let back = try decode(file).convertedToRGB()
        #expect((back.alpha != nil) == alpha)
        for (x, y) in [(20, 4), (40, 10), (58, 6), (20, 40), (45, 35), (60, 44)] {
            for plane in 0..<3 { #expect(abs(Int(back.planes[plane][x, y]) - Int(raster.planes[plane][x, y])) < 16, "\(x) \(y) \(plane)") }
            #expect(alpha ? back.alpha![x, y] > 250 : true)
        }
        if alpha { #expect(back.alpha![4, 20] < 5) }
    }

    @Test func grayIsWrittenAsGray() throws {
        let plane = Plane(width: 32, height: 32, samples: (0..<1024).map { UInt8($0 / 4) })
        let raster = Raster(size: plane.size, model: .gray, planes: [plane])
        let back = try decode(SampleFiles.file(ImageEncoder.encode(raster, as: .avif, EncodingSettings())))
        #expect(back.model == .gray)
        #expect(abs(Int(back.planes[0][16, 16]) - Int(plane[16, 16])) < 8)
    }

    @Test func higherQualityTakesMoreBytes() throws {
        var settings = EncodingSettings()
        settings.avifQuality = 90
        let good = try ImageEncoder.encode(ramp(alpha: false), as: .avif, settings)
        settings.avifQuality = 20
        #expect(try ImageEncoder.encode(ramp(alpha: false), as: .avif, settings).count < good.count)
    }
}
