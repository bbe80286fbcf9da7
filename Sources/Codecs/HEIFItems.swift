/// The items of a HEIF file as its `meta` box lists them (ISO/IEC 14496-12 section 8.11, ISO/IEC 23008-12 section 9):
/// what libheif does not tell, for decoding a grid tile by tile. Nothing here trusts a length or an offset.
struct HEIFItems {
    /// The item that a viewer shows.
    private(set) var primary: UInt32 = 0
    private(set) var types: [UInt32: String] = [:]
    /// For a derived item the items that it is made of, in order (`dimg`).
    private(set) var parts: [UInt32: [UInt32]] = [:]
    /// Items that belong to another one, such as its alpha (`auxl`).
    private(set) var auxiliaries: [UInt32] = []
    private var properties: [(type: String, data: UnsafeRawBufferPointer)] = []
    private var associations: [UInt32: [Int]] = [:]
    private var locations: [UInt32: Location] = [:]
    private var itemData: UnsafeRawBufferPointer?
    private let file: UnsafeRawBufferPointer

    private struct Location {
        let isInItemData: Bool
        let offset: Int
        let count: Int
    }

    /// Photos of 200 megapixels have some 800 items.
    private static let mostItems = 65_536

    /// Nil where there is no `meta` box, more than one (of which another reader could take another), or what is in it makes no sense.
    /// The bytes must outlive the value.
    init?(_ bytes: UnsafeRawBufferPointer) {
        file = bytes
        let metas = Self.boxes(in: bytes).filter { $0.type == "meta" }
        guard metas.count == 1, let meta = metas.first?.data, meta.count >= 4 else { return nil }
        for box in Self.boxes(in: meta.from(4)) {
            var reader = BoxReader(box.data)
            let isRead: Void?
            switch box.type {
            case "pitm": isRead = reader.fullBox().flatMap { version in reader.id(wide: version > 0) }.map { primary = $0 }
            case "iinf": isRead = readTypes(&reader)
            case "iref": isRead = readReferences(&reader)
            case "iloc": isRead = readLocations(&reader)
            case "iprp": isRead = readProperties(box.data)
            case "idat": isRead = { itemData = box.data }()
            default: isRead = ()
            }
            guard isRead != nil else { return nil }
        }
    }

    /// The item's properties in the order in which they hold.
    func properties(of item: UInt32) -> [(type: String, data: UnsafeRawBufferPointer)] {
        (associations[item] ?? []).compactMap { properties.indices.contains($0) ? properties[$0] : nil }
    }

    /// Whether quarter turns stand before the size (`ispe`) among the primary item's properties, against ISO/IEC 23008-12 section 6.5.1;
    /// cameras write such files. libheif takes the size as it is then, and turns the picture.
    var turnsBeforeSize: Bool {
        let turns = properties(of: primary).prefix { $0.type != "ispe" }.filter { $0.type == "irot" }
        return turns.reduce(0) { $0 + Int($1.data.first ?? 0) } % 2 == 1
    }

    /// The item's bytes, where they lie in one piece.
    func data(of item: UInt32) -> UnsafeRawBufferPointer? {
        guard let location = locations[item], let source = location.isInItemData ? itemData : file,
            location.offset <= source.count, location.count <= source.count - location.offset
        else { return nil }
        return UnsafeRawBufferPointer(rebasing: source[location.offset..<location.offset + location.count])
    }

    private mutating func readTypes(_ reader: inout BoxReader) -> Void? {
        guard let version = reader.fullBox(), reader.id(wide: version > 0) != nil else { return nil }
        for box in Self.boxes(in: reader.rest) where box.type == "infe" {
            var entry = BoxReader(box.data)
            guard let version = entry.fullBox(), version >= 2, let id = entry.id(wide: version > 2), entry.integer(UInt16.self) != nil,
                let type = entry.code()
            else { return nil }
            types[id] = type
        }
        return ()
    }

    private mutating func readReferences(_ reader: inout BoxReader) -> Void? {
        guard let version = reader.fullBox() else { return nil }
        for box in Self.boxes(in: reader.rest) where box.type == "dimg" || box.type == "auxl" {
            var entry = BoxReader(box.data)
            guard let from = entry.id(wide: version > 0), let count = entry.integer(UInt16.self) else { return nil }
            if box.type == "auxl" {
                auxiliaries.append(from)
                continue
            }
            var items: [UInt32] = []
            for _ in 0..<count {
                guard let item = entry.id(wide: version > 0) else { return nil }
                items.append(item)
            }
            parts[from] = items
        }
        return ()
    }

