import Imaging

/// How renditions are written.
public struct EncodingSettings: Sendable, Hashable {
    /// libjpeg's, 1 to 100.
    public var jpegQuality = 80
    /// libwebp's, 0 to 100.
    public var webpQuality = 80
    /// libwebp's, 0 (fast) to 6 (small).
    public var webpMethod = 4
    /// libheif's, 0 to 100.
    public var avifQuality = 55
    /// libaom's, 0 (small) to 9 (fast).
    public var avifSpeed = 7
    /// The picture's source is flat art (a palette), which lossless WebP may suit.
    public var isFlatArt = false

    public init() {}
}

/// Writes still images of every output format, without any metadata.
public enum ImageEncoder {
    /// - Parameter raster: sRGB, upright. Straight alpha is kept where the format has it; JPEG leaves it out, so flatten before.
    public static func encode(_ raster: Raster, as format: OutputFormat, _ settings: EncodingSettings) throws(CodecError) -> [UInt8] {
        switch format {
        case .jpeg: try JPEGEncoder.encode(raster, quality: settings.jpegQuality)
        case .png: try PNGEncoder.encode(raster.model == .gray ? raster : raster.convertedToRGB())
        case .avif: try AVIFEncoder.encode(raster, quality: settings.avifQuality, speed: settings.avifSpeed)
        case .webp:
            if settings.isFlatArt && FlatArt.suitsLossless(raster) {
                try WebPEncoder.encodeLossless(raster, method: settings.webpMethod)
            } else {
                try WebPEncoder.encode(raster, quality: settings.webpQuality, method: settings.webpMethod)
            }
        }
    }
}
