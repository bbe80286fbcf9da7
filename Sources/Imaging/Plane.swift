/// One channel of a raster: 8-bit samples in rows, row after row. Rows may be padded (`stride` ≥ `width`), which lets a
/// codec write whole blocks.
public struct Plane: Sendable {
    public let width: Int
    public let height: Int
    /// Bytes from the start of a row to the start of the next.
    public let stride: Int
    /// `stride` × `height` samples (or more: what lies behind the last row is padding).
    public var samples: [UInt8]

    /// - Precondition: `samples` holds at least `stride` × `height` bytes and `stride` ≥ `width` ≥ 1.
    public init(width: Int, height: Int, stride: Int? = nil, samples: [UInt8]) {
        let stride = stride ?? width
        precondition(width >= 1 && height >= 1 && stride >= width)
        precondition(samples.count >= stride * height, "a plane needs stride × height samples")
        self.width = width
        self.height = height
        self.stride = stride
        self.samples = samples
    }

    /// A plane of one value.
    public init(width: Int, height: Int, filledWith value: UInt8) {
        self.init(width: width, height: height, samples: [UInt8](repeating: value, count: width * height))
    }

    public var size: PixelSize { PixelSize(width: width, height: height) }

    /// The sample at column `x` of row `y`; for tests and small images, not for inner loops.
    public subscript(x: Int, y: Int) -> UInt8 {
        get { samples[y * stride + x] }
        set { samples[y * stride + x] = newValue }
    }
}
