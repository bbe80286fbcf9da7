import Codecs
import Foundation
import Imaging
import MediaPipeline
import TestSupport
import Testing

@Suite struct AnimationPlanTests {
    private func info(_ width: Int, _ height: Int, frames: Int, format: ImageFormat = .gif) -> ImageInfo {
        ImageInfo(
            format: format, storedSize: PixelSize(width: width, height: height), frameCount: frames, isPalette: true,
            animation: frames > 1 ? AnimationInfo(duration: frames * 100, plays: 0) : nil)
    }
    private func plan(_ info: ImageInfo, _ change: (inout PipelineSettings) -> Void = { _ in }) -> RenderPlan {
        var settings = PipelineSettings()
        change(&settings)
        return .planning(info, settings: settings)
    }

    @Test func everyWebPOfAnAnimationMovesAndNothingElseDoes() {
        let plan = plan(info(480, 270, frames: 300)) { $0.avif = true }
        #expect(plan.animation?.every == 1 && plan.animation?.frames == 300)
        #expect(plan.renditions.allSatisfy { $0.isAnimated })
        #expect(plan.renditions.map(\.formats) == [[OutputFormat]](repeating: [.webp, .jpeg, .avif], count: 4))
        #expect(plan.description.contains("WebP moves: 300 frames"))
    }

    @Test func aStillIsPlannedAsItAlwaysWas() {
        let plan = plan(info(480, 270, frames: 1))
        #expect(plan.animation == nil && plan.clip == nil && plan.renditions.allSatisfy { !$0.isAnimated })
        // Frames that cannot be decoded here, such as an animated PNG's.
        let other = ImageInfo(format: .png, storedSize: PixelSize(width: 9, height: 9), frameCount: 5)
        #expect(RenderPlan.planning(other, settings: PipelineSettings()).animation == nil)
    }

    @Test func framesAreThinnedToTheLimitAndBeyondThatTheFirstStandsForAll() {
        #expect(plan(info(100, 100, frames: 601)).animation == AnimationPlan(info(100, 100, frames: 601), settings: PipelineSettings()))
        #expect(plan(info(100, 100, frames: 601)).animation?.every == 2)
        #expect(plan(info(100, 100, frames: 601)).animation?.frames == 301)
        #expect(plan(info(100, 100, frames: 6000)).animation?.every == 10)
        #expect(plan(info(100, 100, frames: 6001)).animation == nil)
        #expect(plan(info(1, 1, frames: 1_000_000)).animation == nil)
        // 1,000 × 1,000 × 500 are twice the pixels that are allowed.
        #expect(plan(info(1000, 1000, frames: 500)).animation?.every == 2)
        #expect(plan(info(16_000, 16_000, frames: 2)).animation == nil)
        #expect(plan(info(65_535, 65_535, frames: 1 << 40)).animation == nil)
        #expect(plan(info(100, 100, frames: 50)) { $0.animationFrames = 1 }.animation == nil)
        #expect(plan(info(100, 100, frames: 50)) { $0.animationFrames = 20 }.animation?.every == 3)
        #expect(plan(info(100, 100, frames: 50)) { $0.animationPixels = 100_000 }.animation?.frames == 10)
    }

    @Test func manyLargeSizesCountAsPixelsToo() {
        let many = plan(info(1000, 1000, frames: 100)) { settings in
            settings.presets = (0..<8).map { Preset(name: "p\($0)", box: PixelSize(width: 1000 - $0, height: 1000), mode: .fit) }
        }
        #expect(plan(info(1000, 1000, frames: 100)).animation?.every == 1 && many.animation?.every == 2)
    }

    @Test func whereThereIsNoRoomForFramesTheFirstIsShown() {
        let large = info(4000, 4000, frames: 10)
        let (plan, small) = (plan(large), plan(large) { $0.memoryBudget = 64 << 20 })
        #expect(plan.animation?.frames == 10 && plan.estimatedBytes > 4000 * 4000 * 8)
        #expect(small.animation == nil && small.estimatedBytes < 64 << 20)
    }

