import Imaging

/// Whether a picture is drawn rather than taken: few colours in large areas, which lossless WebP keeps sharp in fewer
/// bytes than the lossy one.
package enum FlatArt {
    /// Counts colours: few in all, or few for the pixels there are (edges softened by a reduction make new ones).
    package static func suitsLossless(_ raster: Raster) -> Bool {
        let allowed = max(256, raster.size.area / 32)
        var seen = Set<UInt32>()
        for y in 0..<raster.size.height {
            for x in 0..<raster.size.width {
                var color: UInt32 = 0
                for plane in raster.planes { color = color << 8 | UInt32(plane.size == raster.size ? plane[x, y] : plane[x / 2, y / 2]) }
                if let alpha = raster.alpha { color = color << 8 | UInt32(alpha[x, y]) }
                if seen.insert(color).inserted && seen.count > allowed { return false }
            }
        }
        return true
    }
}
