import CHEIF
import Foundation

/// What numbers mean in a coded picture: code points of ITU-T H.273.
struct HEIFColor: Equatable {
    var primaries = 1
    var transfer = 13
    var matrix = 6
    var isFullRange = true

    /// What MIAF (ISO/IEC 23000-22) takes for granted where nothing is said: sRGB, BT.601 matrix, full range.
    init() {}

    init(_ nclx: heif_color_profile_nclx) {
        primaries = Int(nclx.color_primaries.rawValue)
        transfer = Int(nclx.transfer_characteristics.rawValue)
        matrix = Int(nclx.matrix_coefficients.rawValue)
        isFullRange = nclx.full_range_flag != 0
    }

    /// Shares of red and blue in luma; nil for matrices that are not of that kind.
    var lumaShares: (red: Double, blue: Double)? {
        switch matrix {
        case 1: (0.2126, 0.0722)
        case 9: (0.2627, 0.0593)
        case 4: (0.30, 0.11)
        case 7: (0.212, 0.087)
        case 2, 5, 6: (0.299, 0.114)
        default: nil
        }
    }

    /// An ICC profile of the primaries and the transfer; nil where they are sRGB's or unknown.
    func profile() -> [UInt8]? {
        let space: ICCProfile.Primaries
        switch primaries {
        case 9: space = .bt2020
        case 11, 12: space = .displayP3
        default: space = .bt709
        }
        switch transfer {
        case 4: return ICCProfile.make(primaries: space, exponent: 2.2, isGray: false)
        case 5: return ICCProfile.make(primaries: space, exponent: 2.8, isGray: false)
        case 8: return ICCProfile.make(primaries: space, exponent: 1, isGray: false)
        case 16: return ICCProfile.make(primaries: space, isGray: false) { Self.toneMapped(Self.pq($0) * 10_000 / Self.diffuseWhite) }
        case 18: return ICCProfile.make(primaries: space, isGray: false) { Self.toneMapped(Self.hlg($0) * 1_000 / Self.diffuseWhite) }
        default:
            // Photos that name the curve of BT.709 or BT.2020 are looked at as if it were sRGB's, as browsers do.
            return space == .bt709 ? nil : ICCProfile.make(primaries: space, isGray: false, intensity: Self.sRGB)
        }
    }

    /// Luminance of white in HDR pictures, cd/m² (ITU-R BT.2408).
    private static let diffuseWhite = 203.0

    /// Light above white is rolled off so that 1,000 cd/m² is just white (Reinhard's extended operator, a channel at a time).
    private static func toneMapped(_ light: Double) -> Double {
        let brightest = 1_000 / diffuseWhite
        return min(1, light * (1 + light / (brightest * brightest)) / (1 + light))
    }

    /// IEC 61966-2-1.
    private static func sRGB(_ v: Double) -> Double { v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4) }

    /// SMPTE ST 2084: 1 is 10,000 cd/m².
    private static func pq(_ v: Double) -> Double {
        let (m1, m2, c1, c2, c3) = (1305.0 / 8192, 2523.0 / 32, 107.0 / 128, 2413.0 / 128, 2392.0 / 128)
        let p = pow(v, 1 / m2)
        return pow(max(0, p - c1) / (c2 - c3 * p), 1 / m1)
    }

    /// ITU-R BT.2100 hybrid log-gamma with the display's gamma of 1.2 for 1,000 cd/m², a channel at a time.
    private static func hlg(_ v: Double) -> Double {
        let (a, b, c) = (0.17883277, 0.28466892, 0.55991073)
        return pow(v <= 0.5 ? v * v / 3 : (exp((v - c) / a) + b) / 12, 1.2)
    }
}
