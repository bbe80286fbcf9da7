import CFFmpeg

/// What one look into a video may cost, however the file is made. The limits that people set (pixels, duration, memory) stand in the
/// pipeline's settings.
enum VideoLimits {
    /// Bytes read to learn what the header leaves out.
    static let probeBytes = 4 << 20
    /// Of the video's own time, for the same.
    static let probeMicroseconds = 2_000_000
    /// Bytes read in all. An index of hours of video takes tens of megabytes.
    static let readBytes = 256 << 20
    /// Packets read in all; hours of audio may lie between two keyframes of a slide show, not more.
    static let packets = 20_000
    /// Tracks of a file.
    static let streams = 64
    /// Pixels of a frame that a decoder is handed at all; 16K.
    static let framePixels = 15_360 * 8640
    /// Pixels that are decoded for one clip: three seconds of 4K at 60 frames a second, and as much before them to a keyframe.
    static let clipPixels = 3 << 30
    /// A frame is said to be shown for a thousandth of a second at least.
    static let frameRate = 1000.0
    /// Pixels are at most so many times as wide as they are high, or the reverse; what is beyond is an error of the file.
    static let pixelAspect = 8.0

    static var forReader: cffmpeg_limits { limits(readBytes: readBytes, packets: packets) }

    /// For reading a file from end to end: what is not in order is read more than once.
    static func forWholeFile(_ bytes: Int) -> cffmpeg_limits { limits(readBytes: bytes * rereads + readBytes, packets: .max) }

    private static let rereads = 8

    private static func limits(readBytes: Int, packets: Int) -> cffmpeg_limits {
        cffmpeg_limits(
            probe_bytes: Int64(probeBytes), probe_micros: Int64(probeMicroseconds), read_bytes: Int64(readBytes), packets: Int64(packets),
            pixels: Int64(framePixels), streams: Int32(streams))
    }
}
