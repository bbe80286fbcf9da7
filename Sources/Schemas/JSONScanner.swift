/// What a JSON text is read into.
package protocol JSONReadable {
    /// - Throws: why there can be no such object, such as a name that stands twice.
    static func json(object members: [(name: String, value: Self)]) throws(JSONFailure) -> Self
    static func json(array elements: [Self]) -> Self
    static func json(string: String) -> Self
    /// - Parameter number: as it was written.
    /// - Throws: where it cannot be told.
    static func json(number: String) throws(JSONFailure) -> Self
    static func json(bool: Bool) -> Self
    static var jsonNull: Self { get }
}

/// Where and why a text is no JSON, or none that is taken.
package struct JSONFailure: Error, Hashable, Sendable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// Reads a JSON text strictly (RFC 8259, UTF-8), once from its beginning to its end: in time that grows with its length alone, whatever
/// it is like inside. `JSONDecoder`, asked for a value of any kind, takes hours for a megabyte of nested arrays.
package struct JSONScanner<Value: JSONReadable> {
    private let bytes: [UInt8]
    private var place = 0
    private let depth: Int

    /// - Parameter depth: objects and arrays within one another; more are refused.
    package static func read(_ text: some Sequence<UInt8>, depth: Int) throws(JSONFailure) -> Value {
        var scanner = JSONScanner(bytes: Array(text), depth: depth)
        // A mark of the byte order, which some editors write.
        if scanner.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { scanner.place = 3 }
        let value = try scanner.value(within: 0)
        scanner.skipSpace()
        guard scanner.place == scanner.bytes.count else { throw scanner.fail("something follows the document") }
        return value
    }

    private init(bytes: [UInt8], depth: Int) {
        self.bytes = bytes
        self.depth = depth
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private func fail(_ reason: String) -> JSONFailure { JSONFailure("\(reason) at byte \(place)") }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { place += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    private mutating func take(word: StaticString) -> Bool {
        word.withUTF8Buffer { expected in
            guard bytes.count - place >= expected.count, bytes[place..<place + expected.count].elementsEqual(expected) else { return false }
            place += expected.count
            return true
        }
    }

    private mutating func value(within level: Int) throws(JSONFailure) -> Value {
        skipSpace()
        guard let first = next else { throw fail("no value") }
        switch first {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard level < depth else { throw fail("nested too deep") }
            place += 1
            return first == UInt8(ascii: "{") ? try object(within: level) : try array(within: level)
        case UInt8(ascii: "\""): return .json(string: try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let text = try number()
            return try .json(number: text)
        default:
            if take(word: "true") { return .json(bool: true) }
            if take(word: "false") { return .json(bool: false) }
            if take(word: "null") { return .jsonNull }
            throw fail("no value")
        }
    }

    private mutating func object(within level: Int) throws(JSONFailure) -> Value {
        var members: [(name: String, value: Value)] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return try .json(object: members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw fail("no name") }
            let name = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fail("no colon") }
            members.append((name, try value(within: level + 1)))
            skipSpace()
            if take(UInt8(ascii: "}")) { return try .json(object: members) }
            guard take(UInt8(ascii: ",")) else { throw fail("no comma") }
        }
    }

    private mutating func array(within level: Int) throws(JSONFailure) -> Value {
        var elements: [Value] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .json(array: elements) }
        while true {
            elements.append(try value(within: level + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return .json(array: elements) }
            guard take(UInt8(ascii: ",")) else { throw fail("no comma") }
        }
    }

    private mutating func number() throws(JSONFailure) -> String {
        let start = place
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false }
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) {
            guard isDigit(next) else { throw fail("no number") }
            while isDigit(next) { place += 1 }
        }
        if take(UInt8(ascii: ".")) {
            guard isDigit(next) else { throw fail("no number") }
            while isDigit(next) { place += 1 }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard isDigit(next) else { throw fail("no number") }
            while isDigit(next) { place += 1 }
        }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func string() throws(JSONFailure) -> String {
        place += 1
        var text: [UInt8] = []
        var start = place
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                text += bytes[start..<place]
                place += 1
                guard let string = String(validating: text, as: UTF8.self) else { throw fail("a string that is no UTF-8") }
                return string
            case UInt8(ascii: "\\"):
                text += bytes[start..<place]
                place += 1
                text += try escape()
                start = place
            case 0..<0x20: throw fail("a control character")
            default: place += 1
            }
        }
        throw fail("a string without end")
    }

    private mutating func escape() throws(JSONFailure) -> [UInt8] {
        guard let byte = next else { throw fail("a string without end") }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var units = [try unit()]
            if UTF16.isLeadSurrogate(units[0]) {
                guard take(word: "\\u") else { throw fail("half a surrogate pair") }
                units.append(try unit())
                guard UTF16.isTrailSurrogate(units[1]) else { throw fail("half a surrogate pair") }
            } else if UTF16.isTrailSurrogate(units[0]) {
                throw fail("half a surrogate pair")
            }
            return Array(String(decoding: units, as: UTF16.self).utf8)
        default: throw fail("an unknown escape")
        }
    }

    private mutating func unit() throws(JSONFailure) -> UInt16 {
        guard bytes.count - place >= 4 else { throw fail("half an escape") }
        var value: UInt16 = 0
        for byte in bytes[place..<place + 4] {
            guard byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw fail("half an escape") }
            value = value << 4 | UInt16(digit)
        }
        place += 4
        return value
    }
}
