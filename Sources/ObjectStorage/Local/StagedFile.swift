import CFileAccess
import Crypto
import Foundation
import NIOCore
import NIOPosix
import S3Wire

/// Bytes on their way into a temporary file, hashed as they come. Used by one task at a time.
actor StagedFileWriter: BlobWriter {
    private let path: String
    private let threads: NIOThreadPool
    /// Nil when finished or cancelled.
    private var descriptor: Int32?
    private var hash = SHA256()
    private var size = 0
    private var pending = ByteBuffer()

    /// What is collected before it is written: few system calls, little memory.
    private static let bufferSize = 256 * 1024

    init(path: String, descriptor: Int32, threads: NIOThreadPool) {
        self.path = path
        self.descriptor = descriptor
        self.threads = threads
    }

    deinit {
        // A writer that was dropped without an end leaves nothing behind.
        if let descriptor {
            Foundation.close(descriptor)
            unlink(path)
        }
    }

    func write(_ bytes: ByteBuffer) async throws {
        if pending.readableBytes == 0 { pending = bytes } else { pending.writeImmutableBuffer(bytes) }
        if pending.readableBytes >= Self.bufferSize { try await flush() }
    }

    func finish() async throws -> any StagedBlob {
        try await flush()
        guard let descriptor else { throw ObjectStoreError.failed("the writer has ended") }
        do {
            try await threads.runToEnd {
                guard fdatasync(descriptor) == 0 else { throw ObjectStoreError(errno: errno, "syncing a temporary file") }
            }
        } catch {
            await cancel()
            throw error
        }
        self.descriptor = nil
        // Not before the bytes are safe, and with nothing left to go wrong.
        Foundation.close(descriptor)
        return StagedFile(size: size, sha256: Hexadecimal.text(hash.finalize()), localPath: path, threads: threads)
    }

    func cancel() async {
        guard let descriptor else { return }
        self.descriptor = nil
        Foundation.close(descriptor)
        unlink(path)
    }

    private func flush() async throws {
        guard let descriptor else { throw ObjectStoreError.failed("the writer has ended") }
        let (bytes, before, offset) = (pending, hash, size)
        pending = ByteBuffer()
        guard bytes.readableBytes > 0 else { return }
        do {
            hash = try await threads.runToEnd {
                var hash = before
                try bytes.withUnsafeReadableBytes { bytes in
                    hash.update(bufferPointer: bytes)
                    try FileCopy.writeAll(bytes, to: descriptor)
                }
                // So that the sync at the end has little left to wait for.
                _ = cfileaccess_begin_writing(descriptor, Int64(offset), Int64(bytes.readableBytes))
                return hash
            }
            size += bytes.readableBytes
        } catch {
            await cancel()
            throw error
        }
    }
}

/// A complete temporary file. It goes with the last reference, unless it was committed: then its name is gone already.
final class StagedFile: StagedBlob {
    let size: Int
    let sha256: String
    let localPath: String
    private let threads: NIOThreadPool

    init(size: Int, sha256: String, localPath: String, threads: NIOThreadPool) {
        self.size = size
        self.sha256 = sha256
        self.localPath = localPath
        self.threads = threads
    }

    deinit { unlink(localPath) }

    func discard() async {
        let path = localPath
        _ = try? await threads.runToEnd { unlink(path) }
    }
}
