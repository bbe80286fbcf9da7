/// What is told by a PNG's chunks that libpng does not read here: EXIF, which may stand behind the pixels, and the frames
/// of an APNG.
struct PNGChunks {
    /// The eXIf chunk's TIFF structure; it points into the bytes that were read.
    private(set) var exif: UnsafeRawBufferPointer?
    /// Frames of an APNG (its acTL chunk), else 1.
    private(set) var frameCount = 1

    /// Walks the chunks (length, type, data, CRC) from one to the next; stops where they make no sense.
    init(_ bytes: UnsafeRawBufferPointer) {
        var offset = 8
        for _ in 0..<Self.mostChunks {
            guard let length = bytes.bigEndian(UInt32.self, at: offset).map(Int.init), let type = bytes.brand(at: offset + 4),
                length <= bytes.count - offset - 12
            else { return }
            let data = UnsafeRawBufferPointer(rebasing: bytes[offset + 8..<offset + 8 + length])
            switch type {
            case "eXIf": exif = data
            case "acTL": frameCount = max(1, Int(data.bigEndian(UInt32.self, at: 0) ?? 1))
            case "IEND": return
            default: break
            }
            offset += 12 + length
        }
    }

    /// A picture of 100 MB in the 8 KiB chunks that libpng writes has fewer.
    private static let mostChunks = 20_000
}
