import Codecs
import Imaging
import Testing

@Suite struct JPEGEncoderTests {
    @Test(arguments: [(1, 1), (2, 2), (7, 9), (16, 16), (17, 33), (120, 80)])
    func whatIsWrittenReadsBackAlike(_ size: (Int, Int)) throws {
        let scene = Raster.scene(size.0, size.1).convertedToYCbCr()
        let (info, raster) = try decoded(try JPEGEncoder.encode(scene, quality: 95))
        #expect(info.storedSize == scene.size && raster.size == scene.size)
        #expect(raster.planes.map(\.size) == scene.planes.map(\.size))
        #expect(raster.psnr(to: scene) > 38)
    }

    @Test func itIsProgressiveAndTellsNothingButJFIF() throws {
        let bytes = try JPEGEncoder.encode(.scene(64, 48), quality: 80)
        var markers: [UInt8] = []
        var offset = 2
        while offset + 4 < bytes.count, bytes[offset + 1] != 0xDA {
            markers.append(bytes[offset + 1])
            offset += 2 + Int(bytes[offset + 2]) << 8 + Int(bytes[offset + 3])
        }
        #expect(markers.contains(0xC2))
        #expect(markers.filter { (0xE0...0xEF).contains($0) || $0 == 0xFE } == [0xE0])
        #expect(try decoded(bytes).info.isProgressive)
    }

    @Test func grayStaysGray() throws {
        let gray = Raster(size: PixelSize(width: 33, height: 21), model: .gray, planes: [Raster.scene(33, 21).planes[0]])
        let (info, raster) = try decoded(try JPEGEncoder.encode(gray, quality: 90))
        #expect(info.colorModel == .gray)
        #expect(raster.psnr(to: gray) > 38)
    }

    @Test func betterQualityTakesMoreBytes() throws {
        let scene = Raster.scene(200, 150)
        let sizes = try [30, 60, 90].map { try JPEGEncoder.encode(scene, quality: $0).count }
        #expect(sizes == sizes.sorted() && sizes[0] < sizes[2])
    }
}
