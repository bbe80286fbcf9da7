/// A walk over a GIF's blocks (GIF89a sections 15 to 27) that counts frames and times; nothing is decoded.
struct GIFSurvey {
    private(set) var frames = 1
    /// Nil where there is one frame only.
    private(set) var animation: AnimationInfo?

    init(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 13 else { return }
        var offset = 13 + Self.colorTableBytes(bytes[10])
        var (found, duration, delay, plays) = (0, 0, 0, 1)
        walk: while offset < bytes.count {
            switch bytes[offset] {
            case 0x00:
                offset += 1
                continue walk
            case 0x21:
                if let shown = Self.delay(bytes, at: offset) { delay = shown }
                if let repeats = Self.plays(bytes, at: offset) { plays = repeats }
                offset += 2
            case 0x2C where offset + 9 < bytes.count:
                found += 1
                duration += AnimationInfo.shownMilliseconds(delay)
                delay = 0
                offset += 11 + Self.colorTableBytes(bytes[offset + 9])
            default:
                break walk
            }
            while offset < bytes.count, bytes[offset] != 0 { offset += 1 + Int(bytes[offset]) }
            offset += 1
        }
        frames = max(1, found)
        if frames > 1 { animation = AnimationInfo(duration: duration, plays: plays) }
    }

    private static func colorTableBytes(_ packed: UInt8) -> Int { packed & 0x80 == 0 ? 0 : 3 << (Int(packed & 7) + 1) }

    /// Milliseconds of a graphic control extension (section 23); nil where the block is another.
    private static func delay(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        guard offset + 6 < bytes.count, bytes[offset + 1] == 0xF9, bytes[offset + 2] >= 4 else { return nil }
        return bytes.littleEndian(UInt16.self, at: offset + 4).map { Int($0) * 10 }
    }

    /// Netscape's application extension: how often the animation is played again after the first time, 0 for ever. Without it, once.
    private static func plays(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        guard offset + 18 < bytes.count, bytes[offset + 1] == 0xFF, bytes[offset + 2] == 11, bytes[offset + 14] >= 3,
            bytes[offset + 15] & 7 == 1
        else { return nil }
        let name = bytes[offset + 3..<offset + 14]
        guard name.elementsEqual("NETSCAPE2.0".utf8) || name.elementsEqual("ANIMEXTS1.0".utf8) else { return nil }
        // What WebP can hold (RFC 9649 section 2.7.1.1).
        return bytes.littleEndian(UInt16.self, at: offset + 16).map { $0 == 0 ? 0 : min(Int($0) + 1, 65_535) }
    }
}
