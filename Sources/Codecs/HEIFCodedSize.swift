/// The size of the frames in a coded picture, as its own sequence header says it.
///
/// The container says a size too, and limits are checked against that one; a file that hides a gigantic frame behind a
/// small size must be found before a codec allocates it.
enum HEIFCodedSize {
    /// Throws where the primary image, a part of it or an auxiliary image (alpha) has frames of more pixels than the primary
    /// image, give or take the codec's blocks.
    /// - Parameter size: of the primary image, before it is cropped.
    static func check(_ items: HEIFItems, primary size: (width: Int, height: Int), _ format: ImageFormat) throws(CodecError) {
        let (allowed, overflow) = (size.width + blockReserve).multipliedReportingOverflow(by: size.height + blockReserve)
        // More than any limit on pixels allows.
        if overflow { return }
        for item in Set([items.primary] + items.auxiliaries + items.parts.values.joined()) {
            guard let type = items.types[item], type == "hvc1" || type == "av01" else { continue }
            guard let data = items.data(of: item) else { throw .unsupported(format, .init(.pieces)) }
            let isHEVC = type == "hvc1"
            let configuration = items.properties(of: item).first { $0.type == (isHEVC ? "hvcC" : "av1C") }?.data
            let areas = isHEVC ? hevcAreas(configuration, data) : av1Areas(configuration, data)
            guard let areas else { throw .corrupt(format, .init(.codedHeader)) }
            guard areas.allSatisfy({ $0 <= allowed }) else {
                throw .corrupt(format, .init(.codedSize))
            }
        }
    }

    /// A frame is padded to blocks of at most 128 × 128.
    private static let blockReserve = 128

    // MARK: HEVC (ITU-T H.265)

    /// Pixels of every sequence parameter set in the configuration (ISO/IEC 14496-15 section 8.3.3) and in the data. Nil where one
    /// cannot be read.
    private static func hevcAreas(_ configuration: UnsafeRawBufferPointer?, _ data: UnsafeRawBufferPointer) -> [Int]? {
        guard let configuration, configuration.count >= 23 else { return nil }
        var units: [UnsafeRawBufferPointer] = []
        var offset = 23
        for _ in 0..<configuration[22] {
            guard let count = configuration.bigEndian(UInt16.self, at: offset + 1) else { return nil }
            offset += 3
            for _ in 0..<count {
                guard let length = configuration.bigEndian(UInt16.self, at: offset).map(Int.init),
                    length <= configuration.count - offset - 2
                else { return nil }
                units.append(UnsafeRawBufferPointer(rebasing: configuration[offset + 2..<offset + 2 + length]))
                offset += 2 + length
            }
        }
        // The data's units have their length before them, in 4 bytes: libheif reads no other.
        offset = 0
        while let length = data.bigEndian(UInt32.self, at: offset).map(Int.init), length <= data.count - offset - 4 {
            units.append(UnsafeRawBufferPointer(rebasing: data[offset + 4..<offset + 4 + length]))
            offset += 4 + length
        }
        var areas: [Int] = []
        for unit in units where unit.count > 2 && unit[0] >> 1 & 0x3F == 33 {
            guard let area = hevcArea(unit) else { return nil }
            areas.append(area)
        }
        return areas
    }

