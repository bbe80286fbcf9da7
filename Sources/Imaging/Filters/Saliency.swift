/// Where most is to be seen in a picture: edges and strong colours, the middle a little before the margin. Computed on a
/// small version, so that texture counts for little and shapes for much.
public struct Saliency: Sendable {
    /// The longer side of the small version.
    public static let longestSide = 96
    private let size: PixelSize
    /// Sums of all cells left of and above each corner: one column and row more than the map.
    private let sums: [Double]

    /// - Parameter raster: upright, in sRGB, premultiplied where it has alpha, so that what is transparent says nothing.
    public init(_ raster: Raster) {
        let box = PixelSize(width: Self.longestSide, height: Self.longestSide)
        let small = raster.resampled(.placing(raster.size, in: box, mode: .fit)).convertedToRGB()
        size = small.size
        let (width, height) = (size.width, size.height)
        let luma = (0..<height).map { y in
            (0..<width).map { x in
                0.299 * Double(small.planes[0][x, y]) + 0.587 * Double(small.planes[1][x, y]) + 0.114 * Double(small.planes[2][x, y])
            }
        }
        var sums = [Double](repeating: 0, count: (width + 1) * (height + 1))
        for y in 0..<height {
            var row = 0.0
            for x in 0..<width {
                let (left, right, up, down) = (max(0, x - 1), min(width - 1, x + 1), max(0, y - 1), min(height - 1, y + 1))
                let edge = abs(luma[y][right] - luma[y][left]) + abs(luma[down][x] - luma[up][x])
                let channels = small.planes.map { Int($0[x, y]) }
                let saturation = Double(channels.max()! - channels.min()!)
                // At the corners half of what it is in the middle.
                let (dx, dy) = (2 * (Double(x) + 0.5) / Double(width) - 1, 2 * (Double(y) + 0.5) / Double(height) - 1)
                row += (edge + saturation / 4) * (1 - (dx * dx + dy * dy) / 4)
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row
            }
        }
        self.sums = sums
    }

    /// Where a cut of this share of the width and height, 0 to 1, shows most: the shares of the room that is left which lie
    /// before it, 0 to 1. Among equals the one nearest to the middle.
    public func bestCut(width: Double, height: Double) -> (x: Double, y: Double) {
        let columns = max(1, min(size.width, Int((width * Double(size.width)).rounded())))
        let rows = max(1, min(size.height, Int((height * Double(size.height)).rounded())))
        let (freeX, freeY) = (size.width - columns, size.height - rows)
        var best: (value: Double, distance: Int, x: Int, y: Int)?
        for y in 0...freeY {
            for x in 0...freeX {
                let value = sum(x, y, columns, rows)
                let distance = abs(2 * x - freeX) + abs(2 * y - freeY)
                let isBetter = best.map { value > $0.value + 1e-6 || (value > $0.value - 1e-6 && distance < $0.distance) } ?? true
                if isBetter { best = (value, distance, x, y) }
            }
        }
        return (freeX == 0 ? 0.5 : Double(best!.x) / Double(freeX), freeY == 0 ? 0.5 : Double(best!.y) / Double(freeY))
    }

    private func sum(_ x: Int, _ y: Int, _ columns: Int, _ rows: Int) -> Double {
        let stride = size.width + 1
        return sums[(y + rows) * stride + x + columns] - sums[y * stride + x + columns] - sums[(y + rows) * stride + x]
            + sums[y * stride + x]
    }
}
