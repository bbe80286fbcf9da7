import Foundation
import Imaging

/// High dynamic range to sRGB: light up to 1,000 cd/m² rolled off to that of white paper (203 cd/m², ITU-R BT.2408), by the curve of
/// ITU-R BT.2390 section 5.4 on luminance, so that hues stay; then BT.2020's primaries to BT.709's.
package struct ToneMapping {
    /// cd/m² of the mastering display that is assumed, and of what becomes white.
    private static let peak: Float = 1000
    private static let white: Float = 203
    private static let steps = 4096

    /// From a sample's upper 12 bits to light: cd/m² for PQ, 0 to 1 of the scene's for HLG.
    private let light: [Float]
    private let range: HighDynamicRange
    /// From luminance (as PQ code) to the factor that its colour is multiplied by; the result is 0 to 1.
    private let gain: [Float]
    /// From linear to sRGB's code.
    private let encoded: [UInt8]

    package init(_ range: HighDynamicRange) {
        self.range = range
        light = (0..<Self.steps).map { index in
            let code = Float(index) / Float(Self.steps - 1)
            return range == .pq ? PQ.light(code) : Self.hlgScene(code)
        }
        gain = (0..<Self.steps).map { index in
            let nits = PQ.light(Float(index) / Float(Self.steps - 1))
            return nits > 0 ? Self.rolledOff(nits) / nits / Self.white : 1 / Self.white
        }
        encoded = (0..<Self.steps).map { index in
            let linear = Float(index) / Float(Self.steps - 1)
            let code = linear <= 0.003_130_8 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055
            return UInt8((code * 255).rounded())
        }
    }

    /// - Parameters:
    ///   - samples: interleaved RGB of 16 bits in the transfer of the range.
    ///   - isWide: whether the primaries are BT.2020's.
    package func map(_ samples: [UInt16], size: PixelSize, isWide: Bool) -> Raster {
        var result = [UInt8](repeating: 0, count: size.area * 3)
        for index in stride(from: 0, to: size.area * 3, by: 3) {
            var color = SIMD3<Float>(
                light[Int(samples[index] >> 4)], light[Int(samples[index + 1] >> 4)], light[Int(samples[index + 2] >> 4)])
            var luminance = 0.2627 * color.x + 0.678 * color.y + 0.0593 * color.z
            if range == .hlg {
                // The system gamma of 1.2 for a display of 1,000 cd/m² (ITU-R BT.2100 table 5).
                color *= Self.peak * pow(luminance, 0.2)
                luminance = Self.peak * pow(luminance, 1.2)
            }
            color *= gain[Self.index(PQ.code(luminance))]
            if isWide {
                color = SIMD3(
                    1.6605 * color.x - 0.5876 * color.y - 0.0728 * color.z, -0.1246 * color.x + 1.1329 * color.y - 0.0083 * color.z,
                    -0.0182 * color.x - 0.1006 * color.y + 1.1187 * color.z)
            }
            for channel in 0..<3 { result[index + channel] = encoded[Self.index(color[channel])] }
        }
        return VideoColor.interleaved(result, size)
    }

    /// Points on each side of `cube`; between them the mapping is all but straight.
    package static let cubeSide = 33

    /// The mapping at points that are evenly spaced in R′G′B′: interleaved RGB of 8 bits, red slowest.
    package func cube(isWide: Bool) -> [UInt8] {
        let side = Self.cubeSide
        let levels = (0..<side).map { UInt16($0 * 65_535 / (side - 1)) }
        var points: [UInt16] = []
        points.reserveCapacity(side * side * side * 3)
        for red in levels { for green in levels { for blue in levels { points += [red, green, blue] } } }
        let mapped = map(points, size: PixelSize(width: side * side, height: side), isWide: isWide)
        return (0..<points.count / 3).flatMap { point in
            mapped.planes.map { $0.samples[point / (side * side) * $0.stride + point % (side * side)] }
        }
    }

    private static func index(_ value: Float) -> Int { Int(max(0, min(1, value)) * Float(steps - 1) + 0.5) }

    /// ITU-R BT.2100 table 5: the inverse of the HLG OETF.
    private static func hlgScene(_ code: Float) -> Float {
        code <= 0.5 ? code * code / 3 : (exp((code - 0.559_910_73) / 0.178_832_77) + 0.284_668_92) / 12
    }

    /// ITU-R BT.2390 section 5.4.1, black level 0: linear up to a knee, then a Hermite spline to white.
    private static func rolledOff(_ nits: Float) -> Float {
        let source = PQ.code(peak)
        let most = PQ.code(white) / source
        let knee = 1.5 * most - 0.5
        let code = min(PQ.code(nits) / source, 1)
        guard code > knee else { return nits }
        let t = (code - knee) / (1 - knee)
        let (t2, t3) = (t * t, t * t * t)
        let mapped = (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * most
        return PQ.light(mapped * source)
    }
}

/// SMPTE ST 2084.
package enum PQ {
    private static let m1: Float = 0.159_301_76
    private static let m2: Float = 78.84375
    private static let c1: Float = 0.8359375
    private static let c2: Float = 18.851_562
    private static let c3: Float = 18.6875

    /// cd/m² of a code from 0 to 1.
    package static func light(_ code: Float) -> Float {
        let power = pow(code, 1 / m2)
        return 10_000 * pow(max(power - c1, 0) / (c2 - c3 * power), 1 / m1)
    }

    /// The code, 0 to 1, of a luminance in cd/m².
    package static func code(_ nits: Float) -> Float {
        let power = pow(max(nits, 0) / 10_000, m1)
        return pow((c1 + c2 * power) / (1 + c3 * power), m2)
    }
}
