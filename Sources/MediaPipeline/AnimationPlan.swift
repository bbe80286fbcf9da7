import Codecs
import Imaging

/// Which frames of an animated picture its animated renditions are made of.
public struct AnimationPlan: Sendable, Equatable {
    /// Of so many frames the first is kept, and shown as long as they all.
    public let every: Int
    /// Frames that are kept.
    public let frames: Int

    /// Fewer than every tenth frame is no animation any more, and all of them must be decoded all the same.
    static let mostThinning = 10

    /// Nil where the picture does not move, or has so much of it that its first frame must stand for it: then all its renditions are
    /// stills.
    ///
    /// - Parameter encoded: pixels of all sizes together that a frame is written in. Where they are many, they are what takes the time:
    ///   half of them count in place of the frame's own.
    package init?(_ info: ImageInfo, encoded: Int = 0, settings: PipelineSettings) {
        guard info.animation != nil, info.frameCount > 1 else { return nil }
        let (pixels, overflows) = info.frameCount.multipliedReportingOverflow(by: max(info.storedSize.area, encoded / 2))
        guard !overflows else { return nil }
        every = max(Self.quotient(info.frameCount, settings.animationFrames), Self.quotient(pixels, settings.animationPixels))
        frames = Self.quotient(info.frameCount, every)
        guard every <= Self.mostThinning, frames > 1 else { return nil }
    }

    /// Rounded up.
    private static func quotient(_ a: Int, _ b: Int) -> Int { a / b + (a % b > 0 ? 1 : 0) }
}

/// How a video's preview is made: a rendition beside the cascade, from frames of its own.
public struct ClipPlan: Sendable, Equatable {
    /// The rendition's number in the plan.
    public let rendition: Int
    let placement: Placement
    /// In stored axes.
    let decodedAtLeast: PixelSize
    let preview: VideoPreview

    init(_ info: ImageInfo, _ preview: VideoPreview, rendition: Int) {
        let display = info.displaySize
        self.rendition = rendition
        self.preview = preview
        placement = Placement.placing(display, in: preview.preset.box, mode: preview.preset.mode)
        decodedAtLeast = info.orientation.swapsAxes ? placement.target.transposed : placement.target
    }
}
