import CFFmpeg
import CGIF
import CHEIF
import CJPEG
import CLCMS2
import CPNG
import CWebP

/// The C libraries that read and write images here, for `agrovet doctor`.
public enum CodecLibraries {
    /// Name and version of each.
    public static var versions: [(name: String, version: String)] {
        [
            ("libjpeg", String(cString: cjpeg_version())),
            ("libpng", String(cString: cpng_version())),
            ("libdeflate", String(cString: cpng_libdeflate_version())),
            ("giflib", String(cString: cgif_version())),
            ("libwebp", triple(Int(WebPGetEncoderVersion()))),
            ("libheif", load(.heif) ? String(cString: heif_get_version()) : "missing"),
            ("lcms2", "\(cmsGetEncodedCMMversion() / 1000).\(cmsGetEncodedCMMversion() / 10 % 100)"),
            ("libavcodec", String(cString: cffmpeg_version())),
        ]
    }

    /// Libraries that are loaded when the first file comes that needs them: a photo's JPEG does without, and with all that they depend on
    /// they take more memory than its whole job.
    package struct Late: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// libavformat and its family.
        package static let video = Late(rawValue: 1)
        /// libheif, for HEIC and AVIF.
        package static let heif = Late(rawValue: 2)

        /// What it takes to read the format, or to write it.
        package init(_ format: ImageFormat) {
            self = format.isVideo ? .video : format == .heic || format == .avif ? .heif : []
        }
    }

    /// Loads them now: for a process that cannot open files later. The first file that needs them does so otherwise.
    /// - Returns: false where one is not there.
    @discardableResult
    package static func load(_ libraries: Late) -> Bool {
        var isThere = true
        if libraries.contains(.video), cffmpeg_load() == 0 { isThere = false }
        if libraries.contains(.heif) {
            // libheif finds its plugins when it is first asked for them.
            if cheif_load() == 0 { isThere = false } else { _ = heif_have_decoder_for_format(heif_compression_HEVC) }
        }
        return isThere
    }

    /// What libheif's plugins can do on this machine.
    public static var plugins: [(name: String, isThere: Bool)] {
        guard load(.heif) else { return [("HEIC decoder", false), ("AVIF decoder", false), ("AVIF encoder", false)] }
        return [
            ("HEIC decoder", heif_have_decoder_for_format(heif_compression_HEVC) != 0),
            ("AVIF decoder", heif_have_decoder_for_format(heif_compression_AV1) != 0),
            ("AVIF encoder", hasAVIFEncoder),
        ]
    }

    /// Whether libheif finds an encoder for AV1; to be asked once it is loaded.
    public static var hasAVIFEncoder: Bool { load(.heif) && heif_have_encoder_for_format(heif_compression_AV1) != 0 }

    /// `0xMMmmpp` as libwebp has it.
    private static func triple(_ version: Int) -> String { "\(version >> 16).\(version >> 8 & 0xFF).\(version & 0xFF)" }
}
