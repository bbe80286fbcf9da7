import NIOCore
import ObjectStorage

/// Bytes in memory: those that were just made and are delivered to all who waited for them, and those that are kept ready.
struct MemoryReader: ObjectReader {
    let info: ObjectInfo
    let bytes: ByteBuffer

    init(info: ObjectInfo, bytes: ByteBuffer) {
        self.info = info
        self.bytes = bytes
    }

    init(info: ObjectInfo, bytes: [UInt8]) { self.init(info: info, bytes: ByteBuffer(bytes: bytes)) }

    func localPath() async throws -> String { throw ObjectStoreError.failed("these bytes are in memory only") }

    func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error> {
        AsyncThrowingStream { continuation in
            if let slice = bytes.getSlice(at: range.lowerBound, length: range.count), !range.isEmpty { continuation.yield(slice) }
            continuation.finish()
        }
    }
}
