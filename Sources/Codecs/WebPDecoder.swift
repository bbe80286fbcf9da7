import CWebP
import Imaging

/// WebP (RFC 9649) by libwebp: lossy, lossless, with alpha; of an animation the first frame.
///
/// Opaque lossy pictures come as their YCbCr 4:2:0 planes, brought to full range; the others as RGB.
enum WebPDecoder: StillImageDecoder {
    static func readInfo(_ file: ImageFile) throws(CodecError) -> ImageInfo {
        try file.withBytes { (bytes) throws(CodecError) -> ImageInfo in
            let container = try WebPContainer(bytes)
            let frame = try container.firstFrame()
            return ImageInfo(
                format: .webp, storedSize: container.canvas,
                orientation: container.chunk("EXIF").flatMap(EXIF.orientation(inTIFF:)) ?? .up,
                hasAlpha: frame.hasAlpha || !frame.covers(container.canvas), colorModel: frame.isPlanar(container.canvas) ? .ycbcr : .rgb,
                iccProfile: container.chunk("ICCP").map { [UInt8]($0) }, frameCount: container.frameCount,
                animation: container.frameCount > 1 ? container.animation(bytes) : nil)
        }
    }

    static func decode(_ file: ImageFile, info: ImageInfo, atLeast minimum: PixelSize) throws(CodecError) -> Raster {
        try file.withBytes { (bytes) throws(CodecError) -> Raster in
            let container = try WebPContainer(bytes)
            guard container.canvas == info.storedSize else { throw .failed("the file is not the one that was probed") }
            let frame = try container.firstFrame()
            guard frame.covers(container.canvas) else {
                return try decodeRGB(frame, to: frame.size).placed(x: frame.x, y: frame.y, on: container.canvas)
            }
            let target = scaledSize(of: container.canvas, atLeast: minimum)
            return frame.isPlanar(container.canvas) ? try decodePlanes(frame, to: target) : try decodeRGB(frame, to: target)
        }
    }

    static func workingBytes(_ info: ImageInfo, atLeast minimum: PixelSize) -> Int {
        let target = scaledSize(of: info.storedSize, atLeast: minimum)
        // A lossy frame needs some block rows; a lossless one (and a lossless alpha) all its pixels before any is scaled.
        return info.colorModel == .ycbcr
            ? target.area * 3 / 2 + info.storedSize.width * 128 + (1 << 18)
            : target.area * 8 + info.storedSize.area * 5 + (1 << 18)
    }

    /// A whole fraction of the stored size, so that libwebp's averaging of areas treats all pixels alike.
    static func scaledSize(of stored: PixelSize, atLeast minimum: PixelSize) -> PixelSize {
        let divisor = max(1, min(stored.width / minimum.width, stored.height / minimum.height))
        return PixelSize(width: (stored.width + divisor - 1) / divisor, height: (stored.height + divisor - 1) / divisor)
    }

    private static func decodePlanes(_ frame: WebPContainer.Frame, to size: PixelSize) throws(CodecError) -> Raster {
        let chroma = PixelSize(width: (size.width + 1) / 2, height: (size.height + 1) / 2)
        var (luma, blue, red) = (
            [UInt8](repeating: 0, count: size.area), [UInt8](repeating: 0, count: chroma.area), [UInt8](repeating: 0, count: chroma.area)
        )
        let status = luma.withUnsafeMutableBufferPointer { y in
            blue.withUnsafeMutableBufferPointer { u in
                red.withUnsafeMutableBufferPointer { v in
                    decode(frame, to: size) { buffer in
                        buffer.colorspace = MODE_YUV
                        buffer.u.YUVA = WebPYUVABuffer(
                            y: y.baseAddress, u: u.baseAddress, v: v.baseAddress, a: nil, y_stride: Int32(size.width),
                            u_stride: Int32(chroma.width), v_stride: Int32(chroma.width), a_stride: 0, y_size: y.count,
                            u_size: u.count, v_size: v.count, a_size: 0)
                    }
                }
            }
        }
        try check(status)
        WebPRange.map(&luma, WebPRange.lumaToFull)
        WebPRange.map(&blue, WebPRange.chromaToFull)
        WebPRange.map(&red, WebPRange.chromaToFull)
        return Raster(
            size: size, model: .ycbcr,
            planes: [
                Plane(width: size.width, height: size.height, samples: luma),
                Plane(width: chroma.width, height: chroma.height, samples: blue),
                Plane(width: chroma.width, height: chroma.height, samples: red),
            ])
    }

