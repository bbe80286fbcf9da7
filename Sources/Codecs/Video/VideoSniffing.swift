extension ImageFormat {
    /// Whether it is a video, whose picture is its poster.
    public var isVideo: Bool {
        switch self {
        case .jpeg, .png, .webp, .gif, .heic, .avif: false
        case .mp4, .mov, .threeGP, .webm, .matroska, .avi, .mpegTS: true
        }
    }

    /// Tells a video's container from a file's bytes; nil where it is none that is read here. To be asked after the still
    /// images, two of which share a container with MP4.
    ///
    /// ISO base media files (ISO/IEC 14496-12) and QuickTime by their first boxes, EBML (RFC 8794) by its DocType, AVI by RIFF,
    /// MPEG-TS (ISO/IEC 13818-1) by three sync bytes, 188 or (with time codes) 192 bytes apart.
    init?(sniffingVideo bytes: UnsafeRawBufferPointer) {
        if bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) {
            let head = String(decoding: bytes.prefix(80), as: Unicode.ASCII.self)
            guard head.contains("webm") || head.contains("matroska") else { return nil }
            self = head.contains("webm") ? .webm : .matroska
        } else if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "AVI ".utf8) {
            self = .avi
        } else if Self.isTransportStream(bytes) {
            self = .mpegTS
        } else if let box = bytes.brand(at: 4), let format = ImageFormat(firstBox: box, of: bytes) {
            self = format
        } else {
            return nil
        }
    }

    private init?(firstBox box: String, of bytes: UnsafeRawBufferPointer) {
        switch box {
        case "ftyp":
            guard let brand = bytes.brand(at: 8) else { return nil }
            if brand == "qt  " {
                self = .mov
            } else if brand.hasPrefix("3g") {
                self = .threeGP
            } else if Self.stillBrands.contains(brand) {
                return nil
            } else {
                self = .mp4
            }
        // QuickTime files from before there was `ftyp`.
        case "moov", "mdat", "wide", "free", "skip", "pnot":
            guard let length = bytes.bigEndian(UInt32.self, at: 0), length < 2 || length >= 8 else { return nil }
            self = .mov
        default:
            return nil
        }
    }

    /// Brands of pictures that are not read here: JPEG 2000, JPEG XL, Canon's raw files.
    private static let stillBrands: Set<String> = ["jp2 ", "jpx ", "jpm ", "mjp2", "jxl ", "crx ", "mif1", "mif2", "msf1", "miaf"]

    private static func isTransportStream(_ bytes: UnsafeRawBufferPointer) -> Bool {
        [(start: 0, packet: 188), (start: 4, packet: 192)].contains { start, packet in
            (0..<3).allSatisfy { index in
                let offset = start + index * packet
                return offset < bytes.count && bytes[offset] == 0x47
            }
        }
    }

    /// The one demuxer of libavformat that may look at a file of this format.
    var demuxer: String {
        switch self {
        case .webm, .matroska: "matroska"
        case .avi: "avi"
        case .mpegTS: "mpegts"
        default: "mov"
        }
    }
}
