import CHEIF
import Imaging

/// A HEIF file in memory, opened with libheif; the bytes must outlive it.
struct HEIFContext: ~Copyable {
    let format: ImageFormat
    private let context: OpaquePointer

    init(_ bytes: UnsafeRawBufferPointer, _ format: ImageFormat) throws(CodecError) {
        guard cheif_load() != 0 else { throw .unsupported(format, .init(.noHEIFLibrary)) }
        guard let context = heif_context_alloc() else { throw .noMemory }
        // Greater sides than libheif allows by itself; the caller limits the pixels before any is decoded.
        heif_context_set_maximum_image_size_limit(context, 65_535)
        // One render has one thread; more renders run beside each other.
        heif_context_set_max_decoding_threads(context, 0)
        do throws(CodecError) {
            try HEIFContext.check(heif_context_read_from_memory_without_copy(context, bytes.baseAddress, bytes.count, nil), format)
        } catch {
            heif_context_free(context)
            throw error
        }
        self.context = context
        self.format = format
    }

    deinit { heif_context_free(context) }

    func primaryImage() throws(CodecError) -> HEIFImage {
        var handle: OpaquePointer?
        try HEIFContext.check(heif_context_get_primary_image_handle(context, &handle), format)
        return try HEIFImage(handle, format)
    }

    static func check(_ error: heif_error, _ format: ImageFormat) throws(CodecError) {
        guard error.code != heif_error_Ok else { return }
        let message = error.message.map { words($0) } ?? ""
        switch (error.code, error.subcode) {
        case (_, heif_suberror_End_of_data): throw .truncated(format)
        case (heif_error_Unsupported_filetype, _), (heif_error_Unsupported_feature, _):
            throw .unsupported(format, FileFlaw(.unknownFeature, libraryWords: message))
        case (heif_error_Memory_allocation_error, heif_suberror_Security_limit_exceeded):
            throw .unsupported(format, FileFlaw(.tooMuchMemory, libraryWords: message))
        case (heif_error_Memory_allocation_error, _): throw .failed(message)
        case (heif_error_Decoder_plugin_error, _): throw .corrupt(format, FileFlaw(.bitstream, libraryWords: message))
        default: throw .corrupt(format, FileFlaw(.rules, libraryWords: message))
        }
    }

    /// A sentence of libheif's, without the dots and new lines at its end.
    private static func words(_ message: UnsafePointer<CChar>) -> String {
        var words = Substring(String(cString: message))
        while let last = words.last, last == "." || last.isWhitespace { words.removeLast() }
        return String(words)
    }
}

/// One image item of a HEIF file.
struct HEIFImage: ~Copyable {
    let handle: OpaquePointer
    /// As displayed: libheif applies the item's rotation, mirroring and clean aperture.
    let size: PixelSize
    private let format: ImageFormat

    fileprivate init(_ handle: OpaquePointer?, _ format: ImageFormat) throws(CodecError) {
        guard let handle else { throw .failed("libheif gave no image") }
        let width = Int(heif_image_handle_get_width(handle))
        let height = Int(heif_image_handle_get_height(handle))
        guard width > 0, height > 0 else {
            heif_image_handle_release(handle)
            throw .corrupt(format, .init(.noSize))
        }
        self.handle = handle
        self.format = format
        size = PixelSize(width: width, height: height)
    }

    deinit { heif_image_handle_release(handle) }

    /// Before a clean aperture is cut out of it, and before it is turned.
    var uncroppedSize: (width: Int, height: Int) {
        (Int(heif_image_handle_get_ispe_width(handle)), Int(heif_image_handle_get_ispe_height(handle)))
    }
    var hasAlpha: Bool { heif_image_handle_has_alpha_channel(handle) != 0 }
    var isPremultiplied: Bool { heif_image_handle_is_premultiplied_alpha(handle) != 0 }

    /// The ICC profile, or one made of an nclx box that says other colours than sRGB.
    func profile() -> [UInt8]? {
        let count = heif_image_handle_get_raw_color_profile_size(handle)
        if count > 0, count <= HEIFImage.largestProfile {
            var profile = [UInt8](repeating: 0, count: count)
            return heif_image_handle_get_raw_color_profile(handle, &profile).code == heif_error_Ok ? profile : nil
        }
        return color()?.profile()
    }

    /// What the file's nclx box says; nil where there is none (then the coded picture itself may say it).
    func color() -> HEIFColor? {
        var nclx: UnsafeMutablePointer<heif_color_profile_nclx>?
        guard heif_image_handle_get_nclx_color_profile(handle, &nclx).code == heif_error_Ok, let nclx else { return nil }
        defer { heif_nclx_color_profile_free(nclx) }
        return HEIFColor(nclx.pointee)
    }

    /// Decodes it in the colour space and sampling that are stored.
    /// - Parameter color: what holds for the picture whatever the coded one says.
    func decode(_ color: HEIFColor?) throws(CodecError) -> HEIFPixels {
        var image: OpaquePointer?
        try HEIFContext.check(heif_decode_image(handle, &image, heif_colorspace_undefined, heif_chroma_undefined, nil), format)
        guard let image else { throw .failed("libheif gave no pixels") }
        return HEIFPixels(image, format, color)
    }

    private static let largestProfile = 8 << 20
}
