/// Percent-encoding as signatures want it (RFC 3986: all but unreserved characters, upper-case digits).
enum PercentEncoding {
    @inline(__always)
    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    @inline(__always)
    static func append(encoded byte: UInt8, to text: inout [UInt8], keepingSlash: Bool) {
        guard !isUnreserved(byte), !(keepingSlash && byte == UInt8(ascii: "/")) else { return text.append(byte) }
        text.append(UInt8(ascii: "%"))
        text.append(upper(byte >> 4))
        text.append(upper(byte & 15))
    }

    /// Decodes and encodes again, whatever of it was encoded before.
    /// - Parameter plusIsSpace: as in queries of forms.
    /// - Returns: false where a `%` is not followed by two hexadecimal digits.
    static func append(
        normalized bytes: UnsafeBufferPointer<UInt8>, to text: inout [UInt8], keepingSlash: Bool, plusIsSpace: Bool
    ) -> Bool {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < bytes.count, let high = Hexadecimal.digit(bytes[index + 1]),
                    let low = Hexadecimal.digit(bytes[index + 2])
                else { return false }
                append(encoded: high << 4 | low, to: &text, keepingSlash: keepingSlash)
                index += 3
            } else {
                append(encoded: plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte, to: &text, keepingSlash: keepingSlash)
                index += 1
            }
        }
        return true
    }

    static func encode(_ text: some StringProtocol, keepingSlash: Bool = false) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count * 2)
        for byte in text.utf8 { append(encoded: byte, to: &result, keepingSlash: keepingSlash) }
        return String(decoding: result, as: UTF8.self)
    }

    /// Nil where a `%` is not followed by two hexadecimal digits.
    static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        var result: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = iterator.next().flatMap(Hexadecimal.digit), let low = iterator.next().flatMap(Hexadecimal.digit) else {
                    return nil
                }
                result.append(high << 4 | low)
            } else {
                result.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func upper(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
    }
}
