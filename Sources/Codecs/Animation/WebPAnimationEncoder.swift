import CWebP
import Imaging

/// Writes an animated WebP frame by frame: only what changed is encoded, and a frame that changes nothing makes the one before last
/// longer. A single frame comes out as a still. Used by one thread.
package final class WebPAnimationEncoder {
    private let encoder: OpaquePointer
    private let size: PixelSize
    private let settings: EncodingSettings
    private var picture = WebPPicture()
    /// Flat art is written lossless, until a frame comes that is none.
    private var isFlatArt: Bool
    /// Milliseconds, of the file made and of the frames taken.
    private var clock: Int32 = 0
    private var lastStart = 0

    /// From one frame that has the whole picture to the next. What changes by less than the lossy quality shows is not encoded; it
    /// would add up. A frame in the span between both is encoded twice, to see which way is shorter.
    private static let keyframeDistance: (least: Int32, most: Int32) = (59, 60)
    /// What a frame's duration holds (24 bits, RFC 9649 section 2.7.1.1).
    private static let longestFrame = 1 << 24 - 2

    /// Bytes that it holds for each pixel of the picture: the frame, and three whole pictures to compare.
    package static let bytesPerPixel = 16

    /// - Parameters:
    ///   - plays: how often it plays; 0 for ever.
    ///   - settings: as for a still.
    package init(size: PixelSize, plays: Int, _ settings: EncodingSettings) throws(CodecError) {
        guard size.longSide <= WebPEncoder.longestSide else { throw .unsupported(.webp, "a side over \(WebPEncoder.longestSide) pixels") }
        var options = WebPAnimEncoderOptions()
        guard WebPAnimEncoderOptionsInit(&options) != 0 else { throw .failed("WebP: the library is of another version") }
        options.anim_params.loop_count = Int32(plays)
        // Transparent: what stands below shows until the first frame is there.
        options.anim_params.bgcolor = 0
        (options.kmin, options.kmax) = Self.keyframeDistance
        guard let encoder = WebPAnimEncoderNew(Int32(size.width), Int32(size.height), &options) else {
            throw .failed("WebP: no memory for an animation")
        }
        self.encoder = encoder
        self.size = size
        self.settings = settings
        isFlatArt = settings.isFlatArt
        guard WebPPictureInit(&picture) != 0 else { throw .failed("WebP: the library is of another version") }
        picture.use_argb = 1
        (picture.width, picture.height) = (Int32(size.width), Int32(size.height))
        guard WebPPictureAlloc(&picture) != 0 else { throw .failed("WebP: no memory") }
    }

    deinit {
        WebPPictureFree(&picture)
        WebPAnimEncoderDelete(encoder)
    }

    /// Takes the next frame.
    ///
    /// - Parameters:
    ///   - raster: of the encoder's size, upright, sRGB, with straight alpha.
    ///   - start: milliseconds from the beginning; not before the last one's.
    package func add(_ raster: Raster, at start: Int) throws(CodecError) {
        precondition(raster.size == size)
        let rgb = raster.convertedToRGB()
        fill(rgb)
        isFlatArt = isFlatArt && FlatArt.isMadeOfRuns(rgb) && FlatArt.suitsLossless(rgb)
        var config = try WebPEncoder.configuration(quality: isFlatArt ? 75 : settings.webpQuality, method: settings.webpMethod)
        config.lossless = isFlatArt ? 1 : 0
        advance(to: start)
        guard WebPAnimEncoderAdd(encoder, &picture, clock, &config) != 0 else { throw failure() }
    }

    /// The file.
    /// - Parameter end: when the last frame has been shown, in milliseconds from the beginning.
    package func finish(at end: Int) throws(CodecError) -> [UInt8] {
        advance(to: end)
        guard WebPAnimEncoderAdd(encoder, nil, clock, nil) != 0 else { throw failure() }
        var data = WebPData()
        WebPDataInit(&data)
        defer { WebPDataClear(&data) }
        guard WebPAnimEncoderAssemble(encoder, &data) != 0 else { throw failure() }
        return [UInt8](UnsafeBufferPointer(start: data.bytes, count: data.size))
    }

    private func advance(to time: Int) {
        clock &+= Int32(min(time - lastStart, Self.longestFrame))
        lastStart = time
    }

    private func failure() -> CodecError {
        .failed("WebP: \(WebPAnimEncoderGetError(encoder).map { String(cString: $0) } ?? "an animation")")
    }

    private func fill(_ rgb: Raster) {
        let stride = Int(picture.argb_stride)
        func samples(_ plane: Plane, _ body: (UnsafePointer<UInt8>) -> Void) {
            plane.samples.withUnsafeBufferPointer { body($0.baseAddress!) }
        }
        let (red, green, blue) = (rgb.planes[0], rgb.planes[1], rgb.planes[2])
        samples(red) { r in
            samples(green) { g in
                samples(blue) { b in
                    for y in 0..<size.height {
                        let row = picture.argb + y * stride
                        let (r, g, b) = (r + y * red.stride, g + y * green.stride, b + y * blue.stride)
                        for x in 0..<size.width { row[x] = 0xFF00_0000 | UInt32(r[x]) << 16 | UInt32(g[x]) << 8 | UInt32(b[x]) }
                    }
                }
            }
        }
        guard let alpha = rgb.alpha else { return }
        samples(alpha) { a in
            for y in 0..<size.height {
                let row = picture.argb + y * stride
                for x in 0..<size.width { row[x] = row[x] & 0x00FF_FFFF | UInt32(a[y * alpha.stride + x]) << 24 }
            }
        }
    }
}
