import CMD5
import NIOCore

/// MD5 (RFC 1321) of bytes as they come: what S3 calls a body by. One stream at a time, or beside others (`MD5Lanes`).
public struct MD5Digest: Sendable {
    private var state = cmd5_state(words: (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476))
    /// Less than a block.
    private var rest: [UInt8] = []
    private var count = 0

    static let blockSize = 64

    public init() {}

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        count += bytes.count
        let bytes = fillRest(bytes)
        let blocks = bytes.count / Self.blockSize
        if blocks > 0 { Self.take([bytes], blocks: blocks, into: &state) }
        rest.append(contentsOf: bytes[(blocks * Self.blockSize)...])
    }

    public mutating func update(_ bytes: ByteBuffer) { bytes.withUnsafeReadableBytes { update($0) } }

    /// The same, together with what others have at this moment.
    public mutating func update(_ bytes: ByteBuffer, in lanes: MD5Lanes) async {
        guard bytes.readableBytes >= MD5Lanes.leastBytes else { return update(bytes) }
        count += bytes.readableBytes
        let begin = bytes.withUnsafeReadableBytes { $0.count - fillRest($0).count }
        let blocks = (bytes.readableBytes - begin) / Self.blockSize
        var aligned = bytes
        aligned.moveReaderIndex(forwardBy: begin)
        state = await lanes.take(aligned, blocks: blocks, into: state)
        aligned.moveReaderIndex(forwardBy: blocks * Self.blockSize)
        rest.append(contentsOf: aligned.readableBytesView)
    }

    /// 16 bytes.
    public func finalize() -> [UInt8] {
        var last = self
        let bits = UInt64(truncatingIfNeeded: count) &* 8
        var end: [UInt8] = [0x80]
        let used = (rest.count + 1) % Self.blockSize
        end += [UInt8](repeating: 0, count: (used <= 56 ? 56 : 56 + Self.blockSize) - used)
        for shift in 0..<8 { end.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * shift))) }
        end.withUnsafeBytes { last.update($0) }
        let words = last.state.words
        return [words.0, words.1, words.2, words.3].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }
    }

    /// Completes the block that was begun.
    /// - Returns: the bytes behind it.
    private mutating func fillRest(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard !rest.isEmpty else { return bytes }
        let missing = min(Self.blockSize - rest.count, bytes.count)
        rest.append(contentsOf: bytes[..<missing])
        guard rest.count == Self.blockSize else { return UnsafeRawBufferPointer(rebasing: bytes[missing...]) }
        rest.withUnsafeBytes { Self.take([$0], blocks: 1, into: &state) }
        rest.removeAll(keepingCapacity: true)
        return UnsafeRawBufferPointer(rebasing: bytes[missing...])
    }

    private static func take(_ bytes: [UnsafeRawBufferPointer], blocks: Int, into state: inout cmd5_state) {
        let pointers = bytes.map { $0.baseAddress?.assumingMemoryBound(to: UInt8.self) }
        cmd5_update(&state, pointers, 1, blocks)
    }
}
