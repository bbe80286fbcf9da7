import Codecs
import Imaging

/// A preset as it comes out for one picture.
public struct PlannedRendition: Sendable, Equatable {
    public let preset: Preset
    /// As displayed, after the orientation.
    public let size: PixelSize
    public let formats: [OutputFormat]
    /// Whether its WebP is an animation; every other format is a still.
    public let isAnimated: Bool
}

/// How one picture will be rendered: a pure function of its header and the settings.
///
/// One decode serves all renditions; then each size is made from the nearest larger one that leaves enough to reduce.
public struct RenderPlan: Sendable, Equatable {
    public let info: ImageInfo
    public let renditions: [PlannedRendition]
    /// For clients without WebP: `.png` where the picture has alpha, else `.jpeg`.
    public let fallback: OutputFormat
    /// The decoder scales down while it decodes, to no less than this (in stored axes).
    public let decodedAtLeast: PixelSize
    /// Resampling steps, each after the one that it reads from; those that read the decoded picture come first.
    public let steps: [CascadeStep]
    /// The frames that the WebP renditions have; nil where they are stills.
    public let animation: AnimationPlan?
    /// How a video's preview is made, which no step makes; nil where none is wanted.
    public let clip: ClipPlan?
    /// Whether rasters stay RGB, for a PNG among the renditions or among those that they are made like.
    let staysRGB: Bool
    /// Bytes of memory at the peak of decoding, resampling and encoding.
    public let estimatedBytes: Int

    /// The settings' presets, each as WebP and the fallback (and AVIF where it is on); of a video also the preview where it is on.
    public static func planning(_ info: ImageInfo, settings: PipelineSettings) -> RenderPlan {
        let presets = promised(info, settings)
        return RenderPlan(info, presets: presets, among: presets, settings: settings)
    }

    private typealias Wanted = (preset: Preset, formats: [OutputFormat])

    private static func promised(_ info: ImageInfo, _ settings: PipelineSettings) -> [Wanted] {
        let formats = [.webp, fallback(for: info)] + (settings.avif ? [OutputFormat.avif] : [])
        var presets: [Wanted] = settings.presets.map { ($0, formats) }
        if info.format.isVideo, let preview = settings.videoPreview { presets.append((preview.preset, [.webp])) }
        return presets
    }

    /// Only what is asked for. A format may be another than the settings' plan has.
    ///
    /// What is of the settings' presets comes out as it does among all of them, byte for byte: by the same decode and the same steps down
    /// to it. Its address is for ever, and caches hold what was made at first; that takes a larger decode than it needs by itself.
    public static func planning(
        _ info: ImageInfo, only requests: [RenditionRequest], settings: PipelineSettings = PipelineSettings()
    ) -> RenderPlan {
        var presets: [Wanted] = []
        for request in requests {
            if let index = presets.firstIndex(where: { $0.0 == request.preset }) {
                if !presets[index].1.contains(request.format) { presets[index].1.append(request.format) }
            } else {
                presets.append((request.preset, [request.format]))
            }
        }
        let promised = promised(info, settings)
        let areOfThem = presets.allSatisfy { wanted in promised.contains { $0.preset == wanted.preset } }
        return RenderPlan(info, presets: presets, among: areOfThem ? promised : presets, settings: settings)
    }

    private static func fallback(for info: ImageInfo) -> OutputFormat { info.hasAlpha ? .png : .jpeg }

