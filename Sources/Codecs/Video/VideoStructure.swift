/// Videos are made to be cut: whatever there is plays, and a recording that was never closed is a video. But where the structure says
/// how long the file is, a shorter one broke off.
extension FileStructure {
    static func video(_ bytes: UnsafeRawBufferPointer, _ format: ImageFormat) -> Finding {
        switch format {
        case .webm, .matroska: matroska(bytes)
        case .avi: avi(bytes)
        case .mpegTS: transportStream(bytes)
        default: movie(bytes)
        }
    }

    /// Top-level boxes of a video (ISO/IEC 14496-12): the index (`moov`), without which nothing can be played, and what it points to.
    /// Behind those, cameras leave what is no box.
    static func movie(_ bytes: UnsafeRawBufferPointer) -> Finding {
        var offset = 0
        var hasIndex = false
        while offset < bytes.count, let short = bytes.bigEndian(UInt32.self, at: offset), let type = bytes.brand(at: offset + 4) {
            let length: UInt64
            switch short {
            case 0: length = UInt64(bytes.count - offset)
            case 1: length = bytes.bigEndian(UInt64.self, at: offset + 8) ?? .max
            default: length = UInt64(short)
            }
            let isWhole = length >= 8 && length <= UInt64(bytes.count - offset)
            if ["moov", "mdat", "moof"].contains(type), !isWhole { return .truncated }
            if type == "moov" { hasIndex = true }
            guard isWhole else { break }
            offset += Int(length)
        }
        return hasIndex ? .whole : .truncated
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
            if size.isUnknown { return isSegment ? .whole : .corrupt("an element has no size") }
            let start = offset + id.length + size.length
            guard size.value <= UInt64(bytes.count - start) else { return .truncated }
            if isSegment { return .whole }
            offset = start + Int(size.value)
        }
        return .truncated
    }

    /// RIFF chunks and what is in them, the samples (`movi`) and the index (`idx1`) among it. A recorder that was never closed leaves 0
    /// for their sizes, or what it guessed at first.
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
                if size == 0 { return .whole }
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

    /// Packets of 188 bytes, or 192 with time codes (ISO/IEC 13818-1 section 2.4.3.2): the last one is whole. A file whose packets do not
    /// stand in one row to its end (recordings put together) says nothing.
    static func transportStream(_ bytes: UnsafeRawBufferPointer) -> Finding {
        guard
            let row = [(start: 0, packet: 188), (start: 4, packet: 192)].first(where: { row in
                (0..<3).allSatisfy { isSync(bytes, row.start + $0 * row.packet) }
            })
        else { return .whole }
        let (count, rest) = bytes.count.quotientAndRemainder(dividingBy: row.packet)
        let isInStep = (max(0, count - 3)...count).allSatisfy { isSync(bytes, row.start + $0 * row.packet) }
        return rest > row.start && isInStep ? .truncated : .whole
    }

    private static func isSync(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Bool { offset < bytes.count && bytes[offset] == 0x47 }
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