    private static func decodeRGB(_ frame: WebPContainer.Frame, to size: PixelSize) throws(CodecError) -> Raster {
        var pixels = [UInt8](repeating: 0, count: size.area * 4)
        let status = pixels.withUnsafeMutableBufferPointer { pixels in
            decode(frame, to: size) { buffer in
                buffer.colorspace = MODE_RGBA
                buffer.u.RGBA = WebPRGBABuffer(rgba: pixels.baseAddress, stride: Int32(size.width * 4), size: pixels.count)
            }
        }
        try check(status)
        let planes = (0..<4).map { channel in
            Plane(
                width: size.width, height: size.height,
                samples: [UInt8](unsafeUninitializedCapacity: size.area) { target, count in
                    pixels.withUnsafeBufferPointer { pixels in
                        for index in 0..<size.area { target[index] = pixels[index &* 4 &+ channel] }
                    }
                    count = size.area
                })
        }
        return Raster(size: size, model: .rgb, planes: Array(planes[0..<3]), alpha: frame.hasAlpha ? planes[3] : nil)
    }

    private static func decode(
        _ frame: WebPContainer.Frame, to size: PixelSize, _ describe: (inout WebPDecBuffer) -> Void
    ) -> VP8StatusCode {
        var config = WebPDecoderConfig()
        guard WebPInitDecoderConfig(&config) != 0 else { return VP8_STATUS_INVALID_PARAM }
        if size != frame.size {
            config.options.use_scaling = 1
            config.options.scaled_width = Int32(size.width)
            config.options.scaled_height = Int32(size.height)
        }
        config.output.is_external_memory = 1
        config.output.width = Int32(size.width)
        config.output.height = Int32(size.height)
        describe(&config.output)
        return WebPDecode(frame.bytes.assumingMemoryBound(to: UInt8.self).baseAddress, frame.bytes.count, &config)
    }

    private static func check(_ status: VP8StatusCode) throws(CodecError) {
        switch status {
        case VP8_STATUS_OK: return
        case VP8_STATUS_SUSPENDED, VP8_STATUS_NOT_ENOUGH_DATA: throw .truncated(.webp)
        case VP8_STATUS_UNSUPPORTED_FEATURE: throw .unsupported(.webp, .init(.newer))
        case VP8_STATUS_OUT_OF_MEMORY: throw .noMemory
        case VP8_STATUS_INVALID_PARAM: throw .failed("WebP: a parameter was refused")
        default: throw .corrupt(.webp, .init(.bitstream))
        }
    }
}

extension Raster {
    /// An animation's frame where it stands on the canvas, which is transparent around it.
    fileprivate func placed(x: Int, y: Int, on canvas: PixelSize) -> Raster {
        let opaque = alpha ?? Plane(width: size.width, height: size.height, filledWith: 255)
        func place(_ plane: Plane) -> Plane {
            var result = Plane(width: canvas.width, height: canvas.height, filledWith: 0)
            for row in 0..<min(size.height, canvas.height - y) {
                let count = min(size.width, canvas.width - x)
                let start = row * plane.stride
                let target = (y + row) * result.stride + x
                result.samples.replaceSubrange(target..<target + count, with: plane.samples[start..<start + count])
            }
            return result
        }
        return Raster(size: canvas, model: model, planes: planes.map(place), alpha: place(opaque))
    }
}
