import CLCMS2
import Imaging
import Synchronization

/// Brings colours to sRGB by the ICC profile (ICC.1:2022) that a file embeds, with Little CMS.
///
/// A profile that is broken, or is of another colour space than the picture, is ignored as browsers do: the picture is then
/// taken for sRGB (or for the plainest CMYK). Safe to call from several threads at once.
public enum ICCConverter {
    /// Whether `convert` would change a picture of this model: the profile is usable and differs from sRGB by more than
    /// two levels of 255 somewhere, or the picture is CMYK.
    public static func needsConversion(profile: [UInt8]?, model: ColorModel) -> Bool {
        if model == .cmyk { return true }
        guard let profile, profile.count <= largestProfile else { return false }
        let key = VerdictKey(profile: profile, isGray: model == .gray)
        if let known = verdicts.withLock({ $0[key] }) { return known }
        let verdict = differsFromSRGB(profile, model)
        verdicts.withLock {
            if $0.count >= mostVerdicts { $0.removeAll() }
            $0[key] = verdict
        }
        return verdict
    }

    /// The picture in sRGB: `.rgb` from RGB, YCbCr and CMYK, `.gray` from gray. Alpha is kept as it is. Without a usable
    /// profile CMYK is converted by its plainest meaning (red = paper × (1 − cyan)), and the rest is returned as it came.
    public static func convert(_ raster: Raster, profile: [UInt8]?) throws(CodecError) -> Raster {
        guard let transform = profile.flatMap({ ICCTransform(profile: $0, model: raster.model) }) else {
            return raster.model == .cmyk ? raster.convertedToRGB() : raster
        }
        return converted(raster.model == .ycbcr ? raster.convertedToRGB() : raster, by: transform)
    }

    /// Profiles of printing presses reach 3 MB.
    private static let largestProfile = 8 << 20
    private static let mostVerdicts = 64

    private struct VerdictKey: Hashable {
        let profile: [UInt8]
        let isGray: Bool
    }
    private static let verdicts = Mutex<[VerdictKey: Bool]>([:])

    private static func differsFromSRGB(_ profile: [UInt8], _ model: ColorModel) -> Bool {
        guard let transform = ICCTransform(profile: profile, model: model) else { return false }
        var grid: [UInt8] = []
        if model == .gray {
            grid = (0...255).map { UInt8($0) }
        } else {
            let levels = stride(from: 0, through: 255, by: 15).map { UInt8($0) }
            for red in levels { for green in levels { for blue in levels { grid += [red, green, blue] } } }
        }
        var result = [UInt8](repeating: 0, count: grid.count)
        transform.run(grid, &result, pixels: model == .gray ? grid.count : grid.count / 3)
        return zip(grid, result).contains { abs(Int($0) - Int($1)) > 2 }
    }

    /// Row by row, since Little CMS wants interleaved samples.
    private static func converted(_ raster: Raster, by transform: borrowing ICCTransform) -> Raster {
        let (width, height) = (raster.size.width, raster.size.height)
        let inputs = raster.model.planeCount
        let model: ColorModel = raster.model == .gray ? .gray : .rgb
        let outputs = model.planeCount
        var input = [UInt8](repeating: 0, count: width * inputs)
        var output = [UInt8](repeating: 0, count: width * outputs)
        var planes = (0..<outputs).map { _ in [UInt8](repeating: 0, count: width * height) }
        for y in 0..<height {
            for channel in 0..<inputs {
                let plane = raster.planes[channel]
                plane.samples.withUnsafeBufferPointer { samples in
                    input.withUnsafeMutableBufferPointer { input in
                        let row = samples.baseAddress! + y * plane.stride
                        for x in 0..<width { input[x &* inputs &+ channel] = row[x] }
                    }
                }
            }
            transform.run(input, &output, pixels: width)
            for channel in 0..<outputs {
                planes[channel].withUnsafeMutableBufferPointer { plane in
                    output.withUnsafeBufferPointer { output in
                        let row = plane.baseAddress! + y * width
                        for x in 0..<width { row[x] = output[x &* outputs &+ channel] }
                    }
                }
            }
        }
        return Raster(
            size: raster.size, model: model, planes: planes.map { Plane(width: width, height: height, samples: $0) },
            alpha: raster.alpha)
    }
}
