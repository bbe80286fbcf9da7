import Codecs
import Foundation
import Imaging
import MediaPipeline
import TestSupport
import Testing

@Suite struct MediaPipelineTests {
    private let pipeline = MediaPipeline(settings: PipelineSettings())

    @Test(arguments: Orientation.allCases) func everyRenditionIsUprightWhateverTheOrientation(_ orientation: Orientation) async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(1501, 1127, orientation: orientation))
        let result = try await pipeline.render(path: image.path)
        #expect(result.renditions.count == 8)
        for rendition in result.renditions {
            let raster = try rendition.decoded()
            #expect(raster.size == rendition.size)
            #expect(raster.looksUpright, "\(rendition.preset) as \(rendition.format)")
        }
        #expect(result.renditions.filter { $0.preset == "large" }.allSatisfy { $0.size == PixelSize(width: 1280, height: 961) })
    }

    @Test func renditionsComeInTheOrderOfPresetsAndFormats() async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(400, 300))
        let result = try await pipeline.render(path: image.path)
        #expect(result.renditions.map(\.preset) == ["thumb", "thumb", "small", "small", "medium", "medium", "large", "large"])
        #expect(result.renditions.map(\.format) == [.webp, .jpeg, .webp, .jpeg, .webp, .jpeg, .webp, .jpeg])
        #expect(result.placeholder.count > 15)
    }

    @Test func nothingOfTheMetadataLeaves() async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(300, 200, orientation: .right))
        for rendition in try await pipeline.render(path: image.path).renditions {
            #expect(Data(rendition.bytes).range(of: Data("Exif".utf8)) == nil)
            #expect(Data(rendition.bytes).range(of: Data("EXIF".utf8)) == nil)
        }
    }

    /// An address is for ever: what was evicted and is made again alone has the bytes that caches know.
    @Test(arguments: [
        "photo.jpg", "orientation-6.jpg", "cmyk.jpg", "display-p3.jpg", "alpha.png", "palette.png", "16bit.png", "lossless.webp",
        "animated.gif", "animated.webp", "photo.heic", "video.mp4",
    ])
    func eachRenditionAloneHasTheBytesThatItHasAmongAll(_ sample: String) async throws {
        let path = Executables.sample(sample)
        let all = try await pipeline.render(path: path)
        #expect(all.renditions.count >= 2)
        for rendition in all.renditions {
            let preset = try #require(Preset.defaults.first { $0.name == rendition.preset })
            let alone = try await pipeline.render(path: path, only: [RenditionRequest(preset: preset, format: rendition.format)])
            #expect(alone.renditions.map(\.bytes) == [rendition.bytes], "\(sample) \(rendition.preset) \(rendition.format)")
            #expect(alone.placeholder == all.placeholder && alone.color == all.color)
        }
    }

    @Test func alphaGoesToWebPAndPNGAndOntoWhiteInJPEG() async throws {
        let image = try TemporaryImage(try WebPEncoder.encodeLossless(TestPhotos.raster(600, 400, alpha: true), method: 0))
        #expect(pipeline.plan(try await pipeline.probe(path: image.path)).fallback == .png)
        let small = Preset.defaults[1]
        let requests = [OutputFormat.webp, .png, .jpeg].map { RenditionRequest(preset: small, format: $0) }
        let renditions = try await pipeline.render(path: image.path, only: requests).renditions
        #expect(renditions.map(\.format) == [.webp, .png, .jpeg])
        for rendition in renditions.dropLast() {
            let raster = try rendition.decoded()
            #expect(abs(Int(raster.alpha![20, 20]) - 100) <= 1 && raster.alpha![300, 20] == 255)
            #expect(raster.looksUpright)
        }
        // 240 · 100/255 + 155 = 249 of red; 20 · 100/255 + 155 = 163 of green.
        let flat = try renditions[2].decoded()
        #expect(flat.alpha == nil)
        #expect(abs(Int(flat.planes[0][40, 40]) - 249) < 12 && abs(Int(flat.planes[1][40, 40]) - 163) < 12)
    }

    @Test func anAlphaChannelThatIsOpaqueEverywhereIsLeftOut() async throws {
        var raster = TestPhotos.raster(300, 200)
        raster.alpha = Plane(width: 300, height: 200, filledWith: 255)
        // More colours than a palette holds, or the writer would leave the channel out itself.
        for y in 0..<200 { for x in 0..<300 { raster.planes[1][x, y] += UInt8((x * 7 + y * 3) % 15) } }
        for y in 0..<200 { for x in 0..<300 { raster.planes[2][x, y] += UInt8((x + y * 5) % 15) } }
        for y in 0..<200 { for x in 0..<300 { raster.planes[0][x, y] -= UInt8((x * 3 + y) % 15) } }
        let image = try TemporaryImage(try ImageEncoder.encode(raster, as: .png, EncodingSettings()))
        #expect(try await pipeline.probe(path: image.path).hasAlpha)
        for rendition in try await pipeline.render(path: image.path).renditions {
            let result = try rendition.decoded()
            #expect(result.alpha == nil && result.looksUpright)
        }
    }

    @Test(arguments: [(1, 1), (1, 300), (30_000, 10), (10, 30_000), (161, 159), (3, 2)])
    func oddShapesAreRendered(_ size: (Int, Int)) async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(size.0, size.1))
        let result = try await pipeline.render(path: image.path)
        for rendition in result.renditions { #expect(try rendition.decoded().size == rendition.size) }
        #expect(result.renditions.allSatisfy { $0.size.width <= size.0 && $0.size.height <= size.1 })
    }

    @Test func grayStaysGrayInJPEG() async throws {
        let plane = TestPhotos.raster(500, 400).planes[0]
        let gray = Raster(size: plane.size, model: .gray, planes: [plane])
        let image = try TemporaryImage(try JPEGEncoder.encode(gray, quality: 90))
        let result = try await pipeline.render(path: image.path)
        for rendition in result.renditions where rendition.format == .jpeg {
            let file = try TemporaryImage(rendition.bytes)
            #expect(try await pipeline.probe(path: file.path).colorModel == .gray)
        }
    }

    @Test func theDominantColourIsOfThePicture() async throws {
        var raster = TestPhotos.raster(200, 200)
        for channel in 0..<3 { for y in 0..<150 { for x in 0..<200 { raster.planes[channel][x, y] = [30, 120, 60][channel] } } }
        let image = try TemporaryImage(try JPEGEncoder.encode(raster, quality: 95))
        let color = try await pipeline.render(path: image.path).color
        #expect(abs(Int(color.r) - 30) < 6 && abs(Int(color.g) - 120) < 6 && abs(Int(color.b) - 60) < 6)
    }

    @Test func whatIsNoPictureIsToldFromItsBytes() async throws {
        let text = try TemporaryImage(Array("<html>not a picture</html>".utf8))
        await #expect(throws: CodecError.unknownFormat) { try await pipeline.render(path: text.path) }
        let empty = try TemporaryImage([])
        await #expect(throws: CodecError.unknownFormat) { try await pipeline.render(path: empty.path) }
    }

    @Test func aBrokenUploadIsToldSo() async throws {
        let whole = try TestPhotos.jpeg(400, 300)
        let image = try TemporaryImage(Array(whole[..<(whole.count / 2)]))
        await #expect(throws: CodecError.truncated(.jpeg)) { try await pipeline.render(path: image.path) }
        #expect(pipeline.load == (0, 0, 0))
    }

    @Test func tooManyPixelsAreRefusedBeforeAnyIsDecoded() async throws {
        var settings = PipelineSettings()
        settings.maxPixels = 100 * 100
        let image = try TemporaryImage(try TestPhotos.jpeg(101, 100))
        await #expect(throws: CodecError.tooLarge(.init(width: 101, height: 100, allowedPixels: 10_000))) {
            try await MediaPipeline(settings: settings).probe(path: image.path)
        }
    }

    @Test func moreThanTheMemoryBudgetIsRefusedWithWhatIsNeeded() async throws {
        var settings = PipelineSettings()
        settings.memoryBudget = 1 << 20
        let image = try TemporaryImage(try TestPhotos.jpeg(1500, 1000))
        let pipeline = MediaPipeline(settings: settings)
        let needed = pipeline.plan(try await pipeline.probe(path: image.path)).estimatedBytes
        await #expect(throws: CodecError.overMemoryBudget(needed: needed, allowed: 1 << 20)) { try await pipeline.render(path: image.path) }
    }

    @Test func manyRendersAtOnceAllComeOutTheSame() async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(900, 700, orientation: .left))
        let expected = try await pipeline.render(path: image.path).renditions.map(\.bytes)
        try await withThrowingTaskGroup(of: [[UInt8]].self) { group in
            for _ in 0..<12 { group.addTask { [pipeline] in try await pipeline.render(path: image.path).renditions.map(\.bytes) } }
            for try await bytes in group { #expect(bytes == expected) }
        }
        #expect(pipeline.load == (0, 0, 0))
    }

    @Test func aCancelledTaskRendersNothingAndHoldsNoRoom() async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(900, 700))
        let task = Task { [pipeline] in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await pipeline.render(path: image.path)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(pipeline.load == (0, 0, 0))
    }

    @Test func aRenderUnderWayStopsAtTheNextStepOnceItIsCancelled() async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(900, 700))
        let plan = pipeline.plan(try await pipeline.probe(path: image.path))
        let file = try ImageFile(path: image.path)
        var asked = 0
        _ = try Renderer(plan: plan, settings: pipeline.settings) {
            asked += 1
            return false
        }.render(file)
        let questions = asked
        #expect(questions > 2 * plan.renditions.count)
        for last in 1...questions {
            asked = 0
            let renderer = Renderer(plan: plan, settings: pipeline.settings) {
                asked += 1
                return asked == last
            }
            #expect(throws: CancellationError.self) { try renderer.render(file) }
            #expect(asked == last)
        }
    }
}

@Suite struct CodecErrorTests {
    @Test func everyErrorHasACodeAndASentence() {
        let errors: [CodecError] = [
            .unknownFormat, .truncated(.jpeg), .corrupt(.png, FileFlaw(.checksum)), .unsupported(.webp, FileFlaw(.newer)),
            .tooLarge(.init(width: 9, height: 9, allowedPixels: 80)), .overMemoryBudget(needed: 3 << 20, allowed: 1 << 20), .failed("x"),
        ]
        #expect(Set(errors.map(\.code)).count == errors.count)
        #expect(errors.allSatisfy { $0.message.hasSuffix(".") })
        #expect(errors.filter { !$0.isPermanent } == [.failed("x")])
        #expect(errors[4].message.contains("AGROVET_MAX_PIXELS") && errors[5].message.contains("AGROVET_RENDER_MEMORY"))
        #expect(CodecError.timedOut(seconds: 7).message.contains("7 s that are allowed (setting AGROVET_RENDER_TIMEOUT)"))
        #expect(CodecError.timedOut(seconds: 7, setting: .webVideoTimeout).message.contains("AGROVET_WEB_VIDEO_TIMEOUT"))
        #expect(!CodecError.killed(times: 3).isPermanent)
    }
}
