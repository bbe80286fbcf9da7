import Codecs
import Imaging

/// What a render takes, in bytes, at its peak.
enum RenderMemory {
    static func estimate(_ info: ImageInfo, decodedAtLeast minimum: PixelSize, steps: [CascadeStep], formats: Set<OutputFormat>) -> Int {
        let decoding = ImageDecoder.workingBytes(info, atLeast: minimum)
        let rasters = steps.map { $0.placement.target.area * bytesPerPixel }
        let fromDecoded = zip(steps, rasters).reduce(0) { $0 + ($1.0.source == nil ? $1.1 : 0) }
        // A step from the decoded picture is there twice while it is turned.
        let resampling = decoding + fromDecoded + (rasters.first ?? 0)
        let largest = steps.map(\.placement.target.area).max() ?? 0
        let encoding = rasters.reduce(0, +) + largest * (formats.map(encoderBytesPerPixel).max() ?? 0)
        return max(resampling, encoding) + fixed
    }

    /// Four channels at worst.
    private static let bytesPerPixel = 4
    /// Tables, filter rows, output bytes.
    private static let fixed = 2 << 20

    /// Of the encoder's own, the converted copy of the raster included; measured, rounded up.
    private static func encoderBytesPerPixel(_ format: OutputFormat) -> Int {
        switch format {
        case .jpeg: 12
        case .webp: 32
        case .png: 12
        case .avif: 64
        }
    }
}
