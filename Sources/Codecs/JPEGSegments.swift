import Imaging

/// What the marker segments before a JPEG's first scan (ISO/IEC 10918-1 annex B) say beside the picture: EXIF and the ICC
/// profile. Broken lengths end the walk; what was found until then stands.
struct JPEGSegments {
    /// Of APP1 "Exif" (EXIF 2.32); the first one that has it.
    private(set) var orientation: Orientation?
    /// Of APP2 "ICC_PROFILE" (ICC.1:2022 annex B.4), its chunks joined; nil where one is missing.
    private(set) var iccProfile: [UInt8]?

    init(_ bytes: UnsafeRawBufferPointer) {
        var chunks: [Int: Range<Int>] = [:]
        var chunkCount = 0
        var offset = 2
        while let segment = Self.segment(bytes, from: &offset) {
            let payload = UnsafeRawBufferPointer(rebasing: bytes[segment.payload])
            switch segment.marker {
            case 0xE1 where payload.starts(with: "Exif\0\0".utf8):
                if orientation == nil { orientation = EXIF.orientation(inTIFF: UnsafeRawBufferPointer(rebasing: payload.dropFirst(6))) }
            case 0xE2 where payload.starts(with: "ICC_PROFILE\0".utf8) && payload.count > 14:
                chunkCount = Int(payload[13])
                chunks[Int(payload[12])] = segment.payload.dropFirst(14)
            default: break
            }
        }
        iccProfile = Self.join(chunks, count: chunkCount, in: bytes)
    }

    /// The segment at `offset`, which moves behind it; nil at the first scan and where the bytes are no segment.
    private static func segment(_ bytes: UnsafeRawBufferPointer, from offset: inout Int) -> (marker: UInt8, payload: Range<Int>)? {
        // Fill bytes may stand before a marker.
        while offset + 1 < bytes.count, bytes[offset] == 0xFF, bytes[offset + 1] == 0xFF { offset += 1 }
        guard offset + 4 <= bytes.count, bytes[offset] == 0xFF else { return nil }
        let marker = bytes[offset + 1]
        let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
        let isScanOrEnd = marker == 0xDA || marker == 0xD9
        guard !isScanOrEnd, length >= 2, offset + 2 + length <= bytes.count else { return nil }
        let payload = offset + 4..<offset + 2 + length
        offset = payload.upperBound
        return (marker, payload)
    }

    private static func join(_ chunks: [Int: Range<Int>], count: Int, in bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard count > 0, chunks.count == count else { return nil }
        var profile: [UInt8] = []
        for number in 1...count {
            guard let chunk = chunks[number] else { return nil }
            profile += bytes[chunk]
        }
        return profile
    }
}
