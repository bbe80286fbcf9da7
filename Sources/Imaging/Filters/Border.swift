extension Raster {
    /// What is left of the raster without a border of the colour of its first pixel.
    ///
    /// - Parameter threshold: how far a sample may be from the border's, 0 to 255, in each plane.
    /// - Returns: in whole pixels; the whole raster where nothing but border was found.
    public func withoutBorder(threshold: Int) -> PixelRect {
        var (left, top, right, bottom) = (size.width, size.height, -1, -1)
        for plane in planes + [alpha].compactMap({ $0 }) {
            // Subsampled planes count for all pixels that they cover.
            let (stepX, stepY) = (Raster.step(of: plane.width, in: size.width), Raster.step(of: plane.height, in: size.height))
            plane.samples.withUnsafeBufferPointer { samples in
                let border = Int16(samples[0])
                let allowed = Int16(threshold)
                for y in 0..<plane.height {
                    let row = samples.baseAddress! + y * plane.stride
                    guard let first = (0..<plane.width).first(where: { abs(Int16(row[$0]) - border) > allowed }) else { continue }
                    var last = plane.width - 1
                    while abs(Int16(row[last]) - border) <= allowed { last -= 1 }
                    left = min(left, first * stepX)
                    right = max(right, min(size.width, (last + 1) * stepX) - 1)
                    top = min(top, y * stepY)
                    bottom = max(bottom, min(size.height, (y + 1) * stepY) - 1)
                }
            }
        }
        guard right >= left, bottom >= top else { return PixelRect(of: size) }
        return PixelRect(x: Double(left), y: Double(top), width: Double(right - left + 1), height: Double(bottom - top + 1))
    }

    /// Pixels that a sample of a plane covers on one axis.
    private static func step(of count: Int, in full: Int) -> Int { (full + count - 1) / count }
}
