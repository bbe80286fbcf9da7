/// JSON as a policy needs it read: strictly by RFC 8259, with every name of an object once (two of a name would let a policy say one
/// thing to its reader and another to the server), and not deeper than policies are.
enum PolicyJSON: Sendable, Hashable {
    case string(String)
    /// As it was written.
    case number(String)
    case bool(Bool)
    case null
    case array([PolicyJSON])
    /// In the order of the text.
    case object([Member])

    struct Member: Sendable, Hashable {
        let name: String
        let value: PolicyJSON
    }

    /// Where and why the text is no such JSON.
    struct Failure: Error, Hashable {
        let reason: String
    }

    private static let maximumDepth = 24

    init(_ text: String) throws(Failure) {
        var scanner = Scanner(bytes: Array(text.utf8))
        self = try scanner.document()
    }

    private struct Scanner {
        let bytes: [UInt8]
        var place = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

        private func fail(_ reason: String) -> Failure { Failure(reason: "\(reason) at byte \(place)") }

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
                guard bytes.count - place >= expected.count, bytes[place..<place + expected.count].elementsEqual(expected) else {
                    return false
                }
                place += expected.count
                return true
            }
        }

        mutating func document() throws(Failure) -> PolicyJSON {
            let value = try value(depth: 0)
            skipSpace()
            guard place == bytes.count else { throw fail("something follows the document") }
            return value
        }

        private mutating func value(depth: Int) throws(Failure) -> PolicyJSON {
            guard depth < PolicyJSON.maximumDepth else { throw fail("nested too deep") }
            skipSpace()
            guard let first = next else { throw fail("no value") }
            switch first {
            case UInt8(ascii: "{"): return try object(depth: depth)
            case UInt8(ascii: "["): return try array(depth: depth)
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
            default:
                if take(word: "true") { return .bool(true) }
                if take(word: "false") { return .bool(false) }
                if take(word: "null") { return .null }
                throw fail("no value")
            }
        }

        private mutating func object(depth: Int) throws(Failure) -> PolicyJSON {
            place += 1
            var members: [Member] = []
            var names: Set<String> = []
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            while true {
                skipSpace()
                guard next == UInt8(ascii: "\"") else { throw fail("no name") }
                let name = try string()
                guard names.insert(name).inserted else { throw fail("\(name) stands twice") }
                skipSpace()
                guard take(UInt8(ascii: ":")) else { throw fail("no colon") }
                members.append(Member(name: name, value: try value(depth: depth + 1)))
                skipSpace()
                if take(UInt8(ascii: "}")) { return .object(members) }
                guard take(UInt8(ascii: ",")) else { throw fail("no comma") }
            }
        }

        private mutating func array(depth: Int) throws(Failure) -> PolicyJSON {
            place += 1
            var values: [PolicyJSON] = []
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(values) }
            while true {
                values.append(try value(depth: depth + 1))
                skipSpace()
                if take(UInt8(ascii: "]")) { return .array(values) }
                guard take(UInt8(ascii: ",")) else { throw fail("no comma") }
            }
        }

        private mutating func number() throws(Failure) -> String {
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

        private mutating func string() throws(Failure) -> String {
            place += 1
            var text: [UInt8] = []
            while let byte = next {
                place += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
                case UInt8(ascii: "\\"): text += try escape()
                case 0..<0x20: throw fail("a control character")
                default: text.append(byte)
                }
            }
            throw fail("a string without end")
        }

        private mutating func escape() throws(Failure) -> [UInt8] {
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

        private mutating func unit() throws(Failure) -> UInt16 {
            guard bytes.count - place >= 4 else { throw fail("half an escape") }
            var value: UInt16 = 0
            for byte in bytes[place..<place + 4] {
                guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw fail("half an escape") }
                value = value << 4 | UInt16(digit)
            }
            place += 4
            return value
        }
    }
}
