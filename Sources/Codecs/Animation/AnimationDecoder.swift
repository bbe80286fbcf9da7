import Imaging

/// The frames of an animation, each composed to a whole picture, one after another: never more than one is held.
protocol AnimationFrames: ~Copyable {
    /// Composes the next frame and returns how long it is shown, in milliseconds; nil where there is none.
    mutating func next() throws(CodecError) -> Int?

    /// The composed picture: width × height of R, G, B and straight alpha, rows without padding.
    func withPixels(_ body: (UnsafePointer<UInt8>) -> Void)
}

/// One frame that was kept.
package struct AnimationFrame {
    /// RGB with straight alpha (nil where all is opaque), as stored: the orientation is not applied.
    package let raster: Raster
    /// The part of the raster that the picture covers, from its first sample.
    package let extent: PixelRect
    /// Milliseconds from the beginning.
    package let start: Int

    package init(raster: Raster, extent: PixelRect, start: Int) {
        self.raster = raster
        self.extent = extent
        self.start = start
    }
}

/// Decodes all frames of an animated picture (`ImageInfo.animation`), scaled down as a still is.
package enum AnimationDecoder {
    /// Hands each frame that is kept to `take`, in order. A file that is damaged behind its first frame ends there.
    ///
    /// - Parameters:
    ///   - minimum: frames come at a size from this (in stored axes) to the stored size.
    ///   - every: of so many frames the first is kept; it is shown as long as they all.
    /// - Returns: milliseconds of the whole.
    /// - Throws: `CodecError` where not even the first frame can be decoded; what `take` throws.
    package static func decode(
        _ file: ImageFile, info: ImageInfo, atLeast minimum: PixelSize, every: Int, _ take: (AnimationFrame) throws -> Void
    ) throws -> Int {
        try file.withBytes { (bytes) throws -> Int in
            switch info.format {
            case .gif: try play(try GIFFrames(bytes, size: info.storedSize), info, minimum, every, take)
            case .webp: try play(try WebPFrames(bytes, size: info.storedSize), info, minimum, every, take)
            default: throw CodecError.unsupported(info.format, .init(.frames))
            }
        }
    }

    private static func play<Frames: AnimationFrames & ~Copyable>(
        _ frames: consuming Frames, _ info: ImageInfo, _ minimum: PixelSize, _ every: Int, _ take: (AnimationFrame) throws -> Void
    ) throws -> Int {
        let factor = BoxReduction.factor(from: info.storedSize, atLeast: minimum)
        let extent = PixelRect(
            x: 0, y: 0, width: Double(info.storedSize.width) / Double(factor), height: Double(info.storedSize.height) / Double(factor))
        var clock = 0
        for number in 0..<info.frameCount {
            guard let duration = try nextFrame(&frames, isFirst: number == 0) else { break }
            if number.isMultiple(of: every) {
                try take(AnimationFrame(raster: reduced(frames, info.storedSize, factor), extent: extent, start: clock))
            }
            clock += duration
        }
        return clock
    }

    /// What came before a frame that is damaged is kept.
    private static func nextFrame<Frames: AnimationFrames & ~Copyable>(
        _ frames: inout Frames, isFirst: Bool
    ) throws(CodecError) -> Int? {
        do throws(CodecError) {
            return try frames.next()
        } catch .truncated where !isFirst {
            return nil
        } catch .corrupt where !isFirst {
            return nil
        }
    }

    private static func reduced<Frames: AnimationFrames & ~Copyable>(
        _ frames: borrowing Frames, _ size: PixelSize, _ factor: Int
    ) -> Raster {
        var reduction = BoxReduction(stored: size, factor: factor, channels: 4, hasAlpha: true)
        frames.withPixels { pixels in
            for y in 0..<size.height { reduction.add(pixels + y * size.width * 4) }
        }
        return reduction.finish(.rgb)
    }

    /// Bytes that `decode` takes at its peak, one frame's raster included.
    package static func workingBytes(_ info: ImageInfo, atLeast minimum: PixelSize) -> Int {
        let factor = BoxReduction.factor(from: info.storedSize, atLeast: minimum)
        let reduced = BoxReduction.reducedSize(of: info.storedSize, by: factor).area * 4
        // The picture and what it goes back to; a WebP frame is decoded beside them, a lossless one as a whole.
        let pictures = info.storedSize.area * (info.format == .webp ? 13 : 8)
        return pictures + reduced + info.storedSize.width * 24 + 256 << 10
    }
}
