import Codecs
import Foundation
import Imaging
import MediaPipeline
import Testing

@Suite struct TransformTests {
    private let pipeline = MediaPipeline(settings: PipelineSettings())

    private func transform(
        _ image: TemporaryImage, _ text: String, _ format: OutputFormat = .png, watermark: TemporaryImage? = nil
    ) async throws -> Rendition {
        let operations = try TransformOperations(parsing: text, limits: TransformLimits())
            .resolved(presets: Preset.defaults, limits: TransformLimits())
        return try await pipeline.transform(path: image.path, operations: operations, format: format, watermarkPath: watermark?.path)
    }

    /// A file of exactly these pixels.
    private func file(_ raster: Raster) throws -> TemporaryImage {
        try TemporaryImage(try ImageEncoder.encode(raster, as: .png, EncodingSettings()))
    }

    @Test(arguments: [
        ("strip", 600, 400), ("w:300", 300, 200), ("h:100", 150, 100), ("w:300,h:300", 300, 200), ("w:300,dpr:1.5", 450, 300),
        ("w:900", 600, 400), ("w:900,enlarge", 900, 600), ("fit:fill,w:100,h:100", 100, 100), ("fit:fill,w:800,h:800", 400, 400),
        ("fit:fill,w:800,h:800,enlarge", 800, 800), ("fit:crop,w:500,h:800", 500, 400), ("fit:crop,w:90,h:300", 90, 300),
        ("fit:pad,w:300,h:300", 300, 300), ("fit:pad,w:700,h:500", 700, 500), ("fit:pad,w:30", 30, 20), ("crop:500:300:500:500", 100, 100),
        ("crop:0:0:300:300,w:100", 100, 100), ("rotate:90", 400, 600), ("rotate:90,w:100", 100, 150), ("preset:thumb", 160, 160),
        ("fit:fill,w:1,h:1", 1, 1), ("w:1", 1, 1), ("fit:fill,w:100", 100, 67),
    ])
    func theSizeIsWhatTheGrammarSays(_ text: String, _ width: Int, _ height: Int) async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(600, 400, orientation: .right))
        for format in OutputFormat.allCases where format != .avif {
            let rendition = try await transform(image, text, format)
            #expect(rendition.size == PixelSize(width: width, height: height), "\(format)")
            #expect(try rendition.decoded().size == rendition.size)
        }
    }

    @Test(arguments: Orientation.allCases) func turnsComeAfterTheFilesOwn(_ orientation: Orientation) async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(300, 200, orientation: orientation))
        let plain = try await transform(image, "w:150").decoded()
        #expect(plain.looksUpright)
        for (text, turns) in [
            ("rotate:90", [Orientation.right]), ("rotate:180", [.down]), ("rotate:270", [.left]), ("flip:h", [.upMirrored]),
            ("flip:v", [.downMirrored]), ("rotate:90,flip:h", [.right, .upMirrored]), ("rotate:270,flip:hv", [.left, .down]),
        ] {
            let expected = turns.reduce(plain) { $0.oriented($1) }
            let width = expected.size.width
            let result = try await transform(image, "\(text),w:\(width)").decoded()
            #expect(result.size == expected.size, "\(text)")
            for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let pairs = zip(result.quarter(x, y), expected.quarter(x, y))
                #expect(pairs.allSatisfy { abs(Int($0) - Int($1)) < 12 }, "\(text) at \(x), \(y)")
            }
        }
    }

    @Test(arguments: [
        ("g:w", "red"), ("g:e", "green"), ("g:fp:0.1:0.5", "red"), ("g:fp:0.9:0.5", "green"), ("g:nw", "red"), ("g:ne", "green"),
        ("g:smart", "green"),
    ])
    func gravityChoosesTheCut(_ text: String, _ color: String) async throws {
        // Half plain red, half a fine pattern of greens.
        var raster = TestPhotos.raster(400, 100)
        for y in 0..<100 {
            for x in 0..<400 {
                for channel in 0..<3 {
                    let green: UInt8 = (x / 20 + y / 20) % 2 == 0 ? 250 : 120
                    raster.planes[channel][x, y] = x < 200 ? [200, 150, 150][channel] : [0, green, 0][channel]
                }
            }
        }
        let result = try await transform(try file(raster), "fit:fill,w:50,h:50,\(text)").decoded()
        #expect((result.planes[0][25, 25] > 150) == (color == "red"))
    }

    @Test func aTrimmedBorderIsGoneBeforeTheResize() async throws {
        var raster = TestPhotos.raster(200, 100)
        for y in 0..<100 {
            for x in 0..<200 where !(20..<180).contains(x) || !(10..<90).contains(y) {
                for channel in 0..<3 { raster.planes[channel][x, y] = 250 }
            }
        }
        let image = try file(raster)
        #expect(try await transform(image, "trim").size == PixelSize(width: 160, height: 80))
        #expect(try await transform(image, "trim,w:80").size == PixelSize(width: 80, height: 40))
        #expect(try await transform(image, "trim,fit:pad,w:80,h:80").size == PixelSize(width: 80, height: 80))
        #expect(try await transform(image, "trim,rotate:90").size == PixelSize(width: 80, height: 160))
        #expect(try await transform(image, "trim").decoded().looksUpright)
    }

    @Test func paddingIsGlassWhereTheFormatHasItAndWhiteInJPEG() async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(300, 200))
        let glass = try await transform(image, "fit:pad,w:150,h:150").decoded()
        #expect(glass.alpha?[75, 5] == 0 && glass.alpha?[75, 75] == 255)
        let paper = try await transform(image, "fit:pad,w:150,h:150", .jpeg).decoded()
        #expect(paper.alpha == nil && paper.planes[1][75, 5] > 250)
        let blue = try await transform(image, "fit:pad,w:150,h:150,bg:0000ff,g:n").decoded()
        #expect(blue.alpha == nil && blue.planes[2][75, 140] == 255 && blue.planes[0][75, 140] == 0)
        #expect(blue.planes[0][30, 20] > 200, "the picture stands at the top")
    }

    @Test func aBackgroundShowsThroughGlass() async throws {
        let image = try file(TestPhotos.raster(200, 100, alpha: true))
        let flat = try await transform(image, "bg:0000ff").decoded()
        // 20 · 100/255 + 255 · 155/255 = 163 of blue.
        #expect(flat.alpha == nil && abs(Int(flat.planes[2][40, 20]) - 163) <= 2)
    }

    @Test func aWatermarkLiesWhereItIsToldTo() async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(400, 200))
        var logo = TestPhotos.raster(50, 50)
        for channel in 0..<3 { for y in 0..<50 { for x in 0..<50 { logo.planes[channel][x, y] = 0 } } }
        let mark = try file(logo)
        let id = "01890a5d-ac96-774b-bcce-b302099a8057"
        let corner = try await transform(image, "wm:\(id)", watermark: mark).decoded()
        // A quarter of 400×200 is 100×50; the mark is not enlarged, and stands at the lower right.
        #expect(corner.planes[0][375, 175] == 0 && corner.planes[0][345, 175] > 200 && corner.planes[0][375, 145] > 200)
        let faint = try await transform(image, "wm:\(id):0.5:c:0.1", watermark: mark).decoded()
        #expect(faint.planes[0][192, 92].distance(to: 120).magnitude <= 8, "half of 240")
    }

    @Test func blurTakesDetailAndSharpenGivesIt() async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(400, 200))
        func step(_ text: String) async throws -> Int {
            let green = try await transform(image, text).decoded().planes[1]
            return Int(green[203, 50]) - Int(green[196, 50])
        }
        let plain = try await step("strip")
        #expect(try await step("blur:10") < plain / 2)
        #expect(try await step("sharpen:3") >= plain)
    }

    @Test func qualityCostsBytes() async throws {
        var noise = TestPhotos.raster(200, 200)
        for y in 0..<200 { for x in 0..<200 { noise.planes[1][x, y] = UInt8((x * x * 7 + y * y * 13) % 251) } }
        let image = try file(noise)
        for format in [OutputFormat.webp, .jpeg] {
            let low = try await transform(image, "q:10", format).bytes.count
            #expect(try await transform(image, "q:95", format).bytes.count > 2 * low)
        }
    }

    @Test func whatThePictureMakesTooLargeIsRefusedByName() async throws {
        let thin = try TemporaryImage(try TestPhotos.jpeg(2, 2000))
        let tall = await #expect(throws: TransformError.self) { try await transform(thin, "w:4000,enlarge") }
        #expect(tall?.operation == "h")
        let image = try TemporaryImage(try TestPhotos.jpeg(60, 40))
        await #expect(throws: TransformError.outside(width: 60, height: 40)) { try await transform(image, "crop:60:0:5:5") }
        await #expect(throws: TransformError.outside(width: 40, height: 60)) { try await transform(image, "rotate:90,crop:45:0:5:5") }
    }

    @Test func aPhotoOfTwelveMegapixelsMayBeFilteredAtItsFullSizeWithTheDefaultMemory() async throws {
        let image = try TemporaryImage(try TestPhotos.jpeg(4000, 3000))
        #expect(try await transform(image, "blur:3", .jpeg).size == PixelSize(width: 4000, height: 3000))
        #expect(try await transform(image, "trim,w:3000,blur:1", .webp).size == PixelSize(width: 3000, height: 2250))
    }

    @Test func everySampleOfRareKindIsTransformed() async throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../samples").standardized
        for name in ["cmyk.jpg", "gray.jpg", "palette.png", "16bit.png", "alpha.webp", "animated.gif", "display-p3.jpg", "photo.heic"] {
            for format in [OutputFormat.webp, .jpeg, .png] {
                let operations = try TransformOperations(parsing: "fit:pad,w:64,h:64,blur:1,sharpen:1,trim", limits: TransformLimits())
                let path = folder.appending(path: name).path
                let rendition = try await pipeline.transform(path: path, operations: operations, format: format)
                #expect(try rendition.decoded().size == PixelSize(width: 64, height: 64), "\(name) as \(format)")
            }
        }
    }
}
