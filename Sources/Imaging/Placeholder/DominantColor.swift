extension Raster {
    /// The colour that most of the picture has, for a page to paint before anything is loaded: the mean of the fullest of
    /// 512 equal boxes of the colour cube, pixels counted by their coverage. White where nothing is covered.
    ///
    /// Meant for a small raster (it is a loop over pixels), RGB with straight alpha.
    public var dominantColor: RGBColor {
        precondition(model == .rgb)
        var weights = [Int](repeating: 0, count: 512)
        var sums = [SIMD4<Int>](repeating: .zero, count: 512)
        for y in 0..<size.height {
            for x in 0..<size.width {
                let (r, g, b) = (Int(planes[0][x, y]), Int(planes[1][x, y]), Int(planes[2][x, y]))
                let weight = alpha.map { Int($0[x, y]) } ?? 255
                let box = (r >> 5) << 6 | (g >> 5) << 3 | b >> 5
                weights[box] += weight
                sums[box] &+= SIMD4(r, g, b, 0) &* SIMD4(repeating: weight)
            }
        }
        guard let fullest = weights.indices.max(by: { weights[$0] < weights[$1] }), weights[fullest] > 0 else {
            return RGBColor(r: 255, g: 255, b: 255)
        }
        let mean = (sums[fullest] &+ SIMD4(repeating: weights[fullest] / 2)) / SIMD4(repeating: weights[fullest])
        return RGBColor(r: UInt8(mean[0]), g: UInt8(mean[1]), b: UInt8(mean[2]))
    }
}
