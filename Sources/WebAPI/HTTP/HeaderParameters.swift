/// A header value with parameters, such as `form-data; name="file"; filename="a.jpg"` (RFC 9110 section 5.6.6).
/// A quoted value may hold anything; a backslash quotes the next character only where that is a quote or a backslash,
/// for browsers send Windows paths unescaped. `filename*` (RFC 8187) is read as UTF-8 where `filename` is absent.
public struct HeaderParameters: Sendable, Equatable {
    /// What stands before the first semicolon, in lower case.
    public let value: String
    /// By name in lower case; the first of a name wins.
    public let parameters: [String: String]

    public init(_ text: String) {
        // By bytes: to Swift's characters a quote and a combining mark beside it are one thing that is no quote.
        var parameters: [String: String] = [:]
        var rest = Array(text.utf8)[...]
        value = Self.text(rest.take { $0 != Self.semicolon }).lowercased()
        while rest.first == Self.semicolon {
            rest = rest.dropFirst()
            let name = Self.text(rest.take { $0 != Self.equals && $0 != Self.semicolon }).lowercased()
            guard rest.first == Self.equals else { continue }
            rest = rest.dropFirst()
            let value = rest.first == Self.quote ? Self.quotedText(&rest) : Self.text(rest.take { $0 != Self.semicolon })
            if parameters[name] == nil { parameters[name] = value }
        }
        if parameters["filename"] == nil, let extended = parameters["filename*"] {
            let fields = extended.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
            if fields.count == 3, let decoded = String(fields[2]).removingURLPercentEncoding() { parameters["filename"] = decoded }
        }
        self.parameters = parameters
    }

    private static let (semicolon, equals, quote, backslash) =
        (UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "\""), UInt8(ascii: "\\"))

    /// Takes a quoted value and what stands behind it up to the next semicolon.
    private static func quotedText(_ rest: inout ArraySlice<UInt8>) -> String {
        rest = rest.dropFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst(), byte != quote {
            if byte == backslash, let next = rest.first, next == quote || next == backslash {
                bytes.append(next)
                rest = rest.dropFirst()
            } else {
                bytes.append(byte)
            }
        }
        _ = rest.take { $0 != semicolon }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Without the white space around it.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var bytes = bytes.drop(while: isSpace)
        while let last = bytes.last, isSpace(last) { bytes = bytes.dropLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ArraySlice<UInt8> {
    /// Takes the longest prefix that satisfies.
    fileprivate mutating func take(while isWanted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let taken = prefix(while: isWanted)
        self = dropFirst(taken.count)
        return taken
    }
}