    @Test func theEstimateGrowsWithSizesAndFrames() {
        let few = plan(info(640, 360, frames: 10)).estimatedBytes
        let many = plan(info(640, 360, frames: 300)).estimatedBytes
        let still = plan(info(640, 360, frames: 1)).estimatedBytes
        // Three pictures to compare and the frame, for each size that is written.
        let encoders = [(640, 360), (320, 180), (160, 160)].reduce(0) { $0 + $1.0 * $1.1 * 16 }
        #expect(few > still && few > encoders && many > few)
    }

    @Test func whatIsAskedForAloneMovesToo() {
        let thumb = Preset.defaults[0]
        let gif = info(480, 270, frames: 30)
        let webp = RenderPlan.planning(gif, only: [RenditionRequest(preset: thumb, format: .webp)])
        #expect(webp.animation != nil && webp.renditions[0].isAnimated)
        let png = RenderPlan.planning(gif, only: [RenditionRequest(preset: thumb, format: .png)])
        #expect(png.animation == nil && !png.renditions[0].isAnimated)
    }

    @Test func aPreviewIsOneMoreRenditionOfAVideo() {
        let video = ImageInfo(format: .mp4, storedSize: PixelSize(width: 1920, height: 1080), orientation: .right)
        #expect(plan(video).clip == nil && plan(video).renditions.count == 4)
        let plan = plan(video) { $0.videoPreview = VideoPreview() }
        #expect(plan.renditions.map(\.preset.name) == ["thumb", "small", "medium", "large", "preview"])
        #expect(plan.renditions[4].formats == [.webp] && plan.renditions.map(\.isAnimated) == [false, false, false, false, true])
        #expect(plan.renditions[4].size == PixelSize(width: 180, height: 320) && plan.clip?.rendition == 4)
        #expect(!plan.steps.contains { $0.renditions.contains(4) })
        #expect(self.plan(info(480, 270, frames: 9)) { $0.videoPreview = VideoPreview() }.renditions.count == 4)
    }

    @Test func aPreviewMayBeAskedForAloneAndInAnotherFormat() {
        var settings = PipelineSettings()
        settings.videoPreview = VideoPreview()
        let video = ImageInfo(format: .mp4, storedSize: PixelSize(width: 640, height: 360))
        let preset = VideoPreview().preset
        let requests = [OutputFormat.webp, .jpeg].map { RenditionRequest(preset: preset, format: $0) }
        let plan = RenderPlan.planning(video, only: requests, settings: settings)
        #expect(plan.renditions.map(\.formats) == [[.jpeg], [.webp]] && plan.clip?.rendition == 1)
        #expect(RenderPlan.planning(video, only: [requests[0]], settings: settings).renditions.map(\.isAnimated) == [true])
    }
}

@Suite struct MotionTests {
    private let pipeline = MediaPipeline(settings: PipelineSettings())

    private func render(_ sample: String, _ change: (inout PipelineSettings) -> Void = { _ in }) async throws -> RenderResult {
        var settings = PipelineSettings()
        change(&settings)
        return try await MediaPipeline(settings: settings).render(path: Executables.sample(sample))
    }

    @Test(arguments: ["disposal.gif", "animated.gif", "sprite.gif", "animated.webp", "composition.webp"])
    func everySizeMovesAsTheOriginalDoes(_ sample: String) async throws {
        let original = try ImageDecoder.readInfo(ImageFile(path: Executables.sample(sample)))
        for rendition in try await render(sample).renditions {
            let (info, frames) = try rendition.played()
            #expect(info.displaySize == rendition.size)
            guard rendition.format == .webp else {
                #expect(info.frameCount == 1 && info.format.rawValue == rendition.format.rawValue)
                continue
            }
            #expect(info.animation == original.animation, "\(rendition.preset)")
            #expect(frames.count > 1 && frames.count <= original.frameCount)
        }
    }

