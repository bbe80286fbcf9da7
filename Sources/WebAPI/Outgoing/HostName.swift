/// A host's name in lower case: letters, digits, hyphens, underscores, and dots between them; at most 253 of them (RFC 1035). What
/// else may stand in a URL's host (percent signs, other alphabets) could be read as another name by whoever connects.
public struct HostName: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// Nil where the text is none.
    public init?(_ text: some StringProtocol) {
        let name = text.lowercased()
        let isWord = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
                || $0 == UInt8(ascii: "_")
        }
        guard (1...253).contains(name.utf8.count), isWord, !name.hasPrefix("."), !name.contains("..") else { return nil }
        description = name
    }
}
