import CWebP
import Imaging

/// Writes an animated WebP frame by frame: only what changed is encoded, and a frame that changes nothing makes the one before last
/// longer. A single frame comes out as a still. Used by one thread.
package final class WebPAnimationEncoder {
    private let encoder: OpaquePointer
    private let size: PixelSize
    private let settings: EncodingSettings
    /// The frame before, and then the one that is taken.
    private var picture = WebPPicture()
    private var hasFrame = false
    /// Flat art is written lossless, until a frame comes that is none.
    private var isFlatArt: Bool
    /// Milliseconds, of the file made and of the frames taken.
    private var clock: Int32 = 0
    private var lastStart = 0

    /// What a frame's duration holds (24 bits, RFC 9649 section 2.7.1.1).
    private static let longestFrame = 1 << 24 - 2

    /// Bytes that it holds for each pixel of the picture: the frame, and three whole pictures to compare.
    package static let bytesPerPixel = 16

    /// - Parameters:
    ///   - plays: how often it plays; 0 for ever.
    ///   - settings: as for a still.
    package init(size: PixelSize, plays: Int, _ settings: EncodingSettings) throws(CodecError) {
        guard size.longSide <= WebPEncoder.longestSide else { throw .unsupported(.webp, .init(.side, WebPEncoder.longestSide)) }
        var options = WebPAnimEncoderOptions()
        guard WebPAnimEncoderOptionsInit(&options) != 0 else { throw .failed("WebP: the library is of another version") }
        options.anim_params.loop_count = Int32(plays)
        // Transparent: what stands below shows until the first frame is there.
        options.anim_params.bgcolor = 0
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
        isFlatArt = isFlatArt && FlatArt.isMadeOfRuns(rgb) && FlatArt.suitsLossless(rgb)
        fill(rgb)
        hasFrame = true
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
        let opaque = rgb.alpha ?? Plane(width: size.width, height: size.height, filledWith: 255)
        let planes = rgb.planes + [opaque]
        let reach = isFlatArt || !hasFrame ? nil : similarity
        withSamples(planes, []) { bases in
            for y in 0..<size.height {
                let row = picture.argb + y * Int(picture.argb_stride)
                let (r, g) = (bases[0] + y * planes[0].stride, bases[1] + y * planes[1].stride)
                let (b, a) = (bases[2] + y * planes[2].stride, bases[3] + y * planes[3].stride)
                for x in 0..<size.width {
                    let color = UInt32(a[x]) << 24 | UInt32(r[x]) << 16 | UInt32(g[x]) << 8 | UInt32(b[x])
                    if let reach, Self.areSimilar(color, row[x], reach) { continue }
                    row[x] = color
                }
            }
        }
    }

    private func withSamples(_ planes: [Plane], _ bases: [UnsafePointer<UInt8>], _ body: ([UnsafePointer<UInt8>]) -> Void) {
        guard bases.count < planes.count else { return body(bases) }
        planes[bases.count].samples.withUnsafeBufferPointer { withSamples(planes, bases + [$0.baseAddress!], body) }
    }

    /// By how much a channel may change before libwebp encodes it again: what the quality does not show (its `QualityToMaxDiff`). It
    /// compares a frame with the one before, so that a slow fade would never be seen; here the frame before keeps what it showed until
    /// the change adds up to more.
    private var similarity: Int32 {
        let share = (Double(settings.webpQuality) / 100).squareRoot()
        return Int32(31 * (1 - share) + share + 0.5)
    }

    /// libwebp's `PixelsAreSimilar`: differences count by their coverage.
    @inline(__always)
    private static func areSimilar(_ a: UInt32, _ b: UInt32, _ reach: Int32) -> Bool {
        guard a >> 24 == b >> 24 else { return false }
        let coverage = Int32(a >> 24)
        func isNear(_ shift: UInt32) -> Bool {
            abs(Int32(a >> shift & 255) &- Int32(b >> shift & 255)) &* coverage <= reach &* 255
        }
        return isNear(16) && isNear(8) && isNear(0)
    }
}
