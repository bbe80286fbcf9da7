import CLCMS2

/// Makes ICC profiles for files that say what their colours are in another way.
package enum ICCProfile {
    /// Chromaticities (CIE 1931 x, y) of a display's white and colours.
    package struct Primaries: Equatable {
        let white: cmsCIExyY
        let red: cmsCIExyY
        let green: cmsCIExyY
        let blue: cmsCIExyY

        /// x and y of white, red, green and blue, as a cHRM chunk has them.
        /// - Precondition: eight values.
        init(_ points: [Double]) {
            func point(_ index: Int) -> cmsCIExyY { cmsCIExyY(x: points[index * 2], y: points[index * 2 + 1], Y: 1) }
            (white, red, green, blue) = (point(0), point(1), point(2), point(3))
        }

        /// ITU-R BT.709, sRGB.
        package static let bt709 = Primaries([0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06])
        /// SMPTE EG 432-1 with white D65: Display P3.
        package static let displayP3 = Primaries([0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060])
        /// ITU-R BT.2020 and BT.2100.
        package static let bt2020 = Primaries([0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046])

        package static func == (a: Primaries, b: Primaries) -> Bool {
            zip([a.white, a.red, a.green, a.blue], [b.white, b.red, b.green, b.blue])
                .allSatisfy { abs($0.x - $1.x) < 0.001 && abs($0.y - $1.y) < 0.001 }
        }
    }

    /// A profile whose samples are (intensity)^(1/`exponent`); nil where that is sRGB as near as an eye sees, or no profile
    /// can be made of such values.
    package static func make(primaries: Primaries, exponent: Double, isGray: Bool) -> [UInt8]? {
        guard exponent >= 0.2, exponent <= 10 else { return nil }
        if isGray ? abs(exponent - 2.2) < 0.05 : abs(exponent - 2.2) < 0.05 && primaries == .bt709 { return nil }
        return make(primaries: primaries, curve: cmsBuildGamma(nil, exponent), isGray: isGray)
    }

    /// A profile whose samples v (0 to 1) mean the linear light `intensity(v)` (0 to 1).
    package static func make(primaries: Primaries, isGray: Bool, intensity: (Double) -> Double) -> [UInt8]? {
        let steps = 1023
        let table = (0...steps).map { Float(min(1, max(0, intensity(Double($0) / Double(steps))))) }
        return make(primaries: primaries, curve: cmsBuildTabulatedToneCurveFloat(nil, UInt32(table.count), table), isGray: isGray)
    }

    /// Takes the curve and frees it.
    private static func make(primaries: Primaries, curve: OpaquePointer?, isGray: Bool) -> [UInt8]? {
        guard let curve else { return nil }
        defer { cmsFreeToneCurve(curve) }
        var white = primaries.white
        let profile: cmsHPROFILE?
        if isGray {
            profile = cmsCreateGrayProfile(&white, curve)
        } else {
            var colors = cmsCIExyYTRIPLE(Red: primaries.red, Green: primaries.green, Blue: primaries.blue)
            let curves: [OpaquePointer?] = [curve, curve, curve]
            profile = curves.withUnsafeBufferPointer { cmsCreateRGBProfile(&white, &colors, $0.baseAddress!) }
        }
        guard let profile else { return nil }
        defer { cmsCloseProfile(profile) }
        var count: UInt32 = 0
        guard cmsSaveProfileToMem(profile, nil, &count) != 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(count))
        return cmsSaveProfileToMem(profile, &bytes, &count) != 0 ? bytes : nil
    }
}
