/// Takes the server's replies (RFC 5321 section 4.2) out of the bytes that come. Pure: it does no I/O.
package struct SMTPReplies: Sendable {
    package struct Reply: Sendable, Equatable {
        package let code: Int
        package let lines: [String]
    }

    package enum Failure: Error, Sendable, Equatable {
        case malformed
        case tooLong
    }

    private var buffer: [UInt8] = []
    private var lines: [String] = []
    private var code = 0

    private static let lineLimit = 2048
    private static let linesLimit = 100

    package init() {}

    /// Whether bytes wait that belong to no whole reply yet. After STARTTLS there must be none: they came without protection.
    package var isEmpty: Bool { buffer.isEmpty && lines.isEmpty }

    package mutating func append(_ bytes: some Sequence<UInt8>) { buffer += bytes }

    /// The next whole reply; nil where more has to come.
    package mutating func next() throws(Failure) -> Reply? {
        while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
            var line = buffer[..<end]
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            let text = String(decoding: line, as: UTF8.self)
            buffer.removeSubrange(...end)
            guard text.utf8.count >= 3, let number = Int(text.prefix(3)), (200...599).contains(number), lines.isEmpty || number == code
            else { throw .malformed }
            let mark = text.dropFirst(3).first
            guard mark == nil || mark == " " || mark == "-" else { throw .malformed }
            code = number
            lines.append(String(text.dropFirst(4)))
            if lines.count > Self.linesLimit { throw .tooLong }
            if mark != "-" {
                defer { lines = [] }
                return Reply(code: code, lines: lines)
            }
        }
        if buffer.count > Self.lineLimit { throw .tooLong }
        return nil
    }
}
