import Imaging

/// How a video is brought to a form that browsers play.
public struct WebVideoSettings: Sendable, Equatable, Codable {
    /// What a frame fits within, turned as the video is.
    public var longSide = 1280
    public var shortSide = 720
    /// libx264's constant rate factor, 0 (lossless) to 51.
    public var quality = 23
    /// libx264's preset, such as `veryfast`.
    public var preset = "veryfast"
    /// Bits a second of the picture, at most; of a source that is taken over as it is, too.
    public var videoBitRate = 5_000_000
    /// Bits a second of stereo sound.
    public var audioBitRate = 128_000
    /// Frames a second, at most.
    public var frameRate = 60.0
    /// The encoder's threads.
    public var threads = 2
    /// Bytes of what is written, at most.
    public var outputBytes = 2 << 30
    /// Milliseconds that a video may take, whatever its header says.
    public var longestDuration = 4 * 3_600_000
    /// Least length of a segment of HLS in milliseconds; nil: no HLS.
    public var segmentDuration: Int?

    public init() {}
}

/// What was written for browsers.
public struct WebVideo: Sendable, Equatable, Codable {
    /// As a viewer sees it.
    public let size: PixelSize
    /// Whether the picture was taken over as it is.
    public let isRemuxed: Bool
    /// Milliseconds.
    public let duration: Int
    public let frames: Int
    /// Whether the source has sound that could not be carried over.
    public let lacksSound: Bool
    /// RFC 6381's names of picture and sound; empty where no segments were written.
    public var codecs = ""
    /// What a player loads before any segment, then the segments; empty where none were written.
    public var segments: [Segment] = []

    public struct Segment: Sendable, Equatable, Codable {
        /// Bytes of the file of segments.
        public let offset: Int
        public let size: Int
        /// Microseconds; 0 of the first, which is the index.
        public let duration: Int

        public init(offset: Int, size: Int, duration: Int) {
            self.offset = offset
            self.size = size
            self.duration = duration
        }
    }

    /// Frames a second, the average; nil of a single frame.
    public var frameRate: Double? { frames > 1 && duration > 0 ? Double(frames) * 1000 / Double(duration) : nil }

    public init(size: PixelSize, isRemuxed: Bool, duration: Int, frames: Int, lacksSound: Bool = false) {
        self.size = size
        self.isRemuxed = isRemuxed
        self.duration = duration
        self.frames = frames
        self.lacksSound = lacksSound
    }
}
