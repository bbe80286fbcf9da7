import Imaging

/// One format's decoder: a namespace of pure functions from bytes to a header's facts or to pixels.
protocol StillImageDecoder {
    /// Reads the header only.
    static func readInfo(_ file: ImageFile) throws(CodecError) -> ImageInfo

    /// Decodes the first frame, as stored (orientation not applied), scaled down while decoding where the format can, to
    /// a size from `minimum` (in stored axes) to the stored size.
    static func decode(_ file: ImageFile, info: ImageInfo, atLeast minimum: PixelSize) throws(CodecError) -> Raster

    /// Bytes that `decode` takes at its peak, its result included.
    static func workingBytes(_ info: ImageInfo, atLeast minimum: PixelSize) -> Int
}

/// Reads a still picture of every format that is known here; a video's is its poster. The format is told from the bytes alone.
public enum ImageDecoder {
    /// - Throws: `CodecError.unknownFormat`, or what the format's own decoder says of the header.
    public static func readInfo(_ file: ImageFile) throws(CodecError) -> ImageInfo {
        guard let format = file.withBytes({ ImageFormat(sniffing: $0) }) else { throw .unknownFormat }
        return try decoder(of: format).readInfo(file)
    }

    /// The first frame as stored (see `ImageInfo.orientation`), decoded at a size from `minimum` (in stored axes) to the
    /// stored size.
    public static func decode(_ file: ImageFile, info: ImageInfo, atLeast minimum: PixelSize) throws(CodecError) -> Raster {
        try decoder(of: info.format).decode(file, info: info, atLeast: minimum)
    }

    /// Bytes that `decode` takes at its peak, its result included.
    public static func workingBytes(_ info: ImageInfo, atLeast minimum: PixelSize) -> Int {
        decoder(of: info.format).workingBytes(info, atLeast: minimum)
    }

    /// The part of a decoded raster, from its first sample, that the picture covers. Scaling by 1/k rounds sizes up and
    /// leaves the last row and column partly beyond the picture; libwebp and
    /// swscale stretch to the whole size instead.
    public static func extent(of decoded: PixelSize, info: ImageInfo) -> PixelRect {
        func length(_ count: Int, _ stored: Int) -> Double {
            guard info.format != .webp, !info.format.isVideo else { return Double(count) }
            let divisor = max(1, Int((Double(stored) / Double(count)).rounded(.up)))
            for candidate in [divisor - 1, divisor] where candidate > 0 && (stored + candidate - 1) / candidate == count {
                return Double(stored) / Double(candidate)
            }
            return Double(count)
        }
        return PixelRect(
            x: 0, y: 0, width: length(decoded.width, info.storedSize.width), height: length(decoded.height, info.storedSize.height))
    }

    private static func decoder(of format: ImageFormat) -> any StillImageDecoder.Type {
        switch format {
        case .jpeg: JPEGDecoder.self
        case .png: PNGDecoder.self
        case .webp: WebPDecoder.self
        case .gif: GIFDecoder.self
        case .heic, .avif: HEIFDecoder.self
        case .mp4, .mov, .threeGP, .webm, .matroska, .avi, .mpegTS: VideoDecoder.self
        }
    }
}
