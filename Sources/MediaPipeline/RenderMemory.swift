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

    /// What the frames of an animation take: one of them on its way down the cascade, an encoder a size, and the files that are made.
    ///
    /// - Parameter encoded: pixels of each size that is written.
    static func estimate(
        _ info: ImageInfo, _ plan: AnimationPlan, decodedAtLeast minimum: PixelSize, steps: [CascadeStep], encoded: [Int]
    ) -> Int {
        let decoding = AnimationDecoder.workingBytes(info, atLeast: minimum) + minimum.area * bytesPerPixel
        let rasters = steps.reduce(0) { $0 + $1.placement.target.area * bytesPerPixel }
        return decoding + rasters + animating(encoded, frames: plan.frames) + fixed
    }

    /// What the preview of a video takes.
    static func estimate(_ info: ImageInfo, _ clip: ClipPlan) -> Int {
        let decoding = ImageDecoder.workingBytes(info, atLeast: clip.decodedAtLeast)
        return decoding + clip.placement.target.area * bytesPerPixel * 2
            + animating([clip.placement.target.area], frames: clip.preview.frames)
            + fixed
    }

    private static func animating(_ encoded: [Int], frames: Int) -> Int {
        let (all, largest) = (encoded.reduce(0, +), encoded.max() ?? 0)
        // One is at work at a time. Files stand in their encoders until all frames are there, and are then put together one by one.
        let files = (all + largest) * frames / pixelsPerFileByte
        return all * WebPAnimationEncoder.bytesPerPixel + largest * encoderBytesPerPixel(.webp) + files
    }

    /// Pixels of a frame to a byte of an animated file, at worst; most frames take far less.
    private static let pixelsPerFileByte = 4
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
