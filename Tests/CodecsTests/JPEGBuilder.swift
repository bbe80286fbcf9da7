/// Writes small baseline JPEGs (ISO/IEC 10918-1) of kinds that the encoder here does not make: any sampling, any number of
/// components, with or without Adobe's marker. Every 8×8 block of a component has one level, which may differ from MCU to MCU.
struct JPEGBuilder {
    struct Component {
        var id: UInt8
        var horizontal = 1
        var vertical = 1
        /// The level of the blocks of an MCU, by the MCU's column and row.
        var level: (Int, Int) -> UInt8
    }
    var width: Int
    var height: Int
    var components: [Component]
    /// APP14's transform byte: 0 as is, 1 YCbCr, 2 YCCK; nil leaves the marker out.
    var adobeTransform: UInt8?
    /// Whole segments to stand behind SOI.
    var segments: [UInt8] = []

    func bytes() -> [UInt8] {
        var out: [UInt8] = [0xFF, 0xD8] + segments
        if let adobeTransform { out += Self.segment(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, adobeTransform]) }
        // A step of 8 makes the DC coefficient the level itself, less 128.
        out += Self.segment(0xDB, [0] + [UInt8](repeating: 8, count: 64))
        out += Self.segment(
            0xC0,
            [8, UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255), UInt8(components.count)]
                + components.flatMap { [$0.id, UInt8($0.horizontal << 4 | $0.vertical), 0] })
        // DC: categories 0 to 8 as codes of four bits. AC: only the end of block, as one bit.
        out += Self.segment(0xC4, [0x00, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] + Array(0...8))
        out += Self.segment(0xC4, [0x10, 1] + [UInt8](repeating: 0, count: 15) + [0])
        out += Self.segment(0xDA, [UInt8(components.count)] + components.flatMap { [$0.id, 0] } + [0, 63, 0])
        return out + entropyCoded() + [0xFF, 0xD9]
    }

    static func segment(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0xFF, marker, UInt8((payload.count + 2) >> 8), UInt8((payload.count + 2) & 255)] + payload
    }

    /// APP1 with an orientation, big-endian.
    static func exif(orientation: UInt8) -> [UInt8] {
        segment(
            0xE1,
            Array("Exif\0\0MM\0*".utf8) + [0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0])
    }

    private func entropyCoded() -> [UInt8] {
        var bits = BitWriter()
        var predictions = [Int](repeating: 0, count: components.count)
        // A single component is coded block by block, whatever its factors.
        let single = components.count == 1
        let mcuWidth = single ? 8 : 8 * (components.map(\.horizontal).max() ?? 1)
        let mcuHeight = single ? 8 : 8 * (components.map(\.vertical).max() ?? 1)
        for row in 0..<(height + mcuHeight - 1) / mcuHeight {
            for column in 0..<(width + mcuWidth - 1) / mcuWidth {
                for (index, component) in components.enumerated() {
                    for _ in 0..<(single ? 1 : component.horizontal * component.vertical) {
                        let value = Int(component.level(column, row)) - 128
                        let difference = value - predictions[index]
                        predictions[index] = value
                        let category = Int.bitWidth - abs(difference).leadingZeroBitCount
                        bits.append(category, count: 4)
                        bits.append(difference < 0 ? difference + (1 << category) - 1 : difference, count: category)
                        bits.append(0, count: 1)
                    }
                }
            }
        }
        return bits.finished()
    }
}

private struct BitWriter {
    private var bytes: [UInt8] = []
    private var current = 0
    private var count = 0

    mutating func append(_ value: Int, count: Int) {
        for bit in (0..<count).reversed() {
            current = current << 1 | value >> bit & 1
            self.count += 1
            if self.count == 8 { flush() }
        }
    }

    private mutating func flush() {
        bytes.append(UInt8(current))
        // A byte of ones is followed by a stuffed zero.
        if current == 0xFF { bytes.append(0) }
        (current, count) = (0, 0)
    }

    mutating func finished() -> [UInt8] {
        while count > 0 { append(1, count: 1) }
        return bytes
    }
}
