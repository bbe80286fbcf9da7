/// A text of a policy with wildcards (`*` for any characters, `?` for one) and variables such as `${aws:username}`.
struct PolicyPattern: Sendable, Hashable {
    private enum Piece: Sendable, Hashable {
        case literal([UInt8])
        case any
        case one
        /// The value of a condition key, or this where it has none.
        case variable(String, default: String?)
    }

    private let pieces: [Piece]
    let text: String

    /// - Parameters:
    ///   - wildcards: whether `*` and `?` stand for other characters; `${*}`, `${?}` and `${$}` always mean the character.
    ///   - variables: whether there are any: since the version 2012-10-17 of the language.
    init(_ text: String, wildcards: Bool, variables: Bool) {
        self.text = text
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        func flush() {
            if !literal.isEmpty { pieces.append(.literal(literal)) }
            literal = []
        }
        let bytes = Array(text.utf8)
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            if variables, byte == UInt8(ascii: "$"), place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "{"),
                let end = bytes[place...].firstIndex(of: UInt8(ascii: "}"))
            {
                let inside = String(decoding: bytes[place + 2..<end], as: UTF8.self)
                place = end + 1
                if inside == "*" || inside == "?" || inside == "$" {
                    literal += Array(inside.utf8)
                } else {
                    flush()
                    pieces.append(Self.variable(inside))
                }
                continue
            }
            place += 1
            if wildcards, byte == UInt8(ascii: "*") {
                flush()
                if pieces.last != .any { pieces.append(.any) }
            } else if wildcards, byte == UInt8(ascii: "?") {
                flush()
                pieces.append(.one)
            } else {
                literal.append(byte)
            }
        }
        flush()
        self.pieces = pieces
    }

    /// `aws:username` or `aws:username, 'nobody'`.
    private static func variable(_ inside: String) -> Piece {
        let parts = inside.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts[0].trimmingSpaces()
        guard parts.count == 2 else { return .variable(name, default: nil) }
        let fallback = parts[1].trimmingSpaces()
        guard fallback.utf8.count >= 2, fallback.hasPrefix("'"), fallback.hasSuffix("'") else { return .variable(name, default: nil) }
        return .variable(name, default: String(fallback.dropFirst().dropLast()))
    }

    /// Whether it is one text only.
    var isLiteral: Bool {
        pieces.allSatisfy {
            if case .literal = $0 { true } else { false }
        }
    }

    /// The text with the values of its variables; nil where one has none. Wildcards stand as they are.
    func resolved(_ value: (String) -> String?) -> String? {
        var text: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .literal(let bytes): text += bytes
            case .any: text.append(UInt8(ascii: "*"))
            case .one: text.append(UInt8(ascii: "?"))
            case .variable(let name, let fallback):
                guard let known = value(name) ?? fallback else { return nil }
                text += known.utf8
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private enum Token: Hashable {
        case byte(UInt8)
        case any
        case one
    }

    /// Whether a text is one of those that the pattern stands for. False where a variable has no value.
    func matches(_ text: String, ignoringCase: Bool = false, _ value: (String) -> String?) -> Bool {
        var tokens: [Token] = []
        for piece in pieces {
            switch piece {
            case .literal(let bytes): tokens += bytes.map { .byte($0) }
            case .any: tokens.append(.any)
            case .one: tokens.append(.one)
            case .variable(let name, let fallback):
                guard let known = value(name) ?? fallback else { return false }
                tokens += known.utf8.map { .byte($0) }
            }
        }
        guard ignoringCase else { return Self.match(tokens, Array(text.utf8)) }
        let folded = tokens.map { token -> Token in
            if case .byte(let byte) = token { .byte(byte.lowercasedASCII) } else { token }
        }
        return Self.match(folded, text.utf8.map(\.lowercasedASCII))
    }

    /// Goes back to the last `*` only: a text that an earlier one could take more of, the last one can as well.
    private static func match(_ tokens: [Token], _ text: [UInt8]) -> Bool {
        var token = 0
        var place = 0
        var star: (token: Int, place: Int)?
        while place < text.count {
            if token < tokens.count {
                switch tokens[token] {
                case .any:
                    star = (token, place)
                    token += 1
                    continue
                case .one:
                    token += 1
                    place = characterEnd(text, place)
                    continue
                case .byte(let byte) where byte == text[place]:
                    token += 1
                    place += 1
                    continue
                case .byte: break
                }
            }
            guard let last = star else { return false }
            star = (last.token, last.place + 1)
            token = last.token + 1
            place = last.place + 1
        }
        return tokens[token...].allSatisfy { $0 == .any }
    }

    /// Behind the UTF-8 character that begins there.
    private static func characterEnd(_ text: [UInt8], _ place: Int) -> Int {
        var end = place + 1
        while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
        return end
    }
}

extension UInt8 {
    var lowercasedASCII: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self + 32 : self }
}

extension Substring {
    /// Without spaces and tabs at its ends.
    func trimmingSpaces() -> String {
        var text = self
        while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
        while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
        return String(text)
    }
}
