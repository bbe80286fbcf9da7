/// How the stored rows and columns of a photo are to be turned for display: the Orientation tag (0x0112) of TIFF 6.0 and
/// EXIF 2.32, whose raw values these are.
public enum Orientation: UInt8, Sendable, CaseIterable, Codable {
    case up = 1
    case upMirrored = 2
    case down = 3
    case downMirrored = 4
    /// Mirrored at the main diagonal: rows become columns.
    case leftMirrored = 5
    /// Stored lying on its left side: display needs a quarter turn clockwise.
    case right = 6
    case rightMirrored = 7
    /// Display needs a quarter turn counter-clockwise.
    case left = 8

    /// Whether display width is stored height.
    public var swapsAxes: Bool { rawValue >= 5 }

    /// The size that a viewer sees of a raster stored with `stored` pixels.
    public func displaySize(of stored: PixelSize) -> PixelSize {
        swapsAxes ? stored.transposed : stored
    }

    /// Every orientation is a transposition (or none) followed by flips of the result's axes; this is that decomposition.
    public var steps: (transpose: Bool, flipX: Bool, flipY: Bool) {
        switch self {
        case .up: (false, false, false)
        case .upMirrored: (false, true, false)
        case .down: (false, true, true)
        case .downMirrored: (false, false, true)
        case .leftMirrored: (true, false, false)
        case .right: (true, true, false)
        case .rightMirrored: (true, true, true)
        case .left: (true, false, true)
        }
    }

    /// The orientation that has the effect of this one and then `next`.
    public func followed(by next: Orientation) -> Orientation {
        let (a, b) = (steps, next.steps)
        // This one's flips, seen through the next one's transposition, and then its own flips.
        let flipX = (b.transpose ? a.flipY : a.flipX) != b.flipX
        let flipY = (b.transpose ? a.flipX : a.flipY) != b.flipY
        let transpose = a.transpose != b.transpose
        return Orientation.allCases.first { $0.steps == (transpose, flipX, flipY) }!
    }
}
