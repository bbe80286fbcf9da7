import Foundation
import Synchronization

/// Time-ordered identifiers, version 7 of RFC 9562 (section 5.7): 48 bits of milliseconds since 1970, then a 12-bit
/// counter that keeps the order within a millisecond (section 6.2, method 1), then 62 random bits.
public enum UUIDv7 {
    private struct Last {
        var milliseconds: Int64 = 0
        var counter: UInt16 = 0
    }

    private static let last = Mutex(Last())
    /// The digits that carry the two variant bits `10`.
    private static let variants = Array("89ab".utf8)

    /// A new identifier in lower case. Within one process each is greater, as text too, than all made before it, even
    /// where the clock is set back.
    public static func make() -> String {
        make(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    package static func make(milliseconds now: Int64) -> String {
        let (milliseconds, counter) = last.withLock { last in
            if now > last.milliseconds {
                last = Last(milliseconds: now, counter: .random(in: 0...0x7ff))
            } else if last.counter < 0xfff {
                last.counter += 1
            } else {
                last = Last(milliseconds: last.milliseconds + 1, counter: .random(in: 0...0x7ff))
            }
            return (last.milliseconds, last.counter)
        }
        let high = UInt64(milliseconds) << 16 | 0x7000 | UInt64(counter)
        let low = UInt64.random(in: 0...UInt64.max) >> 2 | 1 << 63
        return text(high, low)
    }

    /// When the identifier was made, in milliseconds since 1970; nil where it is no UUIDv7.
    public static func milliseconds(of id: String) -> Int64? {
        guard isValid(id) else { return nil }
        let digits = id.utf8.prefix(13).filter { $0 != UInt8(ascii: "-") }
        return Int64(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    /// Whether the text is a UUIDv7 in the form that `make` writes: lower-case hexadecimal digits in groups of 8-4-4-4-12.
    public static func isValid(_ id: String) -> Bool {
        guard id.utf8.count == 36 else { return false }
        for (index, byte) in id.utf8.enumerated() {
            switch index {
            case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return false }
            case 14: guard byte == UInt8(ascii: "7") else { return false }
            case 19: guard variants.contains(byte) else { return false }
            default: guard (48...57).contains(byte) || (97...102).contains(byte) else { return false }
            }
        }
        return true
    }

    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var at = 0
            for digit in 0..<32 {
                if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                    buffer[at] = UInt8(ascii: "-")
                    at += 1
                }
                let half = digit < 16 ? high : low
                let nibble = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (digit & 15))) & 0xf
                buffer[at] = nibble < 10 ? 48 + nibble : 87 + nibble
                at += 1
            }
            return at
        }
    }
}
