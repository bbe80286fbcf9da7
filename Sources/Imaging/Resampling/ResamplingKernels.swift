/// The inner loops of resampling: dot products in 16-bit fixed point that compile to packed multiply-adds.
///
/// Rows between the two passes hold samples × 64 as Int16: six bits of fraction, and room for a filter's overshoot
/// (255 × 64 × 2 < 2¹⁵).
enum ResamplingKernels {
    static let middleBits = 6

    /// One row: `target[i]` = Σ `source[starts[i] + k]` · `weights[i·taps + k]`, times 64.
    ///
    /// - Precondition: `taps` is a multiple of 8, and the source is readable for every tap.
    @inline(__always)
    static func horizontal(
        _ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<Int16>, count: Int, starts: UnsafePointer<Int32>,
        weights: UnsafePointer<Int16>, taps: Int
    ) {
        var index = 0
        while index &+ 4 <= count {
            // Four samples at a time keep four sums apart in flight.
            let weight = weights + (index &* taps)
            let (source0, source1) = (source + Int(starts[index]), source + Int(starts[index &+ 1]))
            let (source2, source3) = (source + Int(starts[index &+ 2]), source + Int(starts[index &+ 3]))
            var (sums0, sums1, sums2, sums3) = (SIMD4<Int32>.zero, SIMD4<Int32>.zero, SIMD4<Int32>.zero, SIMD4<Int32>.zero)
            var tap = 0
            repeat {
                sums0 &+= products(source0 + tap, weight + tap)
                sums1 &+= products(source1 + tap, weight + (taps &+ tap))
                sums2 &+= products(source2 + tap, weight + (2 &* taps &+ tap))
                sums3 &+= products(source3 + tap, weight + (3 &* taps &+ tap))
                tap &+= 8
            } while tap < taps
            store(pairSums(pairSums(sums0, sums1), pairSums(sums2, sums3)), to: target + index)
            index &+= 4
        }
        while index < count {
            var sums = SIMD4<Int32>.zero
            for tap in stride(from: 0, to: taps, by: 8) {
                sums &+= products(source + Int(starts[index]) + tap, weights + (index &* taps &+ tap))
            }
            target[index] = narrow(sums[0] &+ sums[1] &+ sums[2] &+ sums[3])
            index &+= 1
        }
    }

    /// Eight products, added in pairs.
    @inline(__always)
    private static func products(_ source: UnsafePointer<UInt8>, _ weights: UnsafePointer<Int16>) -> SIMD4<Int32> {
        let samples = UnsafeRawPointer(source).loadUnaligned(as: SIMD8<UInt8>.self)
        let factors = UnsafeRawPointer(weights).loadUnaligned(as: SIMD8<Int16>.self)
        let products = SIMD8<Int32>(truncatingIfNeeded: samples) &* SIMD8<Int32>(truncatingIfNeeded: factors)
        return products.evenHalf &+ products.oddHalf
    }

    @inline(__always)
    private static func pairSums(_ a: SIMD4<Int32>, _ b: SIMD4<Int32>) -> SIMD4<Int32> {
        let both = SIMD8(lowHalf: a, highHalf: b)
        return both.evenHalf &+ both.oddHalf
    }

    @inline(__always)
    private static func store(_ sums: SIMD4<Int32>, to target: UnsafeMutablePointer<Int16>) {
        let shift = Int32(AxisWeights.fractionBits - middleBits)
        let rounded = (sums &+ SIMD4(repeating: 1 << (shift - 1))) &>> SIMD4(repeating: shift)
        UnsafeMutableRawPointer(target).storeBytes(of: SIMD4<Int16>(truncatingIfNeeded: rounded), as: SIMD4<Int16>.self)
    }

    @inline(__always)
    private static func narrow(_ sum: Int32) -> Int16 {
        let shift = Int32(AxisWeights.fractionBits - middleBits)
        return Int16(truncatingIfNeeded: (sum &+ (1 << (shift - 1))) &>> shift)
    }

    /// One row out of `taps` rows: `target[x]` = Σ `rows[k][x]` · `weights[k]`, rounded and clamped to 0...255.
    ///
    /// - Precondition: `taps` is even, and rows and target have room for `count` rounded up to a multiple of 8.
    @inline(__always)
    static func vertical(
        _ rows: UnsafePointer<UnsafePointer<Int16>>, weights: UnsafePointer<Int16>, taps: Int, to target: UnsafeMutablePointer<UInt8>,
        count: Int
    ) {
        let shift = Int32(AxisWeights.fractionBits + middleBits)
        let half = SIMD4<Int32>(repeating: 1 << (shift - 1))
        var x = 0
        while x < count {
            var (low, high) = (half, half)
            var tap = 0
            while tap < taps {
                let a = UnsafeRawPointer(rows[tap] + x).loadUnaligned(as: SIMD8<Int16>.self)
                let b = UnsafeRawPointer(rows[tap &+ 1] + x).loadUnaligned(as: SIMD8<Int16>.self)
                let factors = interleaved(SIMD4(repeating: weights[tap]), SIMD4(repeating: weights[tap &+ 1]))
                low &+= pairSums(interleaved(a.lowHalf, b.lowHalf), factors)
                high &+= pairSums(interleaved(a.highHalf, b.highHalf), factors)
                tap &+= 2
            }
            let sums = SIMD8(lowHalf: low &>> SIMD4(repeating: shift), highHalf: high &>> SIMD4(repeating: shift))
            let values = sums.clamped(lowerBound: .zero, upperBound: SIMD8(repeating: 255))
            UnsafeMutableRawPointer(target + x).storeBytes(of: SIMD8<UInt8>(truncatingIfNeeded: values), as: SIMD8<UInt8>.self)
            x &+= 8
        }
    }

    /// a₀b₀a₁b₁…, so that each product's neighbour is the one to add it to.
    @inline(__always)
    private static func interleaved(_ a: SIMD4<Int16>, _ b: SIMD4<Int16>) -> SIMD8<Int16> {
        var both = SIMD8<Int16>.zero
        both.evenHalf = a
        both.oddHalf = b
        return both
    }

    /// Products of neighbours, added.
    @inline(__always)
    private static func pairSums(_ samples: SIMD8<Int16>, _ factors: SIMD8<Int16>) -> SIMD4<Int32> {
        let products = SIMD8<Int32>(truncatingIfNeeded: samples) &* SIMD8<Int32>(truncatingIfNeeded: factors)
        return products.evenHalf &+ products.oddHalf
    }
}
