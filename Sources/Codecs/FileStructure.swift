import CPNG
import Foundation
import Imaging

/// Checks that a file is whole, without decoding a pixel: every format says in its structure where it ends. An upload
/// that broke off half-way is told at once, while the person can still send it again.
public enum FileStructure {
    /// What a walk through a file found.
    package enum Finding: Equatable {
        case whole
        case truncated
        case corrupt(FileFlaw.Reason)
        /// The structure has no end, which some writers leave out; only decoding tells whether the picture is whole.
        case noEnd
    }

    /// - Throws: `CodecError.truncated` or `.corrupt`.
    public static func check(_ file: ImageFile, info: ImageInfo) throws(CodecError) {
        let finding = file.withBytes { bytes -> Finding in
            switch info.format {
            case .jpeg: jpeg(bytes)
            case .png: png(bytes)
            case .webp: webp(bytes)
            case .gif: gif(bytes)
            case .heic, .avif: isoMedia(bytes)
            case .mp4, .mov, .threeGP, .webm, .matroska, .avi, .mpegTS: video(bytes, info.format)
            }
        }
        switch finding {
        case .whole: return
        case .truncated: throw .truncated(info.format)
        case .corrupt(let reason): throw .corrupt(info.format, FileFlaw(reason))
        case .noEnd: _ = try ImageDecoder.decode(file, info: info, atLeast: PixelSize(width: 1, height: 1))
        }
    }

    /// Markers up to EOI (ITU-T T.81 annex B). What follows, such as a Motion Photo's video, is not the picture's.
    static func jpeg(_ bytes: UnsafeRawBufferPointer) -> Finding {
        var offset = 2
        while let marker = nextMarker(bytes, from: offset) {
            offset = marker + 2
            switch bytes[marker + 1] {
            case 0xD9: return .whole
            // Stand alone: TEM, RSTn, SOI.
            case 0x01, 0xD0...0xD8: continue
            default:
                guard let length = bytes.bigEndian(UInt16.self, at: offset) else { return .truncated }
                offset += Int(length)
            }
        }
        return .noEnd
    }

    /// The next 0xFF that begins a marker, over entropy-coded bytes (where 0xFF is followed by 0) and fill bytes.
    private static func nextMarker(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var offset = start
        while offset < bytes.count - 1, let found = memchr(base + offset, 0xFF, bytes.count - 1 - offset) {
            offset = UnsafeRawPointer(found) - base
            if bytes[offset + 1] != 0, bytes[offset + 1] != 0xFF { return offset }
            offset += 1
        }
        return nil
    }

    /// Chunks with their CRCs up to IEND (W3C PNG 5.3).
    static func png(_ bytes: UnsafeRawBufferPointer) -> Finding {
        var offset = 8
        var hasPixels = false
        while true {
            guard let length = bytes.bigEndian(UInt32.self, at: offset).map(Int.init), let type = bytes.brand(at: offset + 4),
                length <= bytes.count - offset - 12
            else { return .truncated }
            let crc = cpng_crc32(bytes.baseAddress! + offset + 4, length + 4)
            guard bytes.bigEndian(UInt32.self, at: offset + 8 + length) == crc else { return .corrupt(.checksum) }
            if type == "IDAT" { hasPixels = true }
            if type == "IEND" { return hasPixels ? .whole : .corrupt(.noPixels) }
            offset += 12 + length
        }
    }

    /// The RIFF chunk and the chunks in it (RFC 9649 section 2.3).
    static func webp(_ bytes: UnsafeRawBufferPointer) -> Finding {
        guard let riff = bytes.littleEndian(UInt32.self, at: 4).map(Int.init), riff <= bytes.count - 8 else { return .truncated }
        var offset = 12
        while offset + 8 <= riff + 8 {
            guard let length = bytes.littleEndian(UInt32.self, at: offset + 4).map(Int.init) else { return .truncated }
            // The padding byte behind an odd chunk is left out at the end by some writers.
            guard length <= riff - offset else { return .corrupt(.chunkTooLong) }
            offset += 8 + length + length % 2
        }
        return .whole
    }

    /// Blocks up to the trailer (GIF89a sections 15 to 27). As browsers have it, zeros between blocks are nothing, and what is no block ends
    /// the pictures before it.
    static func gif(_ bytes: UnsafeRawBufferPointer) -> Finding {
        guard bytes.count >= 13 else { return .truncated }
        var offset = 13 + colorTable(bytes[10])
        var hasPixels = false
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x3B: return .whole
            case 0x00:
                offset += 1
                continue
            case 0x21: offset += 2
            case 0x2C:
                guard offset + 9 < bytes.count else { return .truncated }
                offset += 11 + colorTable(bytes[offset + 9])
                hasPixels = true
            default: return hasPixels ? .whole : .corrupt(.unknownBlock)
            }
            // Sub-blocks, each with its length first, up to one of length 0.
            while true {
                guard offset < bytes.count else { return .truncated }
                let length = Int(bytes[offset])
                offset += 1 + length
                if length == 0 { break }
            }
        }
        // Ends where a block ends: only the trailer is missing, or the colour table was cut.
        return offset == bytes.count ? .noEnd : .truncated
    }

    /// Bytes of the colour table that a packed field announces.
    private static func colorTable(_ packed: UInt8) -> Int { packed & 0x80 == 0 ? 0 : 3 << (packed & 7 + 1) }

    /// Top-level boxes (ISO/IEC 14496-12 section 4.2): all whole, the `meta` box among them.
    static func isoMedia(_ bytes: UnsafeRawBufferPointer) -> Finding {
        var offset = 0
        var hasMeta = false
        while offset < bytes.count {
            guard let short = bytes.bigEndian(UInt32.self, at: offset), let type = bytes.brand(at: offset + 4) else { return .truncated }
            if type == "meta" { hasMeta = true }
            let length: Int
            switch short {
            case 0: length = bytes.count - offset
            case 1:
                guard let long = bytes.bigEndian(UInt64.self, at: offset + 8) else { return .truncated }
                guard long >= 16, long <= UInt64(Int.max) else { return .corrupt(.boxSize) }
                length = Int(long)
            case 2..<8: return .corrupt(.boxSize)
            default: length = Int(short)
            }
            guard length <= bytes.count - offset else { return .truncated }
            offset += length
        }
        return hasMeta ? .whole : .truncated
    }
}
