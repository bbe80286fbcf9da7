import Codecs
import Imaging
import Testing

@Suite struct WebPTests {
    @Test(arguments: [(1, 1), (2, 2), (7, 9), (17, 33), (120, 80)])
    func lossyReadsBackAlikeInFullRange(_ size: (Int, Int)) throws {
        let scene = Raster.scene(size.0, size.1).convertedToYCbCr()
        let (info, raster) = try decoded(try WebPEncoder.encode(scene, quality: 95, method: 4))
        #expect(info.storedSize == scene.size && info.colorModel == .ycbcr && !info.hasAlpha)
        #expect(raster.model == .ycbcr && raster.planes.map(\.size) == scene.planes.map(\.size))
        #expect(raster.psnr(to: scene) > 36)
    }

    @Test(arguments: [UInt8(0), 16, 128, 235, 255]) func grayLevelsSurviveTheChangeOfRange(_ level: UInt8) throws {
        let flat = Raster(size: PixelSize(width: 32, height: 32), model: .gray, planes: [Plane(width: 32, height: 32, filledWith: level)])
        let raster = try decoded(try WebPEncoder.encode(flat, quality: 80, method: 4)).raster
        #expect(abs(Int(raster.planes[0][16, 16]) - Int(level)) <= 2)
        #expect(abs(Int(raster.planes[1][8, 8]) - 128) <= 1)
    }

    @Test func alphaIsKeptExactly() throws {
        let scene = Raster.scene(60, 40, alpha: true)
        let (info, raster) = try decoded(try WebPEncoder.encode(scene, quality: 90, method: 4))
        #expect(info.hasAlpha)
        #expect(raster.alpha?.samples == scene.alpha?.samples)
        // Colour where it is seen.
        for y in 0..<40 {
            for x in 30..<60 {
                for channel in 0..<3 { #expect(abs(Int(raster.planes[channel][x, y]) - Int(scene.planes[channel][x, y])) < 40) }
            }
        }
    }

    /// Planes of every kind, each of which is compressed another way, come back bit for bit, and about as small as libwebp makes them.
    @Test(arguments: AlphaShape.allCases) func everyAlphaPlaneIsKeptExactly(_ shape: AlphaShape) throws {
        for size in [(1, 1), (1, 9), (9, 1), (2, 2), (161, 90)] {
            var scene = Raster.scene(size.0, size.1)
            scene.alpha = shape.plane(size.0, size.1)
            let bytes = try WebPEncoder.encode(scene, quality: 80, method: 4)
            let (info, raster) = try decoded(bytes)
            #expect(info.hasAlpha == (shape != .opaque), "\(size)")
            #expect(raster.alpha?.samples == (shape == .opaque ? nil : scene.alpha?.samples), "\(size)")
        }
    }

    @Test func shadesAreFilteredAndMasksAreNot() throws {
        #expect(WebPAlpha(AlphaShape.shade.plane(160, 90), method: 4).filters.map(\.rawValue).allSatisfy { $0 > 0 })
        #expect(WebPAlpha(AlphaShape.mask.plane(160, 90), method: 4).filters == [.none])
        #expect(WebPAlpha(AlphaShape.noise.plane(160, 90), method: 4).filters == [.none])
    }

    /// libwebp tries more than we do, and takes longer.
    @Test(arguments: AlphaShape.allCases.filter { $0 != .opaque }) func alphaIsNoLargerThanLibwebpMakesIt(_ shape: AlphaShape) throws {
        let plane = shape.plane(320, 240)
        let ours = try WebPAlpha(plane, method: 4).payload().count
        let theirs = try AlphaShape.bytesByLibwebp(plane, method: 4)
        #expect(ours <= theirs + theirs / 50 + 8, "\(ours) and \(theirs) bytes")
    }

    @Test func losslessIsExact() throws {
        let scene = Raster.scene(37, 29)
        let raster = try decoded(try WebPEncoder.encodeLossless(scene, method: 4)).raster
        #expect(raster.model == .rgb)
        #expect(zip(raster.planes, scene.planes).allSatisfy { $0.samples == $1.samples })
    }

    @Test func flatArtIsWrittenLosslessAndPhotographsAreNot() throws {
        var flat = Raster.scene(64, 64)
        flat.planes = flat.planes.map { plane in
            Plane(width: 64, height: 64, samples: plane.samples.map { $0 & 0xC0 })
        }
        #expect(FlatArt.suitsLossless(flat))
        var noise: UInt32 = 1
        let photo = Raster(
            size: PixelSize(width: 64, height: 64), model: .rgb,
            planes: (0..<3).map { _ in
                Plane(
                    width: 64, height: 64,
                    samples: (0..<4096).map { _ in
                        noise = noise &* 1_664_525 &+ 1_013_904_223
                        return UInt8(noise >> 24)
                    })
            })
        #expect(!FlatArt.suitsLossless(photo))
        var settings = EncodingSettings()
        settings.isFlatArt = true
        let written = try decoded(try ImageEncoder.encode(flat, as: .webp, settings)).raster
        #expect(zip(written.planes, flat.planes).allSatisfy { $0.samples == $1.samples })
        #expect(try decoded(try ImageEncoder.encode(photo, as: .webp, settings)).raster.model == .ycbcr)
    }

    @Test func decodingScalesByWholeNumbers() throws {
        let bytes = try WebPEncoder.encode(.scene(301, 200), quality: 80, method: 2)
        let raster = try decoded(bytes, atLeast: PixelSize(width: 90, height: 60)).raster
        #expect(raster.size == PixelSize(width: 101, height: 67))
        let expected = Raster.scene(301, 200).resampled(
            Placement(source: PixelRect(x: 0, y: 0, width: 301, height: 200), target: raster.size)
        ).convertedToYCbCr()
        #expect(raster.psnr(to: expected) > 28)
    }

    @Test func aFileCutAnywhereIsTruncated() throws {
        for whole in [
            try WebPEncoder.encode(.scene(64, 64), quality: 80, method: 4), try WebPEncoder.encodeLossless(.scene(64, 64), method: 0),
            try WebPEncoder.encode(.scene(64, 64, alpha: true), quality: 80, method: 4),
        ] {
            for count in stride(from: 12, to: whole.count - 1, by: 7) {
                #expect(try failure(Array(whole[..<count])) == .truncated(.webp), "cut at \(count) of \(whole.count)")
            }
        }
    }

    @Test func bytesThatHaveGoneWrongNeverCrash() throws {
        let whole = try WebPEncoder.encode(.scene(48, 40, alpha: true), quality: 80, method: 4)
        var state: UInt32 = 3
        for _ in 0..<300 {
            var broken = whole
            for _ in 0..<3 {
                state = state &* 1_664_525 &+ 1_013_904_223
                broken[12 + Int(state >> 8) % (whole.count - 12)] = UInt8(truncatingIfNeeded: state >> 24)
            }
            let error = try failure(broken)
            #expect(error == nil || error!.isPermanent)
        }
    }

    @Test func aSideThatTheFormatCannotHoldIsRefused() {
        let long = Raster(size: PixelSize(width: 16_384, height: 1), model: .gray, planes: [Plane(width: 16_384, height: 1, filledWith: 9)])
        #expect(throws: CodecError.unsupported(.webp, FileFlaw(.side, 16_383))) { try WebPEncoder.encode(long, quality: 80, method: 0) }
    }
}
