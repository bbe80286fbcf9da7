import Foundation

extension Raster {
    /// Blurred by a Gaussian; edges go on as their last sample. Subsampled planes are blurred by as much less.
    ///
    /// - Parameter sigma: standard deviation in pixels of the raster; 0 changes nothing. Alpha must be premultiplied.
    public func blurred(sigma: Double) -> Raster {
        guard sigma > 0 else { return self }
        return Raster(
            size: size, model: model,
            planes: planes.map { plane in
                plane.blurred(
                    sigmaX: sigma * Raster.scale(of: plane.width, to: size.width),
                    sigmaY: sigma * Raster.scale(of: plane.height, to: size.height))
            }, alpha: alpha?.blurred(sigmaX: sigma, sigmaY: sigma))
    }
}

extension Plane {
    /// Blurred by a Gaussian of these standard deviations in samples; edges go on as their last sample.
    public func blurred(sigmaX: Double, sigmaY: Double) -> Plane {
        // The same pass twice, on rows and on columns that were turned into rows.
        blurredRows(sigma: sigmaX).oriented(.leftMirrored).blurredRows(sigma: sigmaY).oriented(.leftMirrored)
    }

    private func blurredRows(sigma: Double) -> Plane {
        guard sigma > 0.05 else { return self }
        let kernel = GaussianKernel(sigma: sigma)
        let stride = Self.paddedStride(width)
        let samples = [UInt8](unsafeUninitializedCapacity: stride * height) { target, count in
            self.samples.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    kernel.apply(source.baseAddress! + y * self.stride, to: target.baseAddress! + y * stride, count: width)
                    (target.baseAddress! + y * stride + width).update(repeating: 0, count: stride - width)
                }
            }
            count = stride * height
        }
        return Plane(width: width, height: height, stride: stride, samples: samples)
    }
}

/// A Gaussian on one row: narrow ones by their true weights, wide ones by three running means of the same variance, whose
/// cost does not grow with the width (three are within 3 % of a Gaussian).
private struct GaussianKernel {
    private enum Form {
        /// From the middle outwards, in 16-bit fixed point; the sum on both sides is 65,536.
        case weights([UInt32])
        /// Samples on each side of the middle, of three means.
        case means([Int])
    }
    private let form: Form
    /// Samples beyond each end that are read.
    private let reach: Int

    init(sigma: Double) {
        if sigma < 2.5 {
            let radius = max(1, Int((3 * sigma).rounded(.up)))
            let raw = (0...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
            let sum = raw[0] + 2 * raw.dropFirst().reduce(0, +)
            var weights = raw.map { UInt32(($0 / sum * 65_536).rounded()) }
            weights[0] = 65_536 - 2 * weights.dropFirst().reduce(0, +)
            form = .weights(weights)
            reach = radius
        } else {
            // A mean of 2r + 1 samples has the variance r(r + 1)/3; of three, some are one wider so that the sum comes nearest.
            let wanted = sigma * sigma
            let narrow = max(1, Int(((1 + 4 * wanted).squareRoot() - 1) / 2))
            let variance = { (radius: Int) in Double(radius * (radius + 1)) / 3 }
            let wider = (0...3).min { a, b in
                let of = { (count: Int) in abs(variance(narrow) * Double(3 - count) + variance(narrow + 1) * Double(count) - wanted) }
                return of(a) < of(b)
            }!
            let radii = (0..<3).map { narrow + ($0 < wider ? 1 : 0) }
            form = .means(radii)
            reach = radii.reduce(0, +)
        }
    }

    func apply(_ row: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, count: Int) {
        let length = count + 2 * reach
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 2 * length) { buffer in
            // Eight bits of fraction, so that three roundings leave no trace.
            let first = buffer.baseAddress!
            let second = first + length
            for x in 0..<length { (first + x).initialize(to: UInt16(row[min(max(x - reach, 0), count - 1)]) << 8) }
            second.initialize(repeating: 0, count: length)
            switch form {
            case .weights(let weights): Self.convolve(first, to: target, count: count, weights)
            case .means(let radii):
                Self.mean(first, to: second, count: length - 2 * radii[0], radius: radii[0])
                Self.mean(second, to: first, count: length - 2 * radii[0] - 2 * radii[1], radius: radii[1])
                Self.mean(first, to: second, count: count, radius: radii[2])
                for x in 0..<count { target[x] = UInt8(truncatingIfNeeded: min(255, (UInt32(second[x]) + 128) >> 8)) }
            }
        }
    }

    private static func convolve(
        _ source: UnsafePointer<UInt16>, to target: UnsafeMutablePointer<UInt8>, count: Int, _ weights: [UInt32]
    ) {
        let reach = weights.count - 1
        weights.withUnsafeBufferPointer { weights in
            for x in 0..<count {
                let middle = source + x + reach
                // Whole samples are multiplied: the fraction is zero here, and 8 + 16 bits stay within 32.
                var sum = UInt32(middle[0] >> 8) &* weights[0] &+ 32_768
                for tap in 1...reach { sum &+= (UInt32(middle[tap] >> 8) &+ UInt32(middle[-tap] >> 8)) &* weights[tap] }
                target[x] = UInt8(truncatingIfNeeded: sum >> 16)
            }
        }
    }

    /// Means of `2 · radius + 1` samples; `source` has `count + 2 · radius` of them.
    private static func mean(_ source: UnsafePointer<UInt16>, to target: UnsafeMutablePointer<UInt16>, count: Int, radius: Int) {
        let width = 2 * radius + 1
        let reciprocal = UInt64((4_294_967_296.0 / Double(width)).rounded())
        var sum: UInt64 = 0
        for x in 0..<width { sum += UInt64(source[x]) }
        for x in 0..<count {
            target[x] = UInt16(truncatingIfNeeded: min(65_535, (sum &* reciprocal &+ (1 << 31)) >> 32))
            if x + 1 < count { sum = sum &+ UInt64(source[x + width]) &- UInt64(source[x]) }
        }
    }
}
