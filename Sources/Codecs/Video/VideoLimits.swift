import CFFmpeg

/// What one look into a video may cost, however the file is made. The other limits that people set (pixels, duration, memory) stand in
/// the pipeline's settings.
public struct VideoLimits: Sendable, Equatable, Codable {
    /// Bytes read to learn what the header leaves out.
    public var probeBytes = 4 << 20
    /// Bytes read in all. An index of hours of video takes tens of megabytes.
    public var readBytes = 256 << 20
    /// Packets read in all; hours of audio may lie between two keyframes of a slide show, not more.
    public var packets = 20_000
    /// Tracks of a file; one that has more is refused.
    public var tracks = 64
    /// Bytes of memory taken in one piece: a frame, or an index as long as a header says. Of the whole process.
    public var allocationBytes = 256 << 20

    public init() {}

    /// Microseconds of the video's own time, to learn what the header leaves out.
    private static let probeMicroseconds = 2_000_000
    /// Pixels of a frame that a decoder is handed at all; 16K.
    private static let framePixels = 15_360 * 8640
    /// Pixels that are decoded for one clip: three seconds of 4K at 60 frames a second, and as much before them to a keyframe.
    static let clipPixels = 3 << 30
    /// Pixels of a side that a container may tell: more than any codec can code.
    static let side = 1 << 20
    /// A frame is said to be shown for a thousandth of a second at least.
    static let frameRate = 1000.0
    /// Pixels are at most so many times as wide as they are high, or the reverse; what is beyond is an error of the file.
    static let pixelAspect = 8.0

    var forReader: cffmpeg_limits { limits(readBytes: readBytes, packets: packets) }

    /// For reading a file from end to end: what is not in order is read more than once.
    func forWholeFile(_ bytes: Int) -> cffmpeg_limits { limits(readBytes: bytes * Self.rereads + readBytes, packets: .max) }

    private static let rereads = 8

    private func limits(readBytes: Int, packets: Int) -> cffmpeg_limits {
        cffmpeg_limits(
            probe_bytes: Int64(probeBytes), probe_micros: Int64(Self.probeMicroseconds), read_bytes: Int64(readBytes),
            packets: Int64(packets), pixels: Int64(Self.framePixels), allocation_bytes: Int64(allocationBytes),
            streams: Int32(clamping: tracks))
    }
}
