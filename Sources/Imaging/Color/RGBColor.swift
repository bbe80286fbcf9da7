/// A colour of sRGB, 8 bits a channel.
public struct RGBColor: Sendable, Hashable, Codable, CustomStringConvertible {
    public let r: UInt8
    public let g: UInt8
    public let b: UInt8

    public init(r: UInt8, g: UInt8, b: UInt8) {
        self.r = r
        self.g = g
        self.b = b
    }

    /// CSS notation, `#rrggbb`.
    public var hex: String {
        "#" + [r, g, b].map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined()
    }
    public var description: String { hex }
}
