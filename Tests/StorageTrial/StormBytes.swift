import NIOCore

/// The bytes of an object of a storm: whoever reads them knows whether they are whole.
package enum StormBytes {
    /// Mostly few, sometimes more than go into a pack.
    package static func of(_ number: Int) -> ByteBuffer {
        let size = number % 11 == 0 ? 1_500_000 + number % 1000 : 16 + number % 9000
        var bytes = ByteBuffer(integer: UInt64(number))
        var state = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15 | 1
        while bytes.readableBytes < size {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            bytes.writeInteger(state)
        }
        return bytes.getSlice(at: 0, length: size)!
    }
}
