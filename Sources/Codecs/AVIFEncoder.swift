import CHEIF
import Imaging

/// AVIF 1.1 with libheif and the AV1 encoder that it finds on the machine: 8 bits, sRGB, BT.601 matrix, full range.
enum AVIFEncoder {
    /// - Parameters:
    ///   - quality: libheif's, 0 to 100.
    ///   - speed: the AV1 encoder's, 0 (small) to 9 (fast).
    /// - Throws: `CodecError.unsupported` where no AV1 encoder is installed.
    static func encode(_ raster: Raster, quality: Int, speed: Int) throws(CodecError) -> [UInt8] {
        guard cheif_load() != 0, heif_have_encoder_for_format(heif_compression_AV1) != 0 else {
            throw .unsupported(.avif, .init(.noAV1Encoder))
        }
        guard let context = heif_context_alloc() else { throw .noMemory }
        defer { heif_context_free(context) }
        var encoder: OpaquePointer?
        try check(heif_context_get_encoder_for_format(context, heif_compression_AV1, &encoder))
        defer { heif_encoder_release(encoder) }
        try check(heif_encoder_set_lossy_quality(encoder, Int32(quality)))
        // Names of libaom's plugin; another encoder may know them not, and does without.
        _ = heif_encoder_set_parameter_integer(encoder, "speed", Int32(speed))
        _ = heif_encoder_set_parameter_integer(encoder, "threads", 1)

        let image = try makeImage(raster.model == .gray ? raster : raster.convertedToYCbCr())
        defer { heif_image_release(image) }
        try check(heif_context_encode_image(context, image, encoder, nil, nil))
        var bytes: [UInt8] = []
        var writer = heif_writer(writer_api_version: 1) { _, data, count, target in
            target!.assumingMemoryBound(to: [UInt8].self).pointee.append(contentsOf: UnsafeRawBufferPointer(start: data, count: count))
            return heif_error(code: heif_error_Ok, subcode: heif_suberror_Unspecified, message: nil)
        }
        try check(withUnsafeMutablePointer(to: &bytes) { heif_context_write(context, &writer, $0) })
        return bytes
    }

    private static func makeImage(_ raster: Raster) throws(CodecError) -> OpaquePointer {
        let isGray = raster.model == .gray
        var image: OpaquePointer?
        try check(
            heif_image_create(
                Int32(raster.size.width), Int32(raster.size.height), isGray ? heif_colorspace_monochrome : heif_colorspace_YCbCr,
                isGray ? heif_chroma_monochrome : heif_chroma_420, &image))
        guard let image else { throw .noMemory }
        do throws(CodecError) {
            let names = isGray ? [heif_channel_Y] : [heif_channel_Y, heif_channel_Cb, heif_channel_Cr]
            for (plane, name) in zip(raster.planes, names) { try add(plane, as: name, to: image) }
            if let alpha = raster.alpha { try add(alpha, as: heif_channel_Alpha, to: image) }
            guard let nclx = heif_nclx_color_profile_alloc() else { throw CodecError.noMemory }
            defer { heif_nclx_color_profile_free(nclx) }
            nclx.pointee.color_primaries = heif_color_primaries_ITU_R_BT_709_5
            nclx.pointee.transfer_characteristics = heif_transfer_characteristic_IEC_61966_2_1
            nclx.pointee.matrix_coefficients = heif_matrix_coefficients_ITU_R_BT_601_6
            nclx.pointee.full_range_flag = 1
            try check(heif_image_set_nclx_color_profile(image, nclx))
        } catch {
            heif_image_release(image)
            throw error
        }
        return image
    }

    private static func add(_ plane: Plane, as name: heif_channel, to image: OpaquePointer) throws(CodecError) {
        try check(heif_image_add_plane(image, name, Int32(plane.width), Int32(plane.height), 8))
        var stride: Int32 = 0
        guard let base = heif_image_get_plane(image, name, &stride) else { throw .noMemory }
        plane.samples.withUnsafeBufferPointer { samples in
            for y in 0..<plane.height {
                (base + y * Int(stride)).update(from: samples.baseAddress! + y * plane.stride, count: plane.width)
            }
        }
    }

    private static func check(_ error: heif_error) throws(CodecError) {
        if error.code != heif_error_Ok { throw .failed(error.message.map { String(cString: $0) } ?? "an AVIF could not be written") }
    }
}
