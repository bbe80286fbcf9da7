extension ImageFormat {
    /// Bytes of a file's start in which the brands of an ISO base media file stand: its first box.
    static let brandBytes = 256

    /// Tells the format from a file's first bytes, whatever its name says; nil where it is none that is read here.
    ///
    /// Signatures: JPEG ITU-T T.81 B.1, PNG W3C 5.2, GIF89a 17, WebP container (RIFF), HEIF ISO/IEC 23008-12 and AVIF 1.1
    /// (the brands of the `ftyp` box, ISO/IEC 14496-12). A video in the same container has other major brands.
    public init?(sniffing bytes: UnsafeRawBufferPointer) {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if bytes.starts(with: "GIF87a".utf8) || bytes.starts(with: "GIF89a".utf8) {
            self = .gif
        } else if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
            self = .webp
        } else if bytes.dropFirst(4).starts(with: "ftyp".utf8), let format = ImageFormat(brandsOf: bytes) {
            self = format
        } else if let format = ImageFormat(sniffingVideo: bytes) {
            self = format
        } else {
            return nil
        }
    }

    private init?(brandsOf bytes: UnsafeRawBufferPointer) {
        guard let length = bytes.bigEndian(UInt32.self, at: 0), length >= 16, let major = bytes.brand(at: 8) else { return nil }
        switch major {
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs":
            self = .heic
        case "avif", "avis":
            self = .avif
        case "mif1", "mif2", "msf1", "miaf":
            // Any image in this container; the compatible brands tell which codec it needs.
            let end = min(Int(length), bytes.count, Self.brandBytes)
            let brands = stride(from: 16, to: end, by: 4).compactMap { bytes.brand(at: $0) }
            self = brands.contains("avif") || brands.contains("avis") ? .avif : .heic
        default:
            return nil
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The big-endian integer at a byte offset; nil where it does not lie within the bytes.
    func bigEndian<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value? {
        guard offset >= 0, offset <= count - MemoryLayout<Value>.size else { return nil }
        return Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// The little-endian integer at a byte offset; nil where it does not lie within the bytes.
    func littleEndian<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value? {
        guard offset >= 0, offset <= count - MemoryLayout<Value>.size else { return nil }
        return Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// The four-character code at a byte offset; nil where it does not lie within the bytes.
    func brand(at offset: Int) -> String? {
        guard offset >= 0, offset <= count - 4 else { return nil }
        return String(decoding: self[offset..<offset + 4], as: UTF8.self)
    }
}
