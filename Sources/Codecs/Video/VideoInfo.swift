import Imaging

/// What a video's header says beyond its size, orientation and format, which stand in `ImageInfo`.
public struct VideoInfo: Sendable, Equatable, Codable {
    /// Milliseconds; nil where neither the file tells nor reading it to the end within the limits.
    public let duration: Int?
    /// Frames a second, the average; nil where unknown.
    public let frameRate: Double?
    /// libavcodec's name of the picture's codec, such as `h264`, `hevc`, `vp9`.
    public let codec: String
    /// libavcodec's name of the sound's codec; nil where there is no sound.
    public let audioCodec: String?
    /// Bits a second of the whole file; nil where unknown.
    public let bitRate: Int?
    /// Pixels as coded, before pixels that are not square are stretched.
    public let codedSize: PixelSize
    /// How light stands in the samples of a high dynamic range video; nil for any other.
    public let dynamicRange: HighDynamicRange?

    public init(
        duration: Int?, frameRate: Double?, codec: String, audioCodec: String?, bitRate: Int?, codedSize: PixelSize,
        dynamicRange: HighDynamicRange?
    ) {
        self.duration = duration
        self.frameRate = frameRate
        self.codec = codec
        self.audioCodec = audioCodec
        self.bitRate = bitRate
        self.codedSize = codedSize
        self.dynamicRange = dynamicRange
    }
}

/// The transfer functions of ITU-R BT.2100.
public enum HighDynamicRange: String, Sendable, Codable {
    /// Perceptual quantiser, SMPTE ST 2084.
    case pq
    /// Hybrid log-gamma, ARIB STD-B67.
    case hlg

    /// From the transfer characteristics of ITU-T H.273; nil for any other than those two.
    init?(transferCharacteristics: Int32) {
        switch transferCharacteristics {
        case 16: self = .pq
        case 18: self = .hlg
        default: return nil
        }
    }
}
