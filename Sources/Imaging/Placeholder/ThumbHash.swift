import Foundation

/// Evan Wallace's ThumbHash: about 25 bytes that draw a blurred picture with its aspect and its transparency.
///
/// A two-dimensional cosine transform of luminance (up to 7×7 terms, fewer on the short side), of two colour differences
/// (3×3) and of alpha (5×5, only where there is any), whose terms are kept as nibbles scaled by the largest.
public enum ThumbHash {
    /// The longest side that a hash is made of; a larger picture says no more.
    public static let longestSide = 100

    /// - Parameter raster: RGB with straight alpha, at most 100 pixels a side.
    /// - Returns: 5 to 37 bytes.
    public static func hash(of raster: Raster) -> [UInt8] {
        precondition(raster.model == .rgb && raster.size.longSide <= longestSide)
        let channels = Channels(raster)
        let (width, height, longest) = (raster.size.width, raster.size.height, raster.size.longSide)
        // Alpha's own terms are paid for with luminance's.
        let limit = channels.hasAlpha ? 5 : 7
        let termsX = max(1, Int((Double(limit * width) / Double(longest)).rounded()))
        let termsY = max(1, Int((Double(limit * height) / Double(longest)).rounded()))
        let luminance = CosineTerms(channels.luminance, size: raster.size, termsX: max(3, termsX), termsY: max(3, termsY))
        let yellowBlue = CosineTerms(channels.yellowBlue, size: raster.size, termsX: 3, termsY: 3)
        let redGreen = CosineTerms(channels.redGreen, size: raster.size, termsX: 3, termsY: 3)

        let isLandscape = width > height
        var header = quantized(luminance.mean, 63)
        header |= quantized(0.5 + 0.5 * yellowBlue.mean, 63) << 6
        header |= quantized(0.5 + 0.5 * redGreen.mean, 63) << 12
        header |= quantized(luminance.scale, 31) << 18
        header |= (channels.hasAlpha ? 1 : 0) << 23
        var shape = isLandscape ? termsY : termsX
        shape |= quantized(yellowBlue.scale, 63) << 3
        shape |= quantized(redGreen.scale, 63) << 9
        shape |= (isLandscape ? 1 : 0) << 15

        var bytes = [header, header >> 8, header >> 16, shape, shape >> 8].map { UInt8(truncatingIfNeeded: $0) }
        var nibbles = luminance.nibbles + yellowBlue.nibbles + redGreen.nibbles
        if channels.hasAlpha {
            let alpha = CosineTerms(channels.alpha, size: raster.size, termsX: 5, termsY: 5)
            bytes.append(UInt8(quantized(alpha.mean, 15) | quantized(alpha.scale, 15) << 4))
            nibbles += alpha.nibbles
        }
        for start in stride(from: 0, to: nibbles.count, by: 2) {
            bytes.append(nibbles[start] | (start + 1 < nibbles.count ? nibbles[start + 1] << 4 : 0))
        }
        return bytes
    }

    fileprivate static func quantized(_ value: Double, _ top: Int) -> Int {
        max(0, min(top, Int((value * Double(top)).rounded())))
    }
}

/// The picture over its own mean colour, in the hash's opponent colours, 0...1 (differences −1...1).
private struct Channels {
    var luminance: [Double] = []
    var yellowBlue: [Double] = []
    var redGreen: [Double] = []
    var alpha: [Double] = []
    let hasAlpha: Bool

    init(_ raster: Raster) {
        let size = raster.size
        var pixels: [(color: SIMD4<Double>, alpha: Double)] = []
        pixels.reserveCapacity(size.area)
        var sum = SIMD4<Double>.zero
        var coverage = 0.0
        for y in 0..<size.height {
            for x in 0..<size.width {
                let color = SIMD4(Double(raster.planes[0][x, y]), Double(raster.planes[1][x, y]), Double(raster.planes[2][x, y]), 0) / 255
                let alpha = raster.alpha.map { Double($0[x, y]) / 255 } ?? 1
                pixels.append((color, alpha))
                sum += color * alpha
                coverage += alpha
            }
        }
        let mean = coverage > 0 ? sum / coverage : sum
        hasAlpha = coverage < Double(size.area)
        for (color, coverage) in pixels {
            let shown = mean * (1 - coverage) + color * coverage
            luminance.append((shown[0] + shown[1] + shown[2]) / 3)
            yellowBlue.append((shown[0] + shown[1]) / 2 - shown[2])
            redGreen.append(shown[0] - shown[1])
            alpha.append(coverage)
        }
    }
}

/// The low-frequency corner of a channel's cosine transform: the triangle of terms below the anti-diagonal.
private struct CosineTerms {
    private(set) var mean = 0.0
    /// The largest term's magnitude, which the others are relative to.
    private(set) var scale = 0.0
    private var terms: [Double] = []

    init(_ channel: [Double], size: PixelSize, termsX: Int, termsY: Int) {
        let (width, height) = (size.width, size.height)
        // Sums along the rows first: each is used for every vertical frequency.
        var rowSums = [[Double]](repeating: [Double](repeating: 0, count: height), count: termsX)
        for frequency in 0..<termsX {
            let cosines = Self.cosines(frequency, width)
            for y in 0..<height {
                var sum = 0.0
                for x in 0..<width { sum += channel[y * width + x] * cosines[x] }
                rowSums[frequency][y] = sum
            }
        }
        for frequencyY in 0..<termsY {
            let cosines = Self.cosines(frequencyY, height)
            var frequencyX = 0
            while frequencyX * termsY < termsX * (termsY - frequencyY) {
                var sum = 0.0
                for y in 0..<height { sum += rowSums[frequencyX][y] * cosines[y] }
                sum /= Double(size.area)
                if frequencyX == 0 && frequencyY == 0 {
                    mean = sum
                } else {
                    terms.append(sum)
                    scale = max(scale, abs(sum))
                }
                frequencyX += 1
            }
        }
    }

    var nibbles: [UInt8] {
        terms.map { UInt8(ThumbHash.quantized(scale > 0 ? 0.5 + 0.5 * $0 / scale : 0, 15)) }
    }

    private static func cosines(_ frequency: Int, _ count: Int) -> [Double] {
        (0..<count).map { cos(Double.pi / Double(count) * Double(frequency) * (Double($0) + 0.5)) }
    }
}
