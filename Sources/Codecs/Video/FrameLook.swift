import Imaging

/// What a glance at a frame's luma tells: whether there is anything to see, and how sharp it is.
package struct FrameLook: Equatable {
    /// Standard deviation of luma, 0 to 127: near 0 where the frame is of one tone, as black is.
    let contrast: Double
    /// Standard deviation of the Laplacian: small where edges are soft.
    let detail: Double

    /// Sides of the luma that is looked at: at most this.
    static let longestSide = 256
    static let leastContrast = 10.0
    static let leastDetail = 3.0

    static func size(of frame: PixelSize) -> PixelSize {
        Placement.placing(frame, in: PixelSize(width: longestSide, height: longestSide), mode: .fit).target
    }

    package init(_ luma: Plane) {
        var (sum, squares) = (0, 0)
        var (edges, edgeSquares) = (0, 0)
        luma.samples.withUnsafeBufferPointer { samples in
            for y in 0..<luma.height {
                for x in 0..<luma.width {
                    let at = y * luma.stride + x
                    let value = Int(samples[at])
                    sum += value
                    squares += value * value
                    guard x > 0, y > 0, x < luma.width - 1, y < luma.height - 1 else { continue }
                    let around =
                        Int(samples[at - 1]) + Int(samples[at + 1]) + Int(samples[at - luma.stride]) + Int(samples[at + luma.stride])
                    edges += 4 * value - around
                    edgeSquares += (4 * value - around) * (4 * value - around)
                }
            }
        }
        contrast = Self.deviation(sum, squares, count: luma.width * luma.height)
        detail = Self.deviation(edges, edgeSquares, count: max(1, (luma.width - 2) * (luma.height - 2)))
    }

    private static func deviation(_ sum: Int, _ squares: Int, count: Int) -> Double {
        let mean = Double(sum) / Double(count)
        return max(0, Double(squares) / Double(count) - mean * mean).squareRoot()
    }

    package var isWorthShowing: Bool { contrast >= Self.leastContrast && detail >= Self.leastDetail }

    /// The greater, the better to show, where none is worth it.
    package var score: Double { min(contrast / Self.leastContrast, 2) + min(detail / Self.leastDetail, 2) }
}
