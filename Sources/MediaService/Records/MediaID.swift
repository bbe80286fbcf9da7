import Persistence

/// The id of a media record: a UUIDv7 (RFC 9562) in lower case, so that ids and everything named after them sort by age.
public struct MediaID: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// A new id.
    package init() { description = UUIDv7.make() }

    /// Nil where the text is no UUID in its usual form of 36 characters.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        for (index, byte) in bytes.enumerated() {
            let isHyphenPlace = index == 8 || index == 13 || index == 18 || index == 23
            let isHexDigit = (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
            guard isHyphenPlace ? byte == UInt8(ascii: "-") : isHexDigit else { return nil }
        }
        description = text.lowercased()
    }
}
