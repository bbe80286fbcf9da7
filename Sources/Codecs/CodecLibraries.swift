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
            ("giflib", String(cString: cgif_version())),
            ("libwebp", triple(Int(WebPGetEncoderVersion()))),
            ("libheif", String(cString: heif_get_version())),
            ("lcms2", "\(cmsGetEncodedCMMversion() / 1000).\(cmsGetEncodedCMMversion() / 10 % 100)"),
            ("libavcodec", String(cString: cffmpeg_version())),
        ]
    }

    /// Loads what reads videos, which the first video does otherwise; false where it is not there.
    @discardableResult
    package static func loadVideo() -> Bool { cffmpeg_load() != 0 }

    /// What libheif's plugins can do on this machine.
    public static var plugins: [(name: String, isThere: Bool)] {
        [
            ("HEIC decoder", heif_have_decoder_for_format(heif_compression_HEVC) != 0),
            ("AVIF decoder", heif_have_decoder_for_format(heif_compression_AV1) != 0),
            ("AVIF encoder", heif_have_encoder_for_format(heif_compression_AV1) != 0),
        ]
    }

    /// `0xMMmmpp` as libwebp has it.
    private static func triple(_ version: Int) -> String { "\(version >> 16).\(version >> 8 & 0xFF).\(version & 0xFF)" }
}
