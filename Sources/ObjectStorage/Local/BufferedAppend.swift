import Foundation

/// Bytes on their way to a place in a file, few system calls for many small pieces. All of it blocks.
struct BufferedAppend: ~Copyable {
    private let descriptor: Int32
    private var scratch: UnsafeMutableRawBufferPointer
    private var pending = 0
    /// Where the next byte goes.
    private(set) var end: Int

    init(descriptor: Int32, offset: Int, capacity: Int) {
        self.descriptor = descriptor
        end = offset
        scratch = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { scratch.deallocate() }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ObjectStoreError) {
        if pending + bytes.count > scratch.count { try flush() }
        if bytes.count > scratch.count / 2 {
            try flush()
            try Self.write(bytes, to: descriptor, at: end)
        } else {
            UnsafeMutableRawBufferPointer(rebasing: scratch[pending...]).copyMemory(from: bytes)
            pending += bytes.count
        }
        end += bytes.count
    }

    /// Bytes that lie in one piece, as those of arrays and byte buffers do.
    mutating func write(_ bytes: some Collection<UInt8>) throws(ObjectStoreError) {
        var failure: ObjectStoreError?
        bytes.withContiguousStorageIfAvailable { bytes in
            do throws(ObjectStoreError) { try write(UnsafeRawBufferPointer(bytes)) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    mutating func flush() throws(ObjectStoreError) {
        guard pending > 0 else { return }
        try Self.write(UnsafeRawBufferPointer(rebasing: scratch[..<pending]), to: descriptor, at: end - pending)
        pending = 0
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int) throws(ObjectStoreError) {
        var written = 0
        while written < bytes.count {
            let count = pwrite(descriptor, bytes.baseAddress! + written, bytes.count - written, off_t(offset + written))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ObjectStoreError(errno: errno, "appending to a pack") }
            written += count
        }
    }
}
