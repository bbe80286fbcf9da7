import CWebP
import Imaging

/// The RIFF container of a WebP file: canvas, frames and metadata chunks. The bytes must outlive it.
final class WebPContainer {
    private let demuxer: OpaquePointer
    let canvas: PixelSize
    let frameCount: Int

    init(_ bytes: UnsafeRawBufferPointer) throws(CodecError) {
        var data = WebPData(bytes: bytes.assumingMemoryBound(to: UInt8.self).baseAddress, size: bytes.count)
        var state = WEBP_DEMUX_PARSING_HEADER
        let demuxer = WebPDemuxPartial(&data, &state)
        guard state == WEBP_DEMUX_DONE, let demuxer else {
            WebPDemuxDelete(demuxer)
            throw state == WEBP_DEMUX_PARSE_ERROR ? .corrupt(.webp, .init(.container)) : .truncated(.webp)
        }
        let (width, height) = (Int(WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH)), Int(WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT)))
        guard width > 0, height > 0 else {
            WebPDemuxDelete(demuxer)
            throw .corrupt(.webp, .init(.canvas))
        }
        self.demuxer = demuxer
        canvas = PixelSize(width: width, height: height)
        frameCount = Int(WebPDemuxGetI(demuxer, WEBP_FF_FRAME_COUNT))
    }

    deinit { WebPDemuxDelete(demuxer) }

    /// How the frames play. Durations are read from the chunks themselves (RFC 9649 section 2.7.1.1): the demuxer looks for each frame
    /// from the first on.
    func animation(_ bytes: UnsafeRawBufferPointer) -> AnimationInfo {
        var duration = 0
        var offset = 12
        while let length = bytes.littleEndian(UInt32.self, at: offset + 4).map(Int.init), let name = bytes.brand(at: offset) {
            // Three bytes at 12, and one of flags.
            if name == "ANMF", let word = bytes.littleEndian(UInt32.self, at: offset + 20) {
                duration += AnimationInfo.shownMilliseconds(Int(word & 0xFF_FFFF))
            }
            offset += 8 + length + length % 2
        }
        return AnimationInfo(duration: duration, plays: Int(WebPDemuxGetI(demuxer, WEBP_FF_LOOP_COUNT)))
    }

    /// The payload of the first metadata chunk of this name.
    func chunk(_ name: String) -> UnsafeRawBufferPointer? {
        var iterator = WebPChunkIterator()
        guard WebPDemuxGetChunk(demuxer, name, 1, &iterator) != 0 else { return nil }
        defer { WebPDemuxReleaseChunkIterator(&iterator) }
        return UnsafeRawBufferPointer(start: iterator.chunk.bytes, count: iterator.chunk.size)
    }

    /// One frame's bitstream and its place on the canvas.
    struct Frame {
        let bytes: UnsafeRawBufferPointer
        let x: Int
        let y: Int
        let size: PixelSize
        let hasAlpha: Bool
        let isLossy: Bool

        func covers(_ canvas: PixelSize) -> Bool { x == 0 && y == 0 && size == canvas }
        /// Whether it is decoded to YCbCr planes.
        func isPlanar(_ canvas: PixelSize) -> Bool { isLossy && !hasAlpha && covers(canvas) }
    }

    func firstFrame() throws(CodecError) -> Frame {
        var iterator = WebPIterator()
        guard WebPDemuxGetFrame(demuxer, 1, &iterator) != 0 else { throw .truncated(.webp) }
        defer { WebPDemuxReleaseIterator(&iterator) }
        var features = WebPBitstreamFeatures()
        guard WebPGetFeatures(iterator.fragment.bytes, iterator.fragment.size, &features) == VP8_STATUS_OK else {
            throw .corrupt(.webp, .init(.frameHeader))
        }
        guard iterator.complete != 0 else { throw .truncated(.webp) }
        guard features.width > 0, features.height > 0, features.width == iterator.width, features.height == iterator.height else {
            throw .corrupt(.webp, .init(.frameSize))
        }
        return Frame(
            bytes: UnsafeRawBufferPointer(start: iterator.fragment.bytes, count: iterator.fragment.size), x: Int(iterator.x_offset),
            y: Int(iterator.y_offset), size: PixelSize(width: Int(features.width), height: Int(features.height)),
            hasAlpha: features.has_alpha != 0, isLossy: features.format != 2)
    }
}
