import Imaging

/// The values of one operation, each read as what the operation takes.
struct TransformArguments {
    let operation: String
    let values: [Substring]

    func flag() throws(TransformError) -> Bool {
        guard values.isEmpty else { throw malformed("no value") }
        return true
    }

    func integer(_ range: ClosedRange<Int>) throws(TransformError) -> Int {
        let number = values.count == 1 ? Self.integer(values[0]) : nil
        guard let number, range.contains(number) else {
            throw malformed("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func decimal(_ range: ClosedRange<Double>) throws(TransformError) -> Double {
        let number = values.count == 1 ? Self.decimal(values[0]) : nil
        guard let number, range.contains(number) else {
            throw malformed("a number from \(Self.short(range.lowerBound)) to \(Self.short(range.upperBound)), at most four decimals")
        }
        return number
    }

    func choice<Value>(_ expected: String, _ read: (String) -> Value?) throws(TransformError) -> Value {
        guard values.count == 1, let value = read(String(values[0])) else { throw malformed(expected) }
        return value
    }

    /// `a-z`, `0-9`, `-`, `_`, at most 32 of them.
    func word(_ expected: String) throws(TransformError) -> String {
        try choice(expected) { text in
            let isWord = text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F }
            return isWord && (1...32).contains(text.utf8.count) ? text : nil
        }
    }

    func gravity() throws(TransformError) -> Gravity {
        if values == ["smart"] { return .smart }
        if values.count == 1, let point = Gravity.Point(rawValue: String(values[0])) { return .point(point) }
        if values.count == 3, values[0] == "fp", let x = Self.decimal(values[1]), let y = Self.decimal(values[2]), x <= 1, y <= 1 {
            return .focus(x: x, y: y)
        }
        throw malformed("nw, n, ne, w, c, e, sw, s, se, smart, or fp:X:Y with X and Y from 0 to 1")
    }

    func area() throws(TransformError) -> TransformOperations.Area {
        let numbers = values.compactMap(Self.integer)
        guard values.count == 4, numbers.count == 4, numbers[2] >= 1, numbers[3] >= 1, numbers.allSatisfy({ $0 <= 100_000_000 }) else {
            throw malformed("X:Y:WIDTH:HEIGHT in whole pixels")
        }
        return TransformOperations.Area(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
    }

    func color() throws(TransformError) -> RGBColor {
        try choice("six hexadecimal digits, RRGGBB") { text in
            guard text.utf8.count == 6, text.utf8.allSatisfy({ Self.isHexDigit($0) }), let number = UInt32(text, radix: 16) else {
                return nil
            }
            return RGBColor(r: UInt8(number >> 16), g: UInt8(number >> 8 & 0xFF), b: UInt8(number & 0xFF))
        }
    }

    func watermark() throws(TransformError) -> TransformOperations.Watermark {
        let error = malformed("MEDIA_ID[:OPACITY[:POSITION[:SCALE]]] with opacity and scale above 0 and up to 1, and a point such as se")
        guard (1...4).contains(values.count), Self.isUUID(values[0]) else { throw error }
        var watermark = TransformOperations.Watermark(mediaID: values[0].lowercased())
        if values.count > 1 {
            guard let opacity = Self.decimal(values[1]), opacity > 0, opacity <= 1 else { throw error }
            watermark.opacity = opacity
        }
        if values.count > 2 {
            guard let position = Gravity.Point(rawValue: String(values[2])) else { throw error }
            watermark.position = position
        }
        if values.count > 3 {
            guard let scale = Self.decimal(values[3]), scale > 0, scale <= 1 else { throw error }
            watermark.scale = scale
        }
        return watermark
    }

    private func malformed(_ expected: String) -> TransformError { .malformed(operation: operation, expected: expected) }

    /// Digits alone: no sign, no space.
    private static func integer(_ text: Substring) -> Int? {
        (1...11).contains(text.utf8.count) && text.utf8.allSatisfy(isDigit) ? Int(text) : nil
    }

    /// Digits, and behind a point one to four more.
    private static func decimal(_ text: Substring) -> Double? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), integer(parts[0]) != nil,
            parts.count == 1 || ((1...4).contains(parts[1].utf8.count) && parts[1].utf8.allSatisfy(isDigit))
        else { return nil }
        return Double(text)
    }

    private static func short(_ number: Double) -> String { number == number.rounded() ? String(Int(number)) : String(number) }

    private static func isUUID(_ text: Substring) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 36
            && bytes.enumerated().allSatisfy { index, byte in [8, 13, 18, 23].contains(index) ? byte == 0x2D : isHexDigit(byte) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}
