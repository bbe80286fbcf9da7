import Codecs
import Imaging
import Testing

/// Every sample shows the meadow that it should, upright and in its colours.
@Suite struct SamplesTests {
    private static func meadow() throws -> [[Double]] {
        let file = try SampleFiles.file("photo.jpg")
        return try decode(file).overview(ImageDecoder.readInfo(file))
    }

    private static let sizes: [String: PixelSize] = [
        "photo.jpg": PixelSize(width: 1600, height: 1200), "photo.webp": PixelSize(width: 800, height: 600),
        "photo.heic": PixelSize(width: 800, height: 600), "turned.heic": PixelSize(width: 200, height: 150),
        "photo.avif": PixelSize(width: 800, height: 600),
        "16bit.png": PixelSize(width: 200, height: 150), "interlaced.png": PixelSize(width: 200, height: 150),
        "lossless.webp": PixelSize(width: 200, height: 150),
    ]

    @Test func thePhotoHasASkyAndAMeadow() throws {
        let means = try Self.meadow()
        // The upper left corner is sky blue, the lower edge is grass.
        let (sky, grass) = (means[0], means[11 * 16 + 8])
        #expect(sky[2] > 190 && sky[0] < 110 && sky[1] > 110)
        #expect(grass[1] > grass[0] + 20 && grass[1] > grass[2] + 60)
        // The barn's front, by the pixel.
        let photo = try decode(SampleFiles.file("photo.jpg")).convertedToRGB()
        let barn = photo.pixel(1024, 600)
        #expect(barn[0] > 140 && barn[1] < 80 && barn[2] < 80)
    }

    @Test(arguments: [
        "progressive.jpg", "cmyk.jpg", "ycck.jpg", "422.jpg", "444.jpg", "gps.jpg", "display-p3.jpg",
        "orientation-1.jpg", "orientation-2.jpg", "orientation-3.jpg",
        "orientation-4.jpg", "orientation-5.jpg", "orientation-6.jpg",
        "orientation-7.jpg", "orientation-8.jpg",
        "16bit.png", "interlaced.png", "photo.webp", "lossless.webp", "photo.heic", "turned.heic", "photo.avif",
    ])
    func theMeadowLooksTheSameInEveryFormat(_ name: String) throws {
        let file = try SampleFiles.file(name)
        let info = try ImageDecoder.readInfo(file)
        #expect(info.displaySize == Self.sizes[name] ?? PixelSize(width: 400, height: 300))
        for minimum in [info.storedSize, PixelSize(width: 60, height: 45)] {
            let raster = try decode(file, atLeast: minimum)
            #expect(raster.size.width >= minimum.width && raster.size.height >= minimum.height && raster.alpha == nil)
            let differences = zip(try raster.overview(info).joined(), try Self.meadow().joined()).map { abs($0 - $1) }
            #expect(differences.reduce(0, +) / Double(differences.count) < 3, "\(name) at \(raster.size)")
            #expect(differences.max()! < 16, "\(name) at \(raster.size)")
        }
    }

    @Test func grayIsTheMeadowsLuma() throws {
        let file = try SampleFiles.file("gray.jpg")
        let raster = try decode(file)
        #expect(raster.model == .gray)
        for (gray, color) in zip(try raster.overview(ImageDecoder.readInfo(file)), try Self.meadow()) {
            #expect(abs(gray[0] - (0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2])) < 10)
        }
    }

    @Test(arguments: ["alpha.png", "alpha.webp", "palette.png"]) func cutOutsAreTransparentAroundAndOpaqueWithin(_ name: String) throws {
        let file = try SampleFiles.file(name)
        let info = try ImageDecoder.readInfo(file)
        #expect(info.hasAlpha && info.storedSize == PixelSize(width: 320, height: 240))
        let alpha = try #require(try decode(file).alpha)
        #expect(alpha[1, 1] == 0 && alpha[318, 1] == 0)
        #expect(name == "palette.png" ? alpha[160, 230] == 255 : alpha[200, 120] == 255)
    }

    @Test func animationsAreCountedAndTheirFirstFrameIsShown() throws {
        for name in ["animated.gif", "animated.webp"] {
            let file = try SampleFiles.file(name)
            let info = try ImageDecoder.readInfo(file)
            #expect(info.frameCount == 6 && info.storedSize == PixelSize(width: 200, height: 150), "\(name)")
            let means = try decode(file).overview(info)
            // The sky of the first row is the meadow's; the walking cow is below.
            for (found, expected) in zip(means.prefix(16), try Self.meadow()) {
                #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 16 }, "\(name)")
            }
        }
    }

    @Test func brokenFilesSayWhatIsWrong() throws {
        #expect(throws: CodecError.unknownFormat) { try ImageDecoder.readInfo(SampleFiles.file("empty.jpg")) }
        #expect(throws: CodecError.unknownFormat) { try ImageDecoder.readInfo(SampleFiles.file("not-an-image.jpg")) }
        func failure(_ name: String) throws -> CodecError? {
            let file = try SampleFiles.file(name)
            do throws(CodecError) {
                let info = try ImageDecoder.readInfo(file)
                try FileStructure.check(file, info: info)
                _ = try ImageDecoder.decode(file, info: info, atLeast: info.storedSize)
                return nil
            } catch { return error }
        }
        #expect(try failure("truncated.jpg") == .truncated(.jpeg))
        #expect(try failure("corrupt.png")?.code == "corrupt")
    }
}
