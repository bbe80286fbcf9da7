import Imaging

/// A picture averaged down by a whole number while it is decoded, row by row: each result pixel is the mean of a box of
/// `factor` × `factor` stored ones (fewer at the right and lower edge), weighted by their alpha.
///
/// It stands in for the scaled decoding that JPEG has, so that a huge picture never is in memory as a whole.
struct BoxReduction {
    /// The size of the result.
    let size: PixelSize
    private let stored: PixelSize
    private let factor: Int
    /// Samples a pixel of the rows: the colour channels, and alpha last where there is one.
    private let channels: Int
    private let hasAlpha: Bool
    private var planes: [[UInt8]]
    private var sums: [UInt32]
    private var rowsSeen = 0

    /// A box has at most this side, so that sums stay within 32 bits: 128² × 255² < 2³².
    static let largestFactor = 128

    /// The greatest factor that leaves at least `minimum` of a picture of the size `stored`.
    static func factor(from stored: PixelSize, atLeast minimum: PixelSize) -> Int {
        max(1, min(stored.width / minimum.width, stored.height / minimum.height, largestFactor))
    }

    static func reducedSize(of stored: PixelSize, by factor: Int) -> PixelSize {
        PixelSize(width: (stored.width + factor - 1) / factor, height: (stored.height + factor - 1) / factor)
    }

    init(stored: PixelSize, factor: Int, channels: Int, hasAlpha: Bool) {
        self.stored = stored
        self.factor = factor
        self.channels = channels
        self.hasAlpha = hasAlpha
        size = Self.reducedSize(of: stored, by: factor)
        planes = (0..<channels).map { [size] _ in [UInt8](repeating: 0, count: size.area) }
        sums = factor == 1 ? [] : [UInt32](repeating: 0, count: size.width * channels)
    }

    /// Takes the next stored row: `stored.width` × `channels` interleaved samples.
    mutating func add(_ row: UnsafePointer<UInt8>) {
        if factor == 1 {
            spread(row)
        } else {
            sum(row)
            if (rowsSeen + 1).isMultiple(of: factor) || rowsSeen + 1 == stored.height { divide() }
        }
        rowsSeen += 1
    }

    /// The result, once all rows were taken. Alpha that is opaque everywhere is left out.
    consuming func finish(_ model: ColorModel) -> Raster {
        let alpha = hasAlpha ? planes.removeLast() : nil
        let isOpaque = alpha?.allSatisfy { $0 == 255 } ?? true
        return Raster(
            size: size, model: model,
            planes: planes.map { [size] in Plane(width: size.width, height: size.height, samples: $0) },
            alpha: isOpaque ? nil : alpha.map { [size] in Plane(width: size.width, height: size.height, samples: $0) })
    }

    private mutating func spread(_ row: UnsafePointer<UInt8>) {
        let (start, channels, width) = (rowsSeen * size.width, channels, size.width)
        for channel in 0..<channels {
            planes[channel].withUnsafeMutableBufferPointer { plane in
                let out = plane.baseAddress! + start
                for x in 0..<width { out[x] = row[x &* channels &+ channel] }
            }
        }
    }

    private mutating func sum(_ row: UnsafePointer<UInt8>) {
        let (channels, colors, factor, width) = (channels, hasAlpha ? channels - 1 : channels, factor, stored.width)
        let hasAlpha = hasAlpha
        sums.withUnsafeMutableBufferPointer { sums in
            var input = row
            var out = sums.baseAddress!
            var x = 0
            while x < width {
                for _ in 0..<min(factor, width - x) {
                    let weight = hasAlpha ? UInt32(input[colors]) : 1
                    for channel in 0..<colors { out[channel] &+= UInt32(input[channel]) &* weight }
                    if hasAlpha { out[colors] &+= weight }
                    input += channels
                }
                out += channels
                x += factor
            }
        }
    }

    private mutating func divide() {
        let y = rowsSeen / factor
        let boxHeight = rowsSeen % factor + 1
        let colors = hasAlpha ? channels - 1 : channels
        for x in 0..<size.width {
            let pixels = UInt32(min(factor, stored.width - x * factor) * boxHeight)
            let weight = hasAlpha ? sums[x * channels + colors] : pixels
            for channel in 0..<colors where weight > 0 {
                planes[channel][y * size.width + x] = UInt8((sums[x * channels + channel] + weight / 2) / weight)
            }
            if hasAlpha { planes[colors][y * size.width + x] = UInt8((weight + pixels / 2) / pixels) }
        }
        for index in sums.indices { sums[index] = 0 }
    }
}
