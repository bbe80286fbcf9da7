import CWebP
import Imaging

/// An animated WebP's frames, composed by libwebp's own decoder: onto nothing, not onto the background colour, as browsers do it.
struct WebPFrames: AnimationFrames, ~Copyable {
    private let decoder: OpaquePointer
    private var pixels: UnsafePointer<UInt8>?
    /// When the last frame ends, in milliseconds.
    private var clock: Int32 = 0

    init(_ bytes: UnsafeRawBufferPointer, size: PixelSize) throws(CodecError) {
        let container = try WebPContainer(bytes)
        guard container.canvas == size else { throw .failed("the file is not the one that was probed") }
        var options = WebPAnimDecoderOptions()
        guard WebPAnimDecoderOptionsInit(&options) != 0 else { throw .failed("WebP: the library is of another version") }
        options.color_mode = MODE_RGBA
        options.use_threads = 0
        var data = WebPData(bytes: bytes.assumingMemoryBound(to: UInt8.self).baseAddress, size: bytes.count)
        guard let decoder = WebPAnimDecoderNew(&data, &options) else { throw .failed("WebP: no memory for an animation") }
        self.decoder = decoder
    }

    deinit { WebPAnimDecoderDelete(decoder) }

    mutating func next() throws(CodecError) -> Int? {
        guard WebPAnimDecoderHasMoreFrames(decoder) != 0 else { return nil }
        var composed: UnsafeMutablePointer<UInt8>?
        var end: Int32 = 0
        guard WebPAnimDecoderGetNext(decoder, &composed, &end) != 0, let composed else {
            throw .corrupt(.webp, .init(.frameBitstream))
        }
        pixels = UnsafePointer(composed)
        // A file may be made to go on for longer than the library counts.
        let stored = Int(end &- clock)
        clock = end
        return AnimationInfo.shownMilliseconds(stored)
    }

    func withPixels(_ body: (UnsafePointer<UInt8>) -> Void) {
        if let pixels { body(pixels) }
    }
}
