import Codecs

extension PipelineSettings {
    /// What a header says against the limits.
    ///
    /// - Throws: `CodecError.tooLarge` and `.tooLong`.
    func check(_ info: ImageInfo) throws(CodecError) {
        // Pixels that are not square are decoded as they are coded, and stretched afterwards.
        for size in [info.storedSize, info.video?.codedSize ?? info.storedSize] where size.area > maxPixels {
            throw .tooLarge(.init(width: size.width, height: size.height, allowedPixels: maxPixels))
        }
        if let duration = info.video?.duration, .milliseconds(duration) > maxVideoDuration {
            throw .tooLong(seconds: duration / 1000, allowed: Int(maxVideoDuration / .seconds(1)))
        }
    }
}
