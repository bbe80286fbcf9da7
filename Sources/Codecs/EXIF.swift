import Imaging

/// EXIF 2.32, as far as a rendition needs it: how the photo is to be turned. Everything else in it (place, camera, time)
/// is private and is never read.
package enum EXIF {
    /// The orientation of the primary image, from a TIFF 6.0 structure ("II*\0" or "MM\0*"); the "Exif\0\0" that JPEG puts
    /// before it, and some writers of other formats too, may be there. Nil where there is none, or none that is legal. Reads
    /// the first directory only, so hostile offsets and loops of directories cost nothing.
    package static func orientation(inTIFF bytes: UnsafeRawBufferPointer) -> Orientation? {
        if bytes.starts(with: "Exif\0\0".utf8) { return orientation(inTIFF: UnsafeRawBufferPointer(rebasing: bytes.dropFirst(6))) }
        let isLittleEndian: Bool
        switch bytes.bigEndian(UInt32.self, at: 0) {
        case 0x4949_2A00: isLittleEndian = true
        case 0x4D4D_002A: isLittleEndian = false
        default: return nil
        }
        func integer<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value? {
            isLittleEndian ? bytes.littleEndian(type, at: offset) : bytes.bigEndian(type, at: offset)
        }
        guard let directory = integer(UInt32.self, at: 4).map(Int.init), let entries = integer(UInt16.self, at: directory) else {
            return nil
        }
        for index in 0..<Int(entries) {
            let entry = directory + 2 + index * 12
            guard let tag = integer(UInt16.self, at: entry) else { return nil }
            guard tag == orientationTag else { continue }
            // One SHORT, left-aligned in the value field; some writers store a LONG, or a signed one.
            let value: UInt32? =
                switch (integer(UInt16.self, at: entry + 2), integer(UInt32.self, at: entry + 4)) {
                case (3, 1), (8, 1): integer(UInt16.self, at: entry + 8).map(UInt32.init)
                case (4, 1), (9, 1): integer(UInt32.self, at: entry + 8)
                default: nil
                }
            return value.flatMap { UInt8(exactly: $0) }.flatMap(Orientation.init(rawValue:))
        }
        return nil
    }

    private static let orientationTag: UInt16 = 0x0112
}
