import CFFmpeg
import Imaging

/// A video as a still picture: its header, and the frame that makes its poster.
enum VideoDecoder: StillImageDecoder {
    static func readInfo(_ file: ImageFile) throws(CodecError) -> ImageInfo {
        let format = file.withBytes { ImageFormat(sniffing: $0) }
        guard let format, format.isVideo else { throw .unknownFormat }
        return try file.withBytes { bytes throws(CodecError) in
            if FileStructure.hasEncryptedPicture(bytes, format) { throw .encrypted(format) }
            do throws(CodecError) {
                var reader = try VideoReader(bytes, format: format, analyses: true, limits: file.videoLimits.forReader)
                // Such as a browser's recording, or one that was never closed. What tells of a transport stream's length are its first and
                // last times, and its clock may jump between them.
                if reader.leavesOut || format == .mpegTS { reader.measure() }
                let facts = reader.facts
                guard max(facts.width, facts.height) <= VideoLimits.side else {
                    throw .corrupt(format, .init(.videoSize, Int(facts.width), Int(facts.height)))
                }
                return info(facts, format)
            } catch let error where error.isPermanent && FileStructure.video(bytes, format) == .truncated {
                // Such as an index that is missing, which phones write last.
                throw .truncated(format)
            }
        }
    }

    /// The frame as stored, in square pixels: `ycbcr` as a raster has it (BT.601, full range), or `rgb` where the video is RGB or was
    /// tone-mapped from high dynamic range.
    static func decode(_ file: ImageFile, info: ImageInfo, atLeast minimum: PixelSize) throws(CodecError) -> Raster {
        let factor = BoxReduction.factor(from: info.storedSize, atLeast: minimum)
        let size = BoxReduction.reducedSize(of: info.storedSize, by: factor)
        return try file.withBytes { bytes throws(CodecError) in
            try VideoColor.raster(try openPoster(bytes, info: info, factor: factor, limits: file.videoLimits), size: size)
        }
    }

    /// A reader that keeps the poster.
    /// - Parameter factor: by which the decoder may reduce, as far as it can.
    static func openPoster(
        _ bytes: UnsafeRawBufferPointer, info: ImageInfo, factor: Int, limits: VideoLimits
    ) throws(CodecError) -> VideoReader {
        // A transport stream has no header, and an AVI's says nothing of reordered frames.
        let reader = try VideoReader(
            bytes, format: info.format, analyses: info.format == .mpegTS || info.format == .avi, limits: limits.forReader)
        try reader.start(halvings: factor.bitWidth - 1 - factor.leadingZeroBitCount)
        try keepPoster(reader, info: info)
        return reader
    }

    static func keepPoster(_ reader: borrowing VideoReader, info: ImageInfo) throws(CodecError) {
        guard try PosterSearch.keepPoster(reader, duration: info.video?.duration) else {
            throw .corrupt(info.format, .init(.noFrames))
        }
    }

    /// Frames that decoding refers back to, one being written, and the result.
    static func workingBytes(_ info: ImageInfo, atLeast minimum: PixelSize) -> Int {
        let coded = info.video?.codedSize ?? info.storedSize
        let result = BoxReduction.reducedSize(of: info.storedSize, by: BoxReduction.factor(from: info.storedSize, atLeast: minimum))
        // 4:2:0, two bytes a sample where there are more than 8 bits.
        let frame = coded.area * (info.bitDepth > 8 ? 6 : 3) / 2
        return frame * framesHeld + result.area * (info.bitDepth > 8 ? 9 : 6) + overhead
    }

    private static let framesHeld = 6
    /// The decoder's tables and the demuxer's index.
    private static let overhead = 8 << 20

    private static func info(_ facts: cffmpeg_info, _ format: ImageFormat) -> ImageInfo {
        let coded = PixelSize(width: Int(facts.width), height: Int(facts.height))
        let range = HighDynamicRange(transferCharacteristics: facts.transfer)
        let audio = text(facts.audio_codec)
        let video = VideoInfo(
            duration: facts.duration_ms > 0 ? Int(facts.duration_ms) : nil,
            frameRate: facts.frame_rate > 0 && facts.frame_rate <= VideoLimits.frameRate ? facts.frame_rate : nil,
            codec: text(facts.video_codec), audioCodec: audio.isEmpty ? nil : audio,
            bitRate: facts.bit_rate > 0 ? Int(facts.bit_rate) : nil,
            codedSize: coded, dynamicRange: range)
        return ImageInfo(
            format: format, storedSize: squared(coded, aspect: (facts.aspect_num, facts.aspect_den)),
            orientation: Orientation(displayMatrix: facts.matrix), bitDepth: range == nil ? 8 : 10, colorModel: .ycbcr, video: video)
    }

    /// The size in square pixels: the width follows, as players have it.
    private static func squared(_ coded: PixelSize, aspect: (num: Int32, den: Int32)) -> PixelSize {
        guard aspect.num > 0, aspect.den > 0 else { return coded }
        let ratio = Double(aspect.num) / Double(aspect.den)
        guard ratio <= VideoLimits.pixelAspect, ratio >= 1 / VideoLimits.pixelAspect else { return coded }
        return PixelSize(width: max(1, Int((Double(coded.width) * ratio).rounded())), height: coded.height)
    }

    private static func text<Characters>(_ characters: Characters) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension Orientation {
    /// From the display matrix a, b, c, d of a track (ISO/IEC 14496-12 section 8.3.2), of which every quarter turn and mirroring is
    /// known here; anything between counts as the nearest.
    package init(displayMatrix matrix: (Int32, Int32, Int32, Int32)) {
        let (a, b, c, d) = (Int64(matrix.0), Int64(matrix.1), Int64(matrix.2), Int64(matrix.3))
        if abs(a) + abs(d) >= abs(b) + abs(c) {
            self = a >= 0 ? (d >= 0 ? .up : .downMirrored) : (d >= 0 ? .upMirrored : .down)
        } else {
            self = b >= 0 ? (c >= 0 ? .leftMirrored : .right) : (c >= 0 ? .left : .rightMirrored)
        }
    }
}
