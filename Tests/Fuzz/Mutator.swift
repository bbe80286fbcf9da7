/// Changes inputs. The same seed gives the same changes.
struct Mutator {
    private var state: UInt64
    private let words: [[UInt8]]

    init(seed: UInt64, words: [String]) {
        state = seed
        self.words = words.map { Array($0.utf8) }
    }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// 0 to count − 1.
    mutating func below(_ count: Int) -> Int { count <= 0 ? 0 : Int(next() % UInt64(count)) }

    /// A place, near the start more often than not: there stands what tells of the rest.
    private mutating func place(_ bytes: [UInt8]) -> Int {
        let reach = [bytes.count, bytes.count, min(bytes.count, 1024), min(bytes.count, 128), min(bytes.count, 32)]
        return below(reach[below(reach.count)])
    }

    /// - Parameter other: another input, of which pieces are taken.
    mutating func changed(_ original: [UInt8], with other: [UInt8], atMost size: Int) -> [UInt8] {
        var bytes = original
        for _ in 0...below([1, 2, 4, 8, 16][below(5)]) { change(&bytes, other) }
        return bytes.count > size ? Array(bytes.prefix(size)) : bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = other
            return
        }
        let at = place(bytes)
        switch below(13) {
        case 0: bytes[at] ^= 1 << UInt8(below(8))
        case 1: bytes[at] = UInt8(truncatingIfNeeded: next())
        case 2: bytes[at] = [0, 1, 0x7F, 0x80, 0xFF, 0x0A, 0x0D, 0x20, 0x22, 0x2C, 0x2D, 0x3B, 0x3D, 0x25][below(14)]
        // Numbers at the edges, in one to eight bytes and both orders.
        case 3, 4:
            let width = [1, 2, 4, 8][below(4)]
            let number = [0, 1, 2, 7, 8, 255, 65_535, 0x7FFF_FFFF, 0xFFFF_FFFF, .max, UInt64(Int64.max), UInt64(bytes.count)][below(12)]
            let isLittle = below(2) == 0
            for index in 0..<width where at + index < bytes.count {
                bytes[at + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * (isLittle ? index : width - 1 - index)))
            }
        case 5: bytes.removeSubrange(at..<min(bytes.count, at + 1 + below(16)))
        case 6: bytes.removeSubrange(at...)
        case 7:
            let from = place(bytes)
            bytes.insert(contentsOf: Array(bytes[from..<min(bytes.count, from + 1 + below(64))]), at: at)
        case 8:
            let from = below(other.count)
            bytes.insert(contentsOf: other[from..<min(other.count, from + 1 + below(256))], at: at)
        case 9: bytes = Array(bytes[..<at]) + other.dropFirst(below(other.count))
        case 10 where !words.isEmpty: bytes.insert(contentsOf: words[below(words.count)], at: at)
        case 11 where !words.isEmpty:
            let word = words[below(words.count)]
            bytes.replaceSubrange(at..<min(bytes.count, at + word.count), with: word)
        // A number in text, longer or at an edge.
        default:
            let digits = [
                "0", "-1", "9223372036854775807", "9223372036854775808", "99999999999999999999", "1e308", "nan", "0x10", "+1", "00",
            ]
            bytes.replaceSubrange(at..<min(bytes.count, at + 1), with: Array(digits[below(digits.count)].utf8))
        }
    }
}
