import NIOCore
import ObjectStorage

/// Bytes that were just made and are delivered to all who waited for them, kept on disk or not.
struct MemoryReader: ObjectReader {
    let info: ObjectInfo
    private let bytes: ByteBuffer

    init(info: ObjectInfo, bytes: [UInt8]) {
        self.info = info
        self.bytes = ByteBuffer(bytes: bytes)
    }

    func localPath() async throws -> String { throw ObjectStoreError.failed("these bytes are in memory only") }

    func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error> {
        AsyncThrowingStream { continuation in
            if let slice = bytes.getSlice(at: range.lowerBound, length: range.count), !range.isEmpty { continuation.yield(slice) }
            continuation.finish()
        }
    }
}
