import Imaging

/// The short animated preview of a video: one more rendition, as WebP alone, that begins at the poster.
public struct VideoPreview: Sendable, Hashable, Codable {
    /// The rendition's name; no preset has it where previews are on.
    public static let name = "preview"

    /// The box that frames are brought to, in pixels a side; never enlarged.
    public var side: Int
    public var seconds: Int
    public var framesPerSecond: Int

    public init(side: Int = 320, seconds: Int = 3, framesPerSecond: Int = 8) {
        self.side = side
        self.seconds = seconds
        self.framesPerSecond = framesPerSecond
    }

    public var preset: Preset { Preset(name: Self.name, box: PixelSize(width: side, height: side), mode: .fit) }

    /// Milliseconds.
    var duration: Int { seconds * 1000 }
    /// Milliseconds from one frame to the next.
    var interval: Int { 1000 / framesPerSecond }
    /// At most.
    var frames: Int { (duration + interval - 1) / interval }
}
