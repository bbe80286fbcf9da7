import Foundation
import Imaging

/// What a picture's header says, before any pixel is decoded.
public struct ImageInfo: Sendable, Equatable, Codable {
    public let format: ImageFormat
    /// As stored, before the orientation is applied.
    public let storedSize: PixelSize
    /// From EXIF (JPEG, PNG eXIf, WebP EXIF). HEIC and AVIF carry rotation in the container: here it is told of a photo that
    /// is stored in tiles; of any other the decoder has applied it already, `.up`, and `storedSize` is the size after it.
    public var orientation: Orientation
    /// An alpha channel, or a transparent colour in the palette, is there (it may still be opaque everywhere).
    public let hasAlpha: Bool
    /// Bits a sample as stored: 1 to 16.
    public let bitDepth: Int
    public let colorModel: ColorModel
    /// The embedded ICC profile as it stands in the file, or one made of what the file says of its colours in another way
    /// (PNG gAMA and cHRM, the nclx box of HEIC and AVIF); nil where the colours are sRGB, or naive CMYK.
    public var iccProfile: [UInt8]? { profile.map { [UInt8]($0) } }
    /// As data, which is Base64 in a message to or from a codec worker.
    private let profile: Data?
    /// 1 for a still; more for an animation, of which `ImageDecoder` decodes the first and `AnimationDecoder` all.
    public let frameCount: Int
    /// The stored colours come from a palette: flat art, which lossless WebP suits.
    public let isPalette: Bool
    /// The rows are not stored one after another (progressive JPEG, Adam7 PNG), so decoding holds the whole picture.
    public let isProgressive: Bool
    /// Pixels of a tile, where the picture is stored in tiles that are decoded one by one; nil for any other.
    public let tileArea: Int?
    /// What is to be said of a video; nil for a still image. A video's sizes are in square pixels.
    public let video: VideoInfo?
    /// How an animation plays whose frames can be decoded here (GIF and WebP); nil for anything else.
    public let animation: AnimationInfo?

    public init(
        format: ImageFormat, storedSize: PixelSize, orientation: Orientation = .up, hasAlpha: Bool = false, bitDepth: Int = 8,
        colorModel: ColorModel = .rgb, iccProfile: [UInt8]? = nil, frameCount: Int = 1, isPalette: Bool = false,
        isProgressive: Bool = false, tileArea: Int? = nil, video: VideoInfo? = nil, animation: AnimationInfo? = nil
    ) {
        self.format = format
        self.storedSize = storedSize
        self.orientation = orientation
        self.hasAlpha = hasAlpha
        self.bitDepth = bitDepth
        self.colorModel = colorModel
        profile = iccProfile.flatMap { $0.count <= Self.largestProfile ? Data($0) : nil }
        self.frameCount = frameCount
        self.isPalette = isPalette
        self.isProgressive = isProgressive
        self.tileArea = tileArea
        self.video = video
        self.animation = animation
    }

    /// Bytes of a profile; a larger one, which no device has, is none. The largest in use, of printing presses, have 3 MB.
    private static let largestProfile = 8 << 20

    /// The size that a viewer sees.
    public var displaySize: PixelSize { orientation.displaySize(of: storedSize) }
}
