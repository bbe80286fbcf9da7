/// Width and height of a raster in whole pixels; both are at least 1.
public struct PixelSize: Sendable, Hashable, Codable, CustomStringConvertible {
    public let width: Int
    public let height: Int

    /// - Precondition: both sides are at least 1.
    public init(width: Int, height: Int) {
        precondition(width >= 1 && height >= 1, "a PixelSize has at least one pixel")
        self.width = width
        self.height = height
    }

    /// Pixels in all; `Int.max` for more, which a header can say.
    public var area: Int {
        let (area, overflow) = width.multipliedReportingOverflow(by: height)
        return overflow ? Int.max : area
    }
    public var longSide: Int { max(width, height) }
    public var shortSide: Int { min(width, height) }
    /// The same size lying on its side, as an orientation that swaps the axes leaves it.
    public var transposed: PixelSize { PixelSize(width: height, height: width) }
    public var description: String { "\(width)x\(height)" }
}

/// A rectangle in the coordinates of a raster, in pixels, that may start and end between two of them.
/// Pixel (0, 0) covers the square from 0 to 1 on both axes.
public struct PixelRect: Sendable, Hashable {
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The whole of a raster of this size.
    public init(of size: PixelSize) {
        self.init(x: 0, y: 0, width: Double(size.width), height: Double(size.height))
    }
}
