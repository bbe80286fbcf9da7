/// Cb and Cr of an RGB raster, one sample for two by two pixels: their colours are added before the matrix, so that only
/// one rounding happens.
struct HalvedChroma {
    private(set) var planes: (blue: Plane, red: Plane)

    init(ofRGB raster: Raster) {
        let size = ChromaSampling.halved.size(for: raster.size)
        planes = (
            Plane(width: size.width, height: size.height, filledWith: 0), Plane(width: size.width, height: size.height, filledWith: 0)
        )
        var sums = [[Int32]](repeating: [Int32](repeating: 0, count: size.width), count: 3)
        var coverage = [Int32](repeating: 0, count: size.width)
        for y in 0..<size.height {
            if let alpha = raster.alpha {
                Self.add(alpha, row: 2 * y, into: &coverage)
                for channel in 0..<3 {
                    Self.addWeighted(raster.planes[channel], by: alpha, row: 2 * y, into: &sums[channel])
                    Self.divide(&sums[channel], by: coverage)
                }
            } else {
                for channel in 0..<3 { Self.add(raster.planes[channel], row: 2 * y, into: &sums[channel]) }
            }
            Self.transform(sums, to: &planes.blue, row: y) { YCbCr.blueDifference($0, $1, $2, extra: 2) }
            Self.transform(sums, to: &planes.red, row: y) { YCbCr.redDifference($0, $1, $2, extra: 2) }
        }
    }

    @inline(__always)
    private static func transform(_ sums: [[Int32]], to plane: inout Plane, row: Int, _ matrix: (Int32, Int32, Int32) -> UInt8) {
        let (start, count) = (row * plane.stride, plane.width)
        sums[0].withUnsafeBufferPointer { r in
            sums[1].withUnsafeBufferPointer { g in
                sums[2].withUnsafeBufferPointer { b in
                    plane.samples.withUnsafeMutableBufferPointer { samples in
                        let target = samples.baseAddress! + start
                        let (r, g, b) = (r.baseAddress!, g.baseAddress!, b.baseAddress!)
                        for x in 0..<count { target[x] = matrix(r[x], g[x], b[x]) }
                    }
                }
            }
        }
    }

    /// Sums of the samples at columns 2x and 2x + 1 of a row and the next; the last row and column count twice where there
    /// is no next.
    private static func add(_ plane: Plane, row: Int, into sums: inout [Int32]) {
        let next = min(row + 1, plane.height - 1)
        plane.samples.withUnsafeBufferPointer { samples in
            sums.withUnsafeMutableBufferPointer { sums in
                let (a, b) = (samples.baseAddress! + row * plane.stride, samples.baseAddress! + next * plane.stride)
                let target = sums.baseAddress!
                for x in 0..<plane.width / 2 {
                    target[x] = (Int32(a[2 &* x]) &+ Int32(a[2 &* x &+ 1])) &+ (Int32(b[2 &* x]) &+ Int32(b[2 &* x &+ 1]))
                }
                if plane.width % 2 == 1 {
                    let last = plane.width - 1
                    target[last / 2] = 2 &* (Int32(a[last]) &+ Int32(b[last]))
                }
            }
        }
    }

    /// The same, each sample times its coverage.
    private static func addWeighted(_ plane: Plane, by alpha: Plane, row: Int, into sums: inout [Int32]) {
        let next = min(row + 1, plane.height - 1)
        plane.samples.withUnsafeBufferPointer { samples in
            alpha.samples.withUnsafeBufferPointer { coverage in
                sums.withUnsafeMutableBufferPointer { sums in
                    let (a, b) = (samples.baseAddress! + row * plane.stride, samples.baseAddress! + next * plane.stride)
                    let (p, q) = (coverage.baseAddress! + row * alpha.stride, coverage.baseAddress! + next * alpha.stride)
                    let target = sums.baseAddress!
                    for x in 0..<plane.width / 2 {
                        let (even, odd) = (2 &* x, 2 &* x &+ 1)
                        let upper = Int32(a[even]) &* Int32(p[even]) &+ Int32(a[odd]) &* Int32(p[odd])
                        target[x] = upper &+ (Int32(b[even]) &* Int32(q[even]) &+ Int32(b[odd]) &* Int32(q[odd]))
                    }
                    if plane.width % 2 == 1 {
                        let last = plane.width - 1
                        target[last / 2] = 2 &* (Int32(a[last]) &* Int32(p[last]) &+ Int32(b[last]) &* Int32(q[last]))
                    }
                }
            }
        }
    }

    /// Weighted sums to sums of four at full coverage; zero where nothing is covered.
    private static func divide(_ sums: inout [Int32], by coverage: [Int32]) {
        sums.withUnsafeMutableBufferPointer { sums in
            coverage.withUnsafeBufferPointer { coverage in
                for x in 0..<coverage.count {
                    sums[x] = (4 &* sums[x] &+ coverage[x] / 2) / max(1, coverage[x])
                }
            }
        }
    }
}
