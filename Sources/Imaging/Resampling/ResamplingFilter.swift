import Foundation

/// A reconstruction filter for resampling, a function of the distance from a sample's centre; it is stretched by the
/// reduction, so that it also is the low-pass filter that keeps aliases out.
public enum ResamplingFilter: Sendable, Hashable, CaseIterable {
    /// The windowed sinc of three lobes: the sharpest, with a little ringing.
    case lanczos3
    /// Mitchell and Netravali's cubic with B = C = 1/3 (SIGGRAPH 1988): softer, hardly any ringing.
    case mitchell

    /// Distance beyond which the filter is zero, in samples of the smaller raster.
    public var support: Double {
        switch self {
        case .lanczos3: 3
        case .mitchell: 2
        }
    }

    /// The filter's exact value at a distance.
    public func value(at distance: Double) -> Double {
        let x = abs(distance)
        guard x < support else { return 0 }
        switch self {
        case .lanczos3:
            guard x > 1e-9 else { return 1 }
            let t = Double.pi * x
            return 3 * sin(t) * sin(t / 3) / (t * t)
        case .mitchell:
            return x < 1
                ? (21 * x * x * x - 36 * x * x + 16) / 18
                : (-7 * x * x * x + 36 * x * x - 60 * x + 32) / 18
        }
    }

    /// Values at distances in steps of 1/`tableDensity`, one more than reach the support, for linear interpolation.
    var table: [Float] {
        switch self {
        case .lanczos3: Self.lanczos3Table
        case .mitchell: Self.mitchellTable
        }
    }

    /// Table steps to one sample: the interpolation's error stays far below the 14 bits of the weights.
    static let tableDensity = 512
    private static let lanczos3Table = tabulate(.lanczos3)
    private static let mitchellTable = tabulate(.mitchell)

    private static func tabulate(_ filter: ResamplingFilter) -> [Float] {
        (0...Int(filter.support) * tableDensity + 1).map { Float(filter.value(at: Double($0) / Double(tableDensity))) }
    }
}
