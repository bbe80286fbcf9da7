import Foundation
import NIOCore
import NIOPosix
import ObjectStorage

/// The end of an unfinished upload's file, where bytes are added. Used by one task at a time.
actor ResumableWriter {
    private let threads: NIOThreadPool
    private let descriptor: Int32
    private var pending = ByteBuffer()
    /// Bytes of the file, what is still in memory among them.
    private(set) var size: Int

    /// What is collected before it is written: few system calls, little memory.
    private static let bufferSize = 256 * 1024

    init(descriptor: Int32, size: Int, threads: NIOThreadPool) {
        self.descriptor = descriptor
        self.size = size
        self.threads = threads
    }

    deinit { Foundation.close(descriptor) }

    func write(_ bytes: ByteBuffer) async throws {
        pending.writeImmutableBuffer(bytes)
        size += bytes.readableBytes
        if pending.readableBytes >= Self.bufferSize { try await flush() }
    }

    /// Makes all that was written durable; how many bytes that are.
    func synchronize() async throws -> Int {
        try await flush()
        try await threads.runToEnd { [descriptor] in
            guard fdatasync(descriptor) == 0 else { throw ObjectStoreError(errno: errno, "syncing an upload") }
        }
        return size
    }

    /// Drops what stands behind the first `length` bytes.
    func truncate(to length: Int) async throws {
        pending = ByteBuffer()
        try await threads.runToEnd { [descriptor] in
            guard ftruncate(descriptor, off_t(length)) == 0 else { throw ObjectStoreError(errno: errno, "cutting an upload's tail off") }
        }
        size = length
    }

    /// After a failure the file ends where it ended before these bytes.
    private func flush() async throws {
        let bytes = pending
        pending = ByteBuffer()
        guard bytes.readableBytes > 0 else { return }
        let end = size
        // Nothing counts as written before it is.
        size -= bytes.readableBytes
        do {
            try await threads.runToEnd { [descriptor] in
                try bytes.withUnsafeReadableBytes { try FileCopy.writeAll($0, to: descriptor) }
            }
        } catch {
            try? await truncate(to: size)
            throw error
        }
        size = end
    }
}
