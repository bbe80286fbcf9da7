import Codecs

/// What the pipeline makes and what it may spend on it.
public struct PipelineSettings: Sendable, Codable {
    /// In the order that records list them.
    public var presets: [Preset] = Preset.defaults
    /// Also write each rendition as AVIF: smaller, and many times slower.
    public var avif = false
    /// libjpeg quality, 1 to 100.
    public var jpegQuality = 80
    /// libwebp quality, 0 to 100.
    public var webpQuality = 80
    /// libwebp method, 0 (fast) to 6 (small).
    public var webpMethod = 4
    /// The same for transforms, which somebody waits for: at 2 libwebp takes half the time of 4, for about 3 % more bytes.
    public var transformWebPMethod = 2
    /// libheif/libaom quality, 0 to 100.
    public var avifQuality = 55
    /// Pixels (width × height as stored) of a file that is decoded at all.
    public var maxPixels = 256_000_000
    /// The longest video that is taken.
    public var maxVideoDuration = Duration.seconds(4 * 3600)
    /// What one look into a video may cost.
    public var videoLimits = VideoLimits()
    /// How videos are written for browsers; nil: they are not.
    public var webVideo: WebVideoSettings? = WebVideoSettings()
    /// CPU seconds of one video written for browsers, before it is given up.
    public var webVideoTimeout = 7200
    /// Seconds without a sign of life of the process that writes one, after which it is replaced.
    public var webVideoStall = 120
    /// Videos written at once, and the bytes of memory that they may take together.
    public var videoWorkers = 1
    public var videoMemoryBudget = 2304 << 20
    /// Frames that an animated rendition has at most; 1 for stills only.
    public var animationFrames = 600
    /// Pixels of all frames together (frames × width × height as stored) that an animated rendition is made from.
    public var animationPixels = 250_000_000
    /// The animated preview that videos get beside their posters; nil for none.
    public var videoPreview: VideoPreview?
    /// Bytes that all renders under way may take together, as their plans estimate them.
    public var memoryBudget = 512 * 1024 * 1024
    /// Renders at once; each has a thread of its own.
    public var workers = 2

    public init() {}

    /// The presets, and for a video its preview's where that is on.
    public func presets(of format: ImageFormat) -> [Preset] {
        presets + (format.isVideo ? videoPreview.map { [$0.preset] } ?? [] : [])
    }
}
