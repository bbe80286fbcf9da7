import CHEIF
import Imaging

/// A decoded picture in libheif's memory.
struct HEIFPixels: ~Copyable {
    private let image: OpaquePointer
    private let format: ImageFormat
    /// Pixels.
    let size: PixelSize
    private let color: HEIFColor

    /// Takes the image and releases it at the end.
    init(_ image: OpaquePointer, _ format: ImageFormat, _ color: HEIFColor?) {
        self.image = image
        self.format = format
        size = PixelSize(
            width: max(1, Int(heif_image_get_primary_width(image))), height: max(1, Int(heif_image_get_primary_height(image))))
        var nclx: UnsafeMutablePointer<heif_color_profile_nclx>?
        if let color {
            self.color = color
        } else if heif_image_get_nclx_color_profile(image, &nclx).code == heif_error_Ok, let nclx {
            self.color = HEIFColor(nclx.pointee)
            heif_nclx_color_profile_free(nclx)
        } else {
            self.color = HEIFColor()
        }
    }

    deinit { heif_image_release(image) }

    /// The picture in the raster's terms, each plane averaged in boxes of `factor` × `factor` samples.
    func raster(factor: Int) throws(CodecError) -> Raster {
        let alphaPlane = try channel(heif_channel_Alpha).map { Self.reduced($0, factor, levels: Self.fullRange($0.depth)) }
        let alpha = alphaPlane.flatMap { $0.samples.allSatisfy { $0 == 255 } ? nil : $0 }
        switch heif_image_get_colorspace(image) {
        case heif_colorspace_monochrome:
            guard let luma = try channel(heif_channel_Y) else { throw .corrupt(format, .init(.noLuma)) }
            let plane = Self.reduced(luma, factor, levels: lumaLevels(luma.depth))
            return Raster(size: plane.size, model: .gray, planes: [plane], alpha: alpha)
        case heif_colorspace_YCbCr:
            guard let luma = try channel(heif_channel_Y), let blue = try channel(heif_channel_Cb), let red = try channel(heif_channel_Cr)
            else { throw .corrupt(format, .init(.missingPlane)) }
            if color.matrix == 0 {
                // Identity: the planes are green, blue and red (H.273 table 4).
                let planes = [red, luma, blue].map { Self.reduced($0, factor, levels: lumaLevels($0.depth)) }
                return Raster(size: planes[0].size, model: .rgb, planes: planes, alpha: alpha)
            }
            guard let shares = color.lumaShares else { throw .unsupported(format, .init(.matrix, color.matrix)) }
            var planes = [Self.reduced(luma, factor, levels: lumaLevels(luma.depth))]
            planes += [blue, red].map { Self.reduced($0, factor, levels: chromaLevels($0.depth)) }
            YCbCrMatrix(red: shares.red, blue: shares.blue)?.convert(&planes)
            return Raster(size: planes[0].size, model: .ycbcr, planes: planes, alpha: alpha)
        case heif_colorspace_RGB:
            let channels = try [heif_channel_R, heif_channel_G, heif_channel_B].map { (name) throws(CodecError) -> Channel in
                guard let channel = try channel(name) else { throw .unsupported(format, .init(.interleaved)) }
                return channel
            }
            let planes = channels.map { Self.reduced($0, factor, levels: Self.fullRange($0.depth)) }
            return Raster(size: planes[0].size, model: .rgb, planes: planes, alpha: alpha)
        default:
            throw .unsupported(format, .init(.colorSpace))
        }
    }
}

extension HEIFPixels {
    /// One plane as libheif has it: 8 bits a sample in bytes, more in 16-bit words of the machine's order.
    private struct Channel {
        let base: UnsafeRawPointer
        let stride: Int
        let width: Int
        let height: Int
        let depth: Int
    }

    private func channel(_ name: heif_channel) throws(CodecError) -> Channel? {
        guard heif_image_has_channel(image, name) != 0 else { return nil }
        var stride: Int32 = 0
        guard let base = heif_image_get_plane_readonly(image, name, &stride) else { return nil }
        let channel = Channel(
            base: UnsafeRawPointer(base), stride: Int(stride), width: Int(heif_image_get_width(image, name)),
            height: Int(heif_image_get_height(image, name)), depth: Int(heif_image_get_bits_per_pixel_range(image, name)))
        guard channel.width > 0, channel.height > 0, (8...16).contains(channel.depth),
            channel.stride >= channel.width * (channel.depth > 8 ? 2 : 1)
        else { throw .unsupported(format, .init(.sampleBits, channel.depth)) }
        return channel
    }

    private func lumaLevels(_ depth: Int) -> [UInt8] {
        color.isFullRange ? Self.fullRange(depth) : Self.levels(depth, black: 16, span: 219)
    }

    /// Chroma spans 224 of 255 levels around 128 in limited range.
    private func chromaLevels(_ depth: Int) -> [UInt8] {
        guard !color.isFullRange else { return Self.fullRange(depth) }
        let unit = Double(1 << (depth - 8))
        return (0..<1 << depth).map { clamped((Double($0) / unit - 128) * 255 / 224 + 128) }
    }

    private static func fullRange(_ depth: Int) -> [UInt8] {
        let top = Double(1 << depth - 1)
        return (0..<1 << depth).map { clamped(Double($0) * 255 / top) }
    }

    /// For every stored value the 8-bit full-range one.
    private static func levels(_ depth: Int, black: Double, span: Double) -> [UInt8] {
        let unit = Double(1 << (depth - 8))
        return (0..<1 << depth).map { clamped((Double($0) / unit - black) * 255 / span) }
    }

    private static func reduced(_ channel: Channel, _ factor: Int, levels: [UInt8]) -> Plane {
        channel.depth > 8 ? reduced(channel, UInt16.self, factor, levels) : reduced(channel, UInt8.self, factor, levels)
    }

    private static func reduced<Sample: FixedWidthInteger & UnsignedInteger>(
        _ channel: Channel, _ type: Sample.Type, _ factor: Int, _ levels: [UInt8]
    ) -> Plane {
        let size = BoxReduction.reducedSize(of: PixelSize(width: channel.width, height: channel.height), by: factor)
        let samples = [UInt8](unsafeUninitializedCapacity: size.area) { out, count in
            levels.withUnsafeBufferPointer { levels in
                for y in 0..<size.height {
                    let rows = y * factor..<min((y + 1) * factor, channel.height)
                    for x in 0..<size.width {
                        let columns = x * factor..<min((x + 1) * factor, channel.width)
                        var sum: UInt32 = 0
                        for row in rows {
                            let line = (channel.base + row * channel.stride).assumingMemoryBound(to: Sample.self)
                            for column in columns { sum &+= UInt32(truncatingIfNeeded: line[column]) }
                        }
                        let pixels = UInt32(rows.count &* columns.count)
                        // A sample may have bits above its depth in a broken file.
                        out[y &* size.width &+ x] = levels[min(Int((sum &+ pixels / 2) / pixels), levels.count &- 1)]
                    }
                }
            }
            count = size.area
        }
        return Plane(width: size.width, height: size.height, samples: samples)
    }
}

private func clamped(_ value: Double) -> UInt8 { UInt8(min(255, max(0, value.rounded()))) }
