import Imaging

/// Whether a picture is drawn rather than taken: few colours in large areas, which lossless WebP keeps sharp in fewer
/// bytes than the lossy one.
package enum FlatArt {
    /// Counts colours: few in all, or few for the pixels there are (edges softened by a reduction make new ones).
    package static func suitsLossless(_ raster: Raster) -> Bool {
        let allowed = max(256, raster.size.area / 32)
        var seen = Set<UInt32>()
        var last: UInt32?
        for y in 0..<raster.size.height {
            for x in 0..<raster.size.width {
                var color: UInt32 = 0
                for plane in raster.planes { color = color << 8 | UInt32(plane.size == raster.size ? plane[x, y] : plane[x / 2, y / 2]) }
                if let alpha = raster.alpha { color = color << 8 | UInt32(alpha[x, y]) }
                // Runs of one colour are what flat art is made of.
                if color == last { continue }
                last = color
                if seen.insert(color).inserted && seen.count > allowed { return false }
            }
        }
        return true
    }

    /// Pixels that are as the one to their left, of all: dithering and photographs of few colours have far fewer. A GIF's frame never
    /// has more colours than a palette holds, so those say nothing of it.
    private static let leastRuns = 0.7

    /// Whether large areas have one colour.
    package static func isMadeOfRuns(_ raster: Raster) -> Bool {
        var equal = [UInt8](repeating: 0, count: raster.size.width)
        var runs = 0
        for y in 0..<raster.size.height {
            for x in equal.indices { equal[x] = 1 }
            for plane in raster.planes + (raster.alpha.map { [$0] } ?? []) where plane.size == raster.size {
                plane.samples.withUnsafeBufferPointer { samples in
                    let row = samples.baseAddress! + y * plane.stride
                    equal.withUnsafeMutableBufferPointer { equal in
                        for x in 1..<max(1, equal.count) { equal[x] &= row[x] == row[x &- 1] ? 1 : 0 }
                    }
                }
            }
            runs += equal.dropFirst().reduce(0) { $0 + Int($1) }
        }
        return Double(runs) >= leastRuns * Double(max(0, raster.size.width - 1) * raster.size.height)
    }
}
