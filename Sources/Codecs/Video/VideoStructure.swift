/// Videos are made to be cut: whatever there is plays, and a recording that was never closed is a video. But where the structure says
/// how long the file is, a shorter one broke off.
extension FileStructure {
    static func video(_ bytes: UnsafeRawBufferPointer, _ format: ImageFormat) -> Finding {
        switch format {
        case .webm, .matroska: matroska(bytes)
        case .avi: avi(bytes)
        // A broadcast has neither beginning nor end: it is cut anywhere, in the middle of a packet too.
        case .mpegTS: .whole
        default: movie(bytes)
        }
    }

    /// Top-level boxes of a video (ISO/IEC 14496-12): the index (`moov`), without which nothing can be played, and what it points to.
    /// Behind those, cameras leave what is no box. A recording in fragments (section 8.8) that was never closed is its whole fragments.
    package static func movie(_ bytes: UnsafeRawBufferPointer) -> Finding {
        var offset = 0
        var (hasIndex, isFragmented, samples) = (false, false, 0)
        while offset < bytes.count, let box = Box(bytes, at: offset) {
            let isWhole = box.length >= 8 && box.length <= UInt64(bytes.count - offset)
            if ["moov", "mdat", "moof"].contains(box.type), !isWhole { return isFragmented && samples > 0 ? .whole : .truncated }
            guard isWhole else { break }
            if box.type == "moov" {
                hasIndex = true
                isFragmented = box.contains("mvex", bytes)
            }
            if box.type == "mdat" { samples += 1 }
            offset += Int(box.length)
        }
        return hasIndex && (samples > 0 || !isFragmented) ? .whole : .truncated
    }

    /// Whether the picture is encrypted (ISO/IEC 23001-7): a track's description of its samples says so.
    package static func hasEncryptedPicture(_ bytes: UnsafeRawBufferPointer, _ format: ImageFormat) -> Bool {
        guard [.mp4, .mov, .threeGP].contains(format) else { return false }
        return Box.contents(of: bytes, 0..<bytes.count).first { $0.type == "moov" }.map { index in
            index.contents(bytes).filter { $0.type == "trak" }.contains { track in
                var boxes = [track]
                for type in ["mdia", "minf", "stbl", "stsd"] {
                    boxes = boxes.flatMap { $0.contents(bytes) }.filter { $0.type == type }
                }
                // Behind its version and the number of entries.
                return boxes.contains { $0.contents(bytes, skipping: 8).contains { $0.type == "encv" } }
            }
        } ?? false
    }

    private struct Box {
        let type: String
        /// With its header; what is impossible is left as it stands.
        let length: UInt64
        private let content: Int
        private let start: Int

        init?(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
            guard let short = bytes.bigEndian(UInt32.self, at: offset), let type = bytes.brand(at: offset + 4) else { return nil }
            self.type = type
            start = offset
            content = offset + (short == 1 ? 16 : 8)
            switch short {
            case 0: length = UInt64(bytes.count - offset)
            case 1: length = bytes.bigEndian(UInt64.self, at: offset + 8) ?? .max
            default: length = UInt64(short)
            }
        }

        /// Whether a box of this type stands directly in it; to be asked of one that is whole.
        func contains(_ wanted: String, _ bytes: UnsafeRawBufferPointer) -> Bool { contents(bytes).contains { $0.type == wanted } }

        /// The boxes that stand directly in it, as far as they are whole; to be asked of one that is.
        func contents(_ bytes: UnsafeRawBufferPointer, skipping count: Int = 0) -> [Box] {
            Self.contents(of: bytes, content + count..<max(content + count, start + Int(length)))
        }

        static func contents(of bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> [Box] {
            var (offset, boxes) = (range.lowerBound, [Box]())
            while offset < range.upperBound, boxes.count < most, let box = Box(bytes, at: offset) {
                guard box.length >= 8, box.length <= UInt64(range.upperBound - offset) else { break }
                boxes.append(box)
                offset += Int(box.length)
            }
            return boxes
        }

        /// Boxes in one place that are looked at.
        private static let most = 10_000
    }

    /// The EBML header and the Segment (RFC 9559 section 4.5), which is of unknown size in a live recording.
    static func matroska(_ bytes: UnsafeRawBufferPointer) -> Finding {
        var offset = 0
        while offset < bytes.count {
            guard let id = EBML.number(bytes, at: offset, keepsMarker: true),
                let size = EBML.number(bytes, at: offset + id.length, keepsMarker: false)
            else { return .truncated }
            let isSegment = id.value == EBML.segment
            // All ones: unknown.
            if size.isUnknown { return isSegment ? .whole : .corrupt(.elementSize) }
            let start = offset + id.length + size.length
            guard size.value <= UInt64(bytes.count - start) else { return .truncated }
            if isSegment { return .whole }
            offset = start + Int(size.value)
        }
        return .truncated
    }

    /// RIFF chunks and what is in them, the samples (`movi`) and the index (`idx1`) among it. A recorder that was never closed leaves no
    /// size: 0, or all ones.
    static func avi(_ bytes: UnsafeRawBufferPointer) -> Finding {
        var offset = 0
        var hasSamples = false
        while let type = bytes.brand(at: offset), let size = bytes.littleEndian(UInt32.self, at: offset + 4).map(Int.init) {
            let kind = bytes.brand(at: offset + 8) ?? ""
            switch (type, kind) {
            // Files of more than 1 GiB go on in chunks of their own (OpenDML). What they hold is looked at, not what they say of it.
            case ("RIFF", "AVI "), ("RIFF", "AVIX"): offset += 12
            case ("LIST", "movi"):
                hasSamples = true
                if size == 0 || size == Int(UInt32.max) { return .whole }
                fallthrough
            case ("LIST", _), ("idx1", _), ("JUNK", _):
                guard size <= bytes.count - offset - 8 else { return .truncated }
                offset += 8 + size + size % 2
            default:
                // What stands behind it may be anything.
                guard size <= bytes.count - offset - 8 else { return hasSamples ? .whole : .truncated }
                offset += 8 + size + size % 2
            }
        }
        return hasSamples ? .whole : .truncated
    }
}

/// Variable-length integers of EBML (RFC 8794 section 4).
private enum EBML {
    static let segment: UInt64 = 0x1853_8067

    struct Number {
        let value: UInt64
        /// Bytes that it takes, 1 to 8.
        let length: Int
        /// All bits of its data are 1.
        let isUnknown: Bool
    }

    /// - Parameter keepsMarker: an ID is written with its marker bit, a size without.
    static func number(_ bytes: UnsafeRawBufferPointer, at offset: Int, keepsMarker: Bool) -> Number? {
        guard offset < bytes.count, bytes[offset] != 0 else { return nil }
        let length = bytes[offset].leadingZeroBitCount + 1
        guard length <= bytes.count - offset else { return nil }
        let raw = bytes[offset..<offset + length].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let marker = UInt64(1) << (7 * length)
        let data = raw & (marker - 1)
        return Number(value: keepsMarker ? raw : data, length: length, isUnknown: data == marker - 1)
    }
}
