/// Writes one coded image of a HEIF file as a HEIF file of its own (ISO/IEC 23008-12 section 6), which is how libheif is
/// brought to decode a single tile: it knows only pictures that stand by themselves.
struct HEIFTile {
    /// `hvc1` or `av01`.
    let type: String
    /// The boxes that describe it, such as `hvcC`, `ispe` and `colr`.
    let properties: [(type: String, data: UnsafeRawBufferPointer)]
    let data: UnsafeRawBufferPointer

    /// The file's bytes.
    func file() -> [UInt8] {
        let brands = Self.box("ftyp", Array((type == "av01" ? "avif" : "heic").utf8) + [0, 0, 0, 0] + Array("mif1".utf8))
        // Where the data begins depends on the length of what tells it, which does not depend on where.
        let start = brands.count + meta(dataAt: 0).count + 8
        return brands + meta(dataAt: start) + Self.box("mdat", Array(data))
    }

    private func meta(dataAt start: Int) -> [UInt8] {
        let handler = Self.box("hdlr", [UInt8](repeating: 0, count: 8) + Array("pict".utf8) + [UInt8](repeating: 0, count: 13))
        let primary = Self.box("pitm", [0, 0, 0, 0, 0, 1])
        let entry = Self.box("infe", [2, 0, 0, 0, 0, 1, 0, 0] + Array(type.utf8) + [0])
        let entries = Self.box("iinf", [0, 0, 0, 0, 0, 1] + entry)
        let container = Self.box("ipco", properties.flatMap { Self.box($0.type, Array($0.data)) })
        let indices = (1...properties.count).map { UInt8($0) }
        let associations = Self.box("ipma", [0, 0, 0, 0, 0, 0, 0, 1, 0, 1, UInt8(properties.count)] + indices)
        let location: [UInt8] = [0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1] + Self.word(start) + Self.word(data.count)
        return Self.box(
            "meta",
            [0, 0, 0, 0] + handler + primary + entries + Self.box("iprp", container + associations) + Self.box("iloc", location))
    }

    private static func box(_ type: String, _ body: [UInt8]) -> [UInt8] { word(8 + body.count) + Array(type.utf8) + body }

    private static func word(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(value).bigEndian) { Array($0) } }
}
