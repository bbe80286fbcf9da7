import Crypto

/// Bytes as lower-case hexadecimal digits.
enum Hexadecimal {
    static func text(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            var at = 0
            for byte in bytes {
                for nibble in [byte >> 4, byte & 15] {
                    buffer[at] = nibble < 10 ? 48 + nibble : 87 + nibble
                    at += 1
                }
            }
            return at
        }
    }

    static func sha256(_ bytes: [UInt8]) -> String { text(Array(SHA256.hash(data: bytes))) }

    /// Nil where the text is no such.
    static func bytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            let value: UInt8
            switch digit {
            case 48...57: value = digit - 48
            case 97...102: value = digit - 87
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }
}