    /// H.265 section 7.3.2.2, up to the size.
    private static func hevcArea(_ unit: UnsafeRawBufferPointer) -> Int? {
        var bits = BitReader(unit.dropFirst(2), withoutEmulationPrevention: true)
        bits.skip(4)
        guard let layers = bits.read(3) else { return nil }
        bits.skip(1 + 96)
        var present: [(profile: Bool, level: Bool)] = []
        for _ in 0..<layers {
            guard let flags = bits.read(2) else { return nil }
            present.append((flags & 2 != 0, flags & 1 != 0))
        }
        if layers > 0 { bits.skip(2 * (8 - layers)) }
        for layer in present { bits.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0)) }
        guard bits.readExponentialGolomb() != nil, let chroma = bits.readExponentialGolomb() else { return nil }
        if chroma == 3 { bits.skip(1) }
        guard let width = bits.readExponentialGolomb(), let height = bits.readExponentialGolomb() else { return nil }
        // Two numbers of 32 bits, whatever the file likes.
        let (area, overflow) = width.multipliedReportingOverflow(by: height)
        return overflow ? Int.max : area
    }

    // MARK: AV1

    /// Pixels of every sequence header in the configuration (AV1-ISOBMFF section 2.3) and in the data. Nil where one cannot be read.
    private static func av1Areas(_ configuration: UnsafeRawBufferPointer?, _ data: UnsafeRawBufferPointer) -> [Int]? {
        guard let configuration, configuration.count >= 4 else { return nil }
        var areas: [Int] = []
        for units in [UnsafeRawBufferPointer(rebasing: configuration.dropFirst(4)), data] {
            var offset = 0
            while offset < units.count {
                let header = units[offset]
                offset += header & 4 != 0 ? 2 : 1
                var length = units.count - offset
                if header & 2 != 0 {
                    guard let (value, bytes) = littleEndianBase128(units, at: offset) else { return nil }
                    offset += bytes
                    length = value
                }
                guard length >= 0, length <= units.count - offset else { return nil }
                if header >> 3 & 15 == 1 {
                    guard let area = av1Area(units[offset..<offset + length]) else { return nil }
                    areas.append(area)
                }
                offset += length
            }
        }
        return areas
    }

    private static func littleEndianBase128(_ bytes: UnsafeRawBufferPointer, at start: Int) -> (value: Int, bytes: Int)? {
        var value = 0
        for index in 0..<8 {
            guard start + index < bytes.count else { return nil }
            value |= Int(bytes[start + index] & 0x7F) << (7 * index)
            if bytes[start + index] & 0x80 == 0 { return (value, index + 1) }
        }
        return nil
    }

    /// AV1 section 5.5.1, up to the size.
    private static func av1Area(_ unit: Slice<UnsafeRawBufferPointer>) -> Int? {
        var bits = BitReader(unit, withoutEmulationPrevention: false)
        bits.skip(4)
        guard let isReduced = bits.read(1) else { return nil }
        if isReduced == 1 {
            bits.skip(5)
        } else {
            guard skipOperatingPoints(&bits) else { return nil }
        }
        guard let widthBits = bits.read(4), let heightBits = bits.read(4), let width = bits.read(widthBits + 1),
            let height = bits.read(heightBits + 1)
        else { return nil }
        return (width + 1) * (height + 1)
    }

    private static func skipOperatingPoints(_ bits: inout BitReader) -> Bool {
        var (hasDecoderModel, delayBits) = (false, 0)
        if bits.read(1) == 1 {
            bits.skip(64)
            // equal_picture_interval is followed by a number in unsigned variable-length code.
            if bits.read(1) == 1, bits.readExponentialGolomb() == nil { return false }
            hasDecoderModel = bits.read(1) == 1
            if hasDecoderModel {
                guard let value = bits.read(5) else { return false }
                delayBits = value + 1
                bits.skip(32 + 10)
            }
        }
        guard let hasDisplayDelay = bits.read(1), let points = bits.read(5) else { return false }
        for _ in 0...points {
            bits.skip(12)
            guard let level = bits.read(5) else { return false }
            if level > 7 { bits.skip(1) }
            if hasDecoderModel, bits.read(1) == 1 { bits.skip(2 * delayBits + 1) }
            if hasDisplayDelay == 1, bits.read(1) == 1 { bits.skip(4) }
        }
        return true
    }
}

/// Bits from the highest of each byte to the lowest; every read beyond the end is nil.
private struct BitReader {
    private var bytes: [UInt8]
    private var position = 0

    /// - Parameter withoutEmulationPrevention: drop the 3 of every 0, 0, 3 (H.265 section 7.3.1.1).
    init(_ unit: Slice<UnsafeRawBufferPointer>, withoutEmulationPrevention: Bool) {
        // Far more than any header has in front of its size.
        bytes = Array(unit.prefix(512))
        guard withoutEmulationPrevention else { return }
        var (kept, zeros) = ([UInt8](), 0)
        for byte in bytes {
            if zeros >= 2, byte == 3 {
                zeros = 0
            } else {
                kept.append(byte)
                zeros = byte == 0 ? zeros + 1 : 0
            }
        }
        bytes = kept
    }

    mutating func skip(_ count: Int) { position += count }

    /// - Precondition: `count` is at most 32.
    mutating func read(_ count: Int) -> Int? {
        guard position + count <= bytes.count * 8 else { return nil }
        var value = 0
        for _ in 0..<count {
            value = value << 1 | Int(bytes[position / 8] >> (7 - position % 8) & 1)
            position += 1
        }
        return value
    }

    /// ue(v) of H.265 section 9.2, which is uvlc() of AV1 section 4.10.3.
    mutating func readExponentialGolomb() -> Int? {
        var zeros = 0
        while true {
            guard let bit = read(1) else { return nil }
            if bit == 1 { break }
            zeros += 1
            guard zeros < 32 else { return nil }
        }
        return read(zeros).map { (1 << zeros) - 1 + $0 }
    }
}
