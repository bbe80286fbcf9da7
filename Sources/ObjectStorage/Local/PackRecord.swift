/// How a blob stands in a pack: 48 bytes in front of it, so that a pack can be checked by itself. Numbers are little-endian.
///
///     0   8   "AGROBLOB"
///     8   8   bytes of the blob
///     16  32  their SHA-256
enum PackRecord {
    static let headerSize = 48
    private static let magic = Array("AGROBLOB".utf8)

    static func header(size: Int, digest: [UInt8]) -> [UInt8] {
        var header = magic
        header.reserveCapacity(headerSize)
        for byte in 0..<8 { header.append(UInt8(truncatingIfNeeded: size >> (8 * byte))) }
        return header + digest
    }

    /// Nil where no record begins there.
    static func read(_ header: some Collection<UInt8>) -> (size: Int, digest: [UInt8])? {
        let header = Array(header)
        guard header.count == headerSize, header.starts(with: magic), header[15] < 0x80 else { return nil }
        let size = (0..<8).reduce(0) { $0 | Int(header[8 + $1]) << (8 * $1) }
        return (size, Array(header[16...]))
    }
}
