/// What the planes of a raster mean.
public enum ColorModel: String, Sendable, Codable {
    /// One plane: luma, 0 black to 255 white.
    case gray
    /// Three planes Y, Cb, Cr: full range (0–255), ITU-R BT.601 matrix, as JFIF 1.02 and libjpeg have it. Cb and Cr may
    /// have fewer samples than Y; their sample centres divide the picture evenly (JPEG's centred siting).
    case ycbcr
    /// Three planes R, G, B.
    case rgb
    /// Four planes of ink: 0 none to 255 full.
    case cmyk

    public var planeCount: Int {
        switch self {
        case .gray: 1
        case .ycbcr, .rgb: 3
        case .cmyk: 4
        }
    }
}

/// A decoded picture in memory: one plane a channel, so that each is resampled alone and chroma may stay subsampled from
/// the decoder to the encoder.
public struct Raster: Sendable {
    /// Pixels of the picture; the size of the first plane and of the alpha plane.
    public let size: PixelSize
    public let model: ColorModel
    /// `model.planeCount` planes in the model's order.
    public var planes: [Plane]
    /// Coverage, 0 transparent to 255 opaque; nil where all is opaque. Colour is straight (not premultiplied).
    public var alpha: Plane?

    /// - Precondition: the planes fit the model and the size.
    public init(size: PixelSize, model: ColorModel, planes: [Plane], alpha: Plane? = nil) {
        precondition(planes.count == model.planeCount, "\(model) has \(model.planeCount) planes")
        precondition(planes[0].size == size && (alpha == nil || alpha!.size == size))
        self.size = size
        self.model = model
        self.planes = planes
        self.alpha = alpha
    }

    /// Bytes that the samples take in memory.
    public var byteCount: Int {
        planes.reduce(alpha?.samples.count ?? 0) { $0 + $1.samples.count }
    }
}
