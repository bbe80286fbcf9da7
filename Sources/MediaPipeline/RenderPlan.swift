import Codecs
import Imaging

/// A preset as it comes out for one picture.
public struct PlannedRendition: Sendable, Equatable {
    public let preset: Preset
    /// As displayed, after the orientation.
    public let size: PixelSize
    public let formats: [OutputFormat]
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
    /// Bytes of memory at the peak of decoding, resampling and encoding.
    public let estimatedBytes: Int

    /// The settings' presets, each as WebP and the fallback (and AVIF where it is on).
    public static func planning(_ info: ImageInfo, settings: PipelineSettings) -> RenderPlan {
        let formats = [.webp, fallback(for: info)] + (settings.avif ? [OutputFormat.avif] : [])
        return RenderPlan(info, presets: settings.presets.map { ($0, formats) })
    }

    /// Only what is asked for. A format may be another than the settings' plan has.
    public static func planning(_ info: ImageInfo, only requests: [RenditionRequest]) -> RenderPlan {
        var presets: [(Preset, [OutputFormat])] = []
        for request in requests {
            if let index = presets.firstIndex(where: { $0.0 == request.preset }) {
                if !presets[index].1.contains(request.format) { presets[index].1.append(request.format) }
            } else {
                presets.append((request.preset, [request.format]))
            }
        }
        return RenderPlan(info, presets: presets)
    }

    private static func fallback(for info: ImageInfo) -> OutputFormat { info.hasAlpha ? .png : .jpeg }

    private init(_ info: ImageInfo, presets: [(preset: Preset, formats: [OutputFormat])]) {
        let display = info.displaySize
        self.info = info
        fallback = Self.fallback(for: info)
        let placements = presets.map { Placement.placing(display, in: $0.preset.box, mode: $0.preset.mode) }
        renditions = zip(presets, placements).map { PlannedRendition(preset: $0.preset, size: $1.target, formats: $0.formats) }
        steps = CascadeStep.cascade(display: display, placements: placements)
        let minimum = CascadeStep.decodedAtLeast(display: display, steps: steps)
        decodedAtLeast = info.orientation.swapsAxes ? minimum.transposed : minimum
        estimatedBytes = RenderMemory.estimate(
            info, decodedAtLeast: decodedAtLeast, steps: steps, formats: Set(presets.flatMap(\.formats)))
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
        lines.append("about \((estimatedBytes + (1 << 20) - 1) >> 20) MiB of memory")
        return lines.joined(separator: "\n")
    }
}