    @Test func noFrameIsOtherThanTheOriginals() async throws {
        let sample = Executables.sample("disposal.gif")
        let file = try ImageFile(path: sample)
        var originals: [AnimationFrame] = []
        let info = try ImageDecoder.readInfo(file)
        _ = try AnimationDecoder.decode(file, info: info, atLeast: info.storedSize, every: 1) { originals.append($0) }
        let rendition = try #require(try await render("disposal.gif").renditions.first { $0.preset == "large" && $0.format == .webp })
        let frames = try rendition.played().frames
        // The sixth changes nothing and is merged with the fifth.
        originals.remove(at: 5)
        #expect(frames.map(\.start) == originals.map(\.start))
        for (a, b) in zip(frames, originals) {
            #expect(a.raster.seen == b.raster.seen)
        }
    }

    @Test func theStillsAreThoseOfTheFirstFrameAlone() async throws {
        for sample in ["disposal.gif", "composition.webp"] {
            let (moving, still) = (try await render(sample), try await render(sample) { $0.animationFrames = 1 })
            #expect(moving.placeholder == still.placeholder && moving.color == still.color)
            for (a, b) in zip(moving.renditions, still.renditions) where a.format != .webp { #expect(a.bytes == b.bytes) }
            for rendition in still.renditions { #expect(try rendition.played().info.frameCount == 1) }
        }
    }

    @Test func aGIFOfOneFrameIsAStill() async throws {
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Executables.sample("disposal.gif"))))
        // The second frame's graphic control extension gives way to the trailer.
        let extensions = bytes.indices.dropLast(3).filter { Array(bytes[$0..<$0 + 3]) == [0x21, 0xF9, 4] }
        bytes = Array(bytes[..<extensions[1]]) + [0x3B]
        let image = try TemporaryImage(bytes)
        let result = try await pipeline.render(path: image.path)
        #expect(result.renditions.map(\.format) == [.webp, .jpeg, .webp, .jpeg, .webp, .jpeg, .webp, .jpeg])
        for rendition in result.renditions where rendition.format == .webp {
            #expect(!rendition.bytes.holds("ANIM") && !rendition.bytes.holds("ANMF"))
        }
    }

    @Test func thinnedFramesKeepTheLength() async throws {
        let result = try await render("animated.gif") { $0.animationFrames = 3 }
        for rendition in result.renditions where rendition.format == .webp {
            let (info, frames) = try rendition.played()
            #expect(frames.map(\.start) == [0, 400, 800] && info.animation?.duration == 1200)
        }
    }

    @Test func oneSizeAloneIsTheSameAsAmongAll() async throws {
        let all = try await render("disposal.gif").renditions.first { $0.preset == "large" && $0.format == .webp }
        let request = RenditionRequest(preset: Preset.defaults[3], format: .webp)
        let alone = try await pipeline.render(path: Executables.sample("disposal.gif"), only: [request])
        #expect(alone.renditions.map(\.bytes) == [try #require(all).bytes])
        #expect(try await render("disposal.gif").placeholder == alone.placeholder)
    }

    @Test func aDamagedFrameInTheMiddleEndsTheAnimationThere() async throws {
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Executables.sample("animated.gif"))))
        let frames = bytes.indices.dropLast(3).filter { Array(bytes[$0..<$0 + 3]) == [0x21, 0xF9, 4] }
        try #require(frames.count == 6)
        // The fourth frame's first block of codes, behind its colour table: codes that do not exist yet.
        let descriptor = frames[3] + 8
        let table = bytes[descriptor + 9] & 0x80 == 0 ? 0 : 3 << (Int(bytes[descriptor + 9] & 7) + 1)
        let block = descriptor + 10 + table + 1
        for index in block + 20..<block + Int(bytes[block]) { bytes[index] = 0xFF }
        let image = try TemporaryImage(bytes)
        _ = try await pipeline.vet(path: image.path)
        let thumb = try #require(try await pipeline.render(path: image.path).renditions.first { $0.format == .webp })
        #expect(try thumb.played().frames.count == 3)
    }

    @Test func aRenderUnderWayStopsAtAnyFrame() async throws {
        let path = Executables.sample("animated.gif")
        let plan = pipeline.plan(try await pipeline.probe(path: path))
        let file = try ImageFile(path: path)
        var asked = 0
        _ = try Renderer(plan: plan, settings: pipeline.settings) {
            asked += 1
            return false
        }.render(file)
        #expect(asked > 6 + 2 * plan.renditions.count)
        for last in 1...asked {
            var count = 0
            let renderer = Renderer(plan: plan, settings: pipeline.settings) {
                count += 1
                return count == last
            }
            #expect(throws: CancellationError.self) { try renderer.render(file) }
        }
    }

    // MARK: Previews of videos

    @Test(arguments: [
        "video.mp4", "video-rotated.mov", "video-mirrored.mov", "video-hevc.mov", "video.webm", "video-av1.webm", "video.3gp", "video.ts",
        "video.avi", "video.mkv", "video-pq.mp4", "video-odd.mp4",
    ])
    func aPreviewLooksLikeThePosterAndMoves(_ sample: String) async throws {
        let result = try await render(sample) { $0.videoPreview = VideoPreview() }
        let preview = try #require(result.renditions.last)
        #expect(preview.preset == "preview" && preview.format == .webp)
        let (info, frames) = try preview.played()
        let small = try #require(result.renditions.first { $0.preset == "small" && $0.format == .webp })
        #expect(info.displaySize == preview.size && preview.size == small.size)
        let duration = try #require(info.animation?.duration ?? 125)
        #expect(duration <= 3000 && frames.count <= 24)
        let poster = try small.decoded()
        let last = try #require(frames.last).raster
        for (a, b) in zip(last.means, poster.means) { #expect(abs(a - b) < 8) }
        // The samples' meadow stands still, but for what coding makes of it: the times are what there is to see.
        for (frame, next) in zip(frames, frames.dropFirst()) { #expect(next.start - frame.start >= 80) }
    }

    @Test func aPreviewHasTheLengthAndTheRateThatAreSet() async throws {
        let result = try await render("video.mp4") { $0.videoPreview = VideoPreview(side: 100, seconds: 1, framesPerSecond: 4) }
        let preview = try #require(result.renditions.last)
        #expect(preview.size == PixelSize(width: 100, height: 75))
        let (info, frames) = try preview.played()
        #expect(frames.count <= 4 && (info.animation?.duration ?? 1000) <= 1100)
    }

    @Test func aPreviewStandsInNoPhotosResult() async throws {
        #expect(try await render("photo.jpg") { $0.videoPreview = VideoPreview() }.renditions.count == 8)
    }
}

extension Rendition {
    /// The header, and the frames as stored (one of a still).
    func played() throws -> (info: ImageInfo, frames: [AnimationFrame]) {
        let image = try TemporaryImage(bytes)
        let file = try ImageFile(path: image.path)
        let info = try ImageDecoder.readInfo(file)
        var frames: [AnimationFrame] = []
        if info.animation == nil {
            frames = [AnimationFrame(raster: try decoded(), extent: PixelRect(of: info.storedSize), start: 0)]
        } else {
            _ = try AnimationDecoder.decode(file, info: info, atLeast: info.storedSize, every: 1) { frames.append($0) }
        }
        return (info, frames)
    }
}

extension Raster {
    /// Every pixel: colours where they are seen, and coverage.
    fileprivate var seen: [UInt8] {
        (0..<size.height).flatMap { y in
            (0..<size.width).flatMap { x in
                let coverage = alpha?[x, y] ?? 255
                return planes.map { coverage > 0 ? $0[x, y] : 0 } + [coverage]
            }
        }
    }

    /// Of each of four by four parts, each channel's mean.
    fileprivate var means: [Double] {
        let small = resampled(Placement(source: PixelRect(of: size), target: PixelSize(width: 4, height: 4)), filter: .mitchell)
        return small.planes.flatMap { plane in (0..<4).flatMap { y in (0..<4).map { Double(plane[$0, y]) } } }
    }
}

extension [UInt8] {
    /// Whether a chunk's name stands in the bytes.
    fileprivate func holds(_ name: String) -> Bool { Data(self).range(of: Data(name.utf8)) != nil }
}
