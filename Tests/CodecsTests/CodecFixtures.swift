import Codecs
import Foundation
import Imaging

/// A file that is gone when `body` returns.
func withFile<Result>(_ bytes: [UInt8], _ body: (ImageFile) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("agrovet-codecs-\(UUID().uuidString)")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(ImageFile(path: url.path))
}

/// Decodes at full size, or to at least `minimum`.
func decoded(_ bytes: [UInt8], atLeast minimum: PixelSize? = nil) throws -> (info: ImageInfo, raster: Raster) {
    try withFile(bytes) { file in
        let info = try ImageDecoder.readInfo(file)
        return (info, try ImageDecoder.decode(file, info: info, atLeast: minimum ?? info.storedSize))
    }
}

/// What reading the bytes fails with, header or pixels; nil where it does not.
func failure(_ bytes: [UInt8]) throws -> CodecError? {
    do {
        _ = try decoded(bytes)
        return nil
    } catch let error as CodecError {
        return error
    }
}

extension Raster {
    /// A picture with slopes, an edge and some texture.
    static func scene(_ width: Int, _ height: Int, alpha: Bool = false) -> Raster {
        func plane(_ value: (Int, Int) -> Int) -> Plane {
            var plane = Plane(width: width, height: height, filledWith: 0)
            for y in 0..<height { for x in 0..<width { plane[x, y] = UInt8(max(0, min(255, value(x, y)))) } }
            return plane
        }
        let red = plane { x, y in 40 + 180 * x / width + (x / 8 + y / 8) % 2 * 12 }
        let green = plane { x, y in x * 2 < width ? 60 + 150 * y / height : 200 - 120 * y / height }
        let blue = plane { x, y in 220 - 160 * (x + y) / (width + height) }
        return Raster(
            size: PixelSize(width: width, height: height), model: .rgb, planes: [red, green, blue],
            alpha: alpha ? plane { x, y in 255 * x / max(1, width - 1) } : nil)
    }

    /// Peak signal-to-noise ratio of the colour planes, in decibels.
    func psnr(to other: Raster) -> Double {
        guard size == other.size, planes.count == other.planes.count else { return 0 }
        var sum = 0.0
        for (a, b) in zip(planes, other.planes) {
            for y in 0..<a.height { for x in 0..<a.width { sum += pow(Double(a[x, y]) - Double(b[x, y]), 2) } }
        }
        let samples = planes.reduce(0) { $0 + $1.width * $1.height }
        return sum == 0 ? .infinity : 10 * log10(255 * 255 * Double(samples) / sum)
    }
}
