import CLCMS2
import Imaging

/// A Little CMS transform from a profile's colours to sRGB, 8 bits a sample, interleaved.
struct ICCTransform: ~Copyable {
    private let transform: cmsHTRANSFORM

    /// Nil where the profile is broken, or is not one of a picture of this model.
    init?(profile bytes: [UInt8], model: ColorModel) {
        guard let count = UInt32(exactly: bytes.count), count >= 128, let source = cmsOpenProfileFromMem(bytes, count) else {
            return nil
        }
        defer { cmsCloseProfile(source) }
        let space: cmsColorSpaceSignature
        let formats: (UInt32, UInt32)
        switch model {
        case .gray: (space, formats) = (cmsSigGrayData, (Self.format(PT_GRAY, 1), Self.format(PT_GRAY, 1)))
        case .ycbcr, .rgb: (space, formats) = (cmsSigRgbData, (Self.format(PT_RGB, 3), Self.format(PT_RGB, 3)))
        case .cmyk: (space, formats) = (cmsSigCmykData, (Self.format(PT_CMYK, 4), Self.format(PT_RGB, 3)))
        }
        guard cmsGetColorSpace(source).rawValue == space.rawValue, let target = model == .gray ? Self.sRGBGray() : cmsCreate_sRGBProfile()
        else { return nil }
        defer { cmsCloseProfile(target) }
        guard
            let transform = cmsCreateTransform(
                source, formats.0, target, formats.1, UInt32(INTENT_PERCEPTUAL), UInt32(cmsFLAGS_BLACKPOINTCOMPENSATION))
        else { return nil }
        self.transform = transform
    }

    deinit { cmsDeleteTransform(transform) }

    func run(_ input: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<UInt8>, pixels: Int) {
        cmsDoTransform(transform, input, output, UInt32(pixels))
    }

    /// Little CMS's pixel formats are macros, which Swift does not see: COLORSPACE_SH, CHANNELS_SH, BYTES_SH(1).
    private static func format(_ space: Int32, _ channels: UInt32) -> UInt32 { UInt32(space) << 16 | channels << 3 | 1 }

    /// Gray with the tone curve of sRGB (IEC 61966-2-1) and white D65.
    private static func sRGBGray() -> cmsHPROFILE? {
        let parameters: [Double] = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]
        guard let curve = cmsBuildParametricToneCurve(nil, 4, parameters) else { return nil }
        defer { cmsFreeToneCurve(curve) }
        var white = ICCProfile.Primaries.bt709.white
        return cmsCreateGrayProfile(&white, curve)
    }
}