    /// - Parameter all: what is to be made as it would be among these.
    private init(_ info: ImageInfo, presets: [Wanted], among all: [Wanted], settings: PipelineSettings) {
        let display = info.displaySize
        self.info = info
        fallback = Self.fallback(for: info)
        // A preview's WebP comes last, behind what the cascade makes.
        let preview = info.format.isVideo ? settings.videoPreview : nil
        let isClip = { (preset: Preset, format: OutputFormat) in format == .webp && preset == preview?.preset }
        func stills(_ presets: [Wanted]) -> [Wanted] {
            presets.map { preset, formats in (preset, formats.filter { !isClip(preset, $0) }) }.filter { !$0.1.isEmpty }
        }
        let (allStills, stills) = (stills(all), stills(presets))
        let wantsClip = presets.contains { preset, formats in formats.contains { isClip(preset, $0) } }

        let placements = stills.map { Placement.placing(display, in: $0.preset.box, mode: $0.preset.mode) }
        let allPlacements = allStills.map { Placement.placing(display, in: $0.preset.box, mode: $0.preset.mode) }
        let cascaded = allPlacements + placements.filter { !allPlacements.contains($0) }
        let allSteps = CascadeStep.cascade(display: display, placements: cascaded)
        let upright = CascadeStep.decodedAtLeast(display: display, steps: allSteps)
        let minimum = info.orientation.swapsAxes ? upright.transposed : upright
        let steps = CascadeStep.only(placements.map { cascaded.firstIndex(of: $0)! }, of: allSteps)
        self.steps = steps
        decodedAtLeast = minimum
        staysRGB = (all + presets).contains { $0.formats.contains(.png) }
        let bytes = RenderMemory.estimate(info, decodedAtLeast: minimum, steps: steps, formats: Set(stills.flatMap(\.formats)))

        func encoded(_ steps: [CascadeStep], _ stills: [Wanted]) -> [Int] {
            steps.filter { step in step.renditions.contains { $0 < stills.count && stills[$0].formats.contains(.webp) } }
                .map(\.placement.target.area)
        }
        let allEncoded = encoded(allSteps, allStills)
        let moving = AnimationPlan(info, encoded: allEncoded.reduce(0, +), settings: settings).map { plan in
            (plan: plan, bytes: RenderMemory.estimate(info, plan, decodedAtLeast: minimum, steps: allSteps, encoded: allEncoded))
        }
        // Where there is no room for frames, the first one is shown as it always was.
        let fits = moving.flatMap { $0.bytes <= settings.memoryBudget ? $0.plan : nil }
        let areas = encoded(steps, stills)
        animation = areas.isEmpty ? nil : fits
        let movingBytes = animation.map {
            RenderMemory.estimate(info, $0, decodedAtLeast: minimum, steps: steps, encoded: areas)
        }
        let moves = animation != nil
        var renditions = zip(stills, placements).map { still, placement in
            PlannedRendition(
                preset: still.preset, size: placement.target, formats: still.formats, isAnimated: moves && still.formats.contains(.webp))
        }
        clip = wantsClip ? preview.map { ClipPlan(info, $0, rendition: stills.count) } : nil
        if let clip {
            renditions.append(
                PlannedRendition(preset: clip.preview.preset, size: clip.placement.target, formats: [.webp], isAnimated: true))
        }
        self.renditions = renditions
        estimatedBytes = max(bytes, movingBytes ?? 0, clip.map { RenderMemory.estimate(info, $0) } ?? 0)
    }
}

extension RenderPlan: CustomStringConvertible {
    /// Some lines for people.
    public var description: String {
        let turn = "(orientation \(info.orientation.rawValue))"
        var lines = ["\(info.format.displayName) \(info.storedSize), shown as \(info.displaySize) \(turn)"]
        lines.append("decode once to at least \(decodedAtLeast)")
        for (index, step) in steps.enumerated() {
            let source = step.source.map { "step \($0 + 1)" } ?? "the decoded picture"
            let outputs = step.renditions.map { number in
                let rendition = renditions[number]
                return "\(rendition.preset.name) (\(rendition.formats.map(\.rawValue).joined(separator: ", ")))"
            }
            let use = (outputs + (step.isPlaceholder ? ["placeholder and colour"] : [])).joined(separator: ", ")
            lines.append("step \(index + 1): \(step.placement.target) from \(source) → \(use)")
        }
        if let animation {
            let thinning = animation.every > 1 ? ", of which every \(animation.every)th is kept" : ""
            lines.append("WebP moves: \(info.frameCount) frames\(thinning)")
        }
        if let clip {
            lines.append("\(clip.placement.target) from \(clip.preview.frames) frames of the video → \(VideoPreview.name) (webp)")
        }
        lines.append("about \((estimatedBytes + (1 << 20) - 1) >> 20) MiB of memory")
        return lines.joined(separator: "\n")
    }
}
