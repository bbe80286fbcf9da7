import Codecs
import Imaging
import MediaPipeline
import Testing

@Suite struct RenderPlanTests {
    private func info(_ width: Int, _ height: Int, orientation: Orientation = .up, hasAlpha: Bool = false) -> ImageInfo {
        ImageInfo(
            format: .jpeg, storedSize: PixelSize(width: width, height: height), orientation: orientation, hasAlpha: hasAlpha,
            colorModel: .ycbcr)
    }
    private func plan(_ info: ImageInfo) -> RenderPlan { .planning(info, settings: PipelineSettings()) }

    @Test func aPhonePhotoIsDecodedOnceAndCascades() {
        let plan = plan(info(4000, 3000, orientation: .right))
        #expect(plan.renditions.map(\.preset.name) == ["thumb", "small", "medium", "large"])
        #expect(
            plan.renditions.map(\.size) == [
                PixelSize(width: 160, height: 160), PixelSize(width: 240, height: 320), PixelSize(width: 480, height: 640),
                PixelSize(width: 960, height: 1280),
            ])
        // In stored axes: the photo lies on its side.
        #expect(plan.decodedAtLeast == PixelSize(width: 1280, height: 960))
        #expect(plan.steps.filter { $0.source == nil }.count == 1)
        #expect(plan.steps.first?.placement.target == PixelSize(width: 960, height: 1280))
    }

    @Test func everyStepReadsOneThatWasMadeBeforeAndReducesIt() {
        for size in [(4000, 3000), (6000, 4000), (1500, 1500), (700, 200), (30_000, 10), (1, 1), (161, 4000)] {
            let plan = plan(info(size.0, size.1))
            for (index, step) in plan.steps.enumerated() {
                if let source = step.source {
                    #expect(source < index)
                    let raster = plan.steps[source].placement.target
                    #expect(step.placement.source.x + step.placement.source.width <= Double(raster.width) + 1e-9)
                    #expect(step.placement.source.y + step.placement.source.height <= Double(raster.height) + 1e-9)
                }
                // Nothing is enlarged but what rounding to whole pixels takes.
                let (source, target) = (step.placement.source, step.placement.target)
                #expect(Double(target.width) <= max(1, source.width + 0.5))
                #expect(Double(target.height) <= max(1, source.height + 0.5))
            }
            #expect(Set(plan.steps.flatMap(\.renditions)) == Set(plan.renditions.indices))
            #expect(plan.steps.filter(\.isPlaceholder).count == 1)
        }
    }

    @Test func smallPicturesAreNotEnlargedAndShareTheWork() {
        let plan = plan(info(200, 100))
        #expect(plan.renditions.dropFirst().allSatisfy { $0.size == PixelSize(width: 200, height: 100) })
        let shared = plan.steps.first { $0.renditions.count == 3 }
        #expect(shared?.placement.target == PixelSize(width: 200, height: 100))
    }

    @Test func theFallbackKeepsAlpha() {
        #expect(plan(info(100, 100)).fallback == .jpeg)
        #expect(plan(info(100, 100, hasAlpha: true)).fallback == .png)
        #expect(plan(info(100, 100, hasAlpha: true)).renditions[0].formats == [.webp, .png])
    }

    @Test func avifIsMadeOnlyWhereItIsOn() {
        var settings = PipelineSettings()
        #expect(!RenderPlan.planning(info(100, 100), settings: settings).renditions[0].formats.contains(.avif))
        settings.avif = true
        #expect(RenderPlan.planning(info(100, 100), settings: settings).renditions[0].formats == [.webp, .jpeg, .avif])
    }

    @Test func onlyWhatIsAskedForIsPlanned() {
        let small = Preset.defaults[1]
        var settings = PipelineSettings()
        settings.presets = [small]
        let plan = RenderPlan.planning(
            info(4000, 3000),
            only: [RenditionRequest(preset: small, format: .png), RenditionRequest(preset: small, format: .jpeg)], settings: settings)
        #expect(plan.renditions.map(\.formats) == [[.png, .jpeg]])
        #expect(plan.decodedAtLeast == PixelSize(width: 320, height: 240))
    }

    @Test func aCutAloneIsDecodedLargeEnoughForItself() {
        let thumb = Preset.defaults[0]
        var settings = PipelineSettings()
        settings.presets = [thumb]
        let plan = RenderPlan.planning(info(4000, 3000), only: [RenditionRequest(preset: thumb, format: .webp)], settings: settings)
        #expect(plan.decodedAtLeast.height >= 160 && plan.decodedAtLeast.height < 200)
    }

    /// What is made again is made as it was: from the same rasters.
    @Test(arguments: Preset.defaults) func oneOfThePresetsIsPlannedAsAmongAll(_ preset: Preset) throws {
        let all = RenderPlan.planning(info(4000, 3000), settings: PipelineSettings())
        let alone = RenderPlan.planning(info(4000, 3000), only: [RenditionRequest(preset: preset, format: .webp)])
        #expect(alone.decodedAtLeast == all.decodedAtLeast && alone.renditions.map(\.preset) == [preset])
        func way(_ plan: RenderPlan, to number: Int) -> [Placement] {
            var (way, next): ([Placement], Int?) = ([], plan.steps.firstIndex { $0.renditions.contains(number) })
            while let step = next {
                way.append(plan.steps[step].placement)
                next = plan.steps[step].source
            }
            return way
        }
        let number = try #require(Preset.defaults.firstIndex(of: preset))
        #expect(!way(alone, to: 0).isEmpty && way(alone, to: 0) == way(all, to: number))
        #expect(alone.steps.filter { !$0.renditions.isEmpty }.count == 1 && alone.steps.contains { $0.isPlaceholder })
        #expect(alone.estimatedBytes <= all.estimatedBytes)
    }

    @Test func theEstimateGrowsWithWhatMustBeHeld() {
        let baseline = info(6000, 4000)
        let progressive = ImageInfo(format: .jpeg, storedSize: baseline.storedSize, colorModel: .ycbcr, isProgressive: true)
        #expect(plan(baseline).estimatedBytes < 60 << 20)
        #expect(plan(progressive).estimatedBytes > 6000 * 4000 * 3)
    }

    @Test func thePlanCanBePrinted() {
        let text = plan(info(4000, 3000, orientation: .right)).description
        #expect(text.contains("JPEG 4000x3000, shown as 3000x4000"))
        #expect(text.contains("large (webp, jpeg)"))
        #expect(text.contains("placeholder"))
    }
}