    private mutating func readLocations(_ reader: inout BoxReader) -> Void? {
        guard let version = reader.fullBox(), version <= 2, let sizes = reader.integer(UInt16.self),
            let items = reader.id(wide: version == 2), items <= Self.mostItems
        else { return nil }
        let (offsetBytes, countBytes, baseBytes) = (Int(sizes >> 12), Int(sizes >> 8 & 15), Int(sizes >> 4 & 15))
        let indexBytes = version > 0 ? Int(sizes & 15) : 0
        for _ in 0..<items {
            guard let id = reader.id(wide: version == 2) else { return nil }
            var method: UInt16 = 0
            if version > 0 {
                guard let value = reader.integer(UInt16.self) else { return nil }
                method = value & 15
            }
            guard reader.integer(UInt16.self) != nil, let base = reader.number(baseBytes), let extents = reader.integer(UInt16.self)
            else { return nil }
            for _ in 0..<extents {
                guard reader.number(indexBytes) != nil, let offset = reader.number(offsetBytes), let count = reader.number(countBytes)
                else { return nil }
                let (start, overflows) = base.addingReportingOverflow(offset)
                if extents == 1, method <= 1, !overflows {
                    locations[id] = Location(isInItemData: method == 1, offset: start, count: count)
                }
            }
        }
        return ()
    }

    private mutating func readProperties(_ data: UnsafeRawBufferPointer) -> Void? {
        for box in Self.boxes(in: data) {
            if box.type == "ipco" { properties = Self.boxes(in: box.data) }
            guard box.type == "ipma" else { continue }
            var reader = BoxReader(box.data)
            guard let header = reader.integer(UInt32.self), let items = reader.integer(UInt32.self), items <= Self.mostItems
            else { return nil }
            for _ in 0..<items {
                guard let id = reader.id(wide: header >> 24 > 0), let count = reader.integer(UInt8.self) else { return nil }
                var indices: [Int] = []
                for _ in 0..<count {
                    // Numbered from 1; the highest bit says "essential".
                    let isWide = header & 1 != 0
                    guard let index = isWide ? reader.integer(UInt16.self).map(Int.init) : reader.integer(UInt8.self).map(Int.init)
                    else { return nil }
                    indices.append(index & (isWide ? 0x7FFF : 0x7F) - 1)
                }
                associations[id] = indices
            }
        }
        return ()
    }

    /// The boxes that stand one after another in the bytes, up to the first that does not fit.
    static func boxes(in bytes: UnsafeRawBufferPointer) -> [(type: String, data: UnsafeRawBufferPointer)] {
        var found: [(type: String, data: UnsafeRawBufferPointer)] = []
        var offset = 0
        while found.count < mostItems, let short = bytes.bigEndian(UInt32.self, at: offset), let type = bytes.brand(at: offset + 4) {
            var (header, length) = (8, Int(short))
            if short == 1 {
                guard let long = bytes.bigEndian(UInt64.self, at: offset + 8), let value = Int(exactly: long) else { break }
                (header, length) = (16, value)
            } else if short == 0 {
                length = bytes.count - offset
            }
            guard length >= header, length <= bytes.count - offset else { break }
            found.append((type, UnsafeRawBufferPointer(rebasing: bytes[offset + header..<offset + length])))
            offset += length
        }
        return found
    }
}

/// Reads the fields of one box in order; every read is nil beyond the end.
private struct BoxReader {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var rest: UnsafeRawBufferPointer { bytes.from(offset) }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
        guard let value = bytes.bigEndian(type, at: offset) else { return nil }
        offset += MemoryLayout<Value>.size
        return value
    }

    /// The version of a full box; its flags are passed over.
    mutating func fullBox() -> Int? { integer(UInt32.self).map { Int($0 >> 24) } }

    /// An item's ID, or a count of items: 32 bits or 16.
    mutating func id(wide: Bool) -> UInt32? { wide ? integer(UInt32.self) : integer(UInt16.self).map(UInt32.init) }

    /// A number of 0, 4 or 8 bytes.
    mutating func number(_ count: Int) -> Int? {
        switch count {
        case 0: 0
        case 4: integer(UInt32.self).map(Int.init)
        case 8: integer(UInt64.self).flatMap { Int(exactly: $0) }
        default: nil
        }
    }

    mutating func code() -> String? {
        defer { offset += 4 }
        return bytes.brand(at: offset)
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes from an offset on; none where it lies beyond the end.
    fileprivate func from(_ offset: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: dropFirst(offset)) }
}
