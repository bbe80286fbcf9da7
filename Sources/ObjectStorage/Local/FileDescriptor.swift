import CFileAccess
import Foundation
import NIOCore
import NIOPosix

/// An open file that closes with the last who holds it.
final class FileDescriptor: Sendable {
    let raw: Int32

    init(_ raw: Int32) { self.raw = raw }

    /// Nil where there is no such file.
    static func open(_ path: String) throws(ObjectStoreError) -> FileDescriptor? {
        let raw = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard raw < 0 else { return FileDescriptor(raw) }
        guard errno == ENOENT else { throw ObjectStoreError(errno: errno, "opening \(path)") }
        return nil
    }

    /// Nil where there is no such file, or it could only be found by waiting.
    static func openAtOnce(_ path: String) -> FileDescriptor? {
        let raw = cfileaccess_open_cached(path)
        return raw < 0 ? nil : FileDescriptor(raw)
    }

    deinit { close(raw) }

    /// For the caller to close.
    func duplicate() throws(ObjectStoreError) -> Int32 {
        let copy = fcntl(raw, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw ObjectStoreError(errno: errno, "keeping a file open") }
        return copy
    }

    var size: Int? {
        var status = stat()
        return fstat(raw, &status) == 0 ? Int(status.st_size) : nil
    }

    /// As many of the bytes, from the first on, as lie in memory.
    private func readCached(_ count: Int, at offset: Int) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) {
            max(0, cfileaccess_read_cached(raw, $0.baseAddress, count, Int64(offset)))
        }
        return buffer
    }

    /// Nil where bytes would have to be waited for.
    func readAtOnce(_ count: Int, at offset: Int) -> ByteBuffer? {
        let bytes = readCached(count, at: offset)
        return bytes.readableBytes == count ? bytes : nil
    }

    /// Reads bytes that lie in memory without waiting, all others on one of the threads.
    func read(_ count: Int, at offset: Int, threads: NIOThreadPool) async throws -> ByteBuffer {
        let begun = readCached(count, at: offset)
        if begun.readableBytes == count { return begun }
        return try await threads.runToEnd { try self.readRest(begun, count, at: offset) }
    }

    private func readRest(_ begun: ByteBuffer, _ count: Int, at offset: Int) throws -> ByteBuffer {
        var buffer = begun
        while buffer.readableBytes < count {
            let left = count - buffer.readableBytes
            // Only a failed call sets errno: at the file's end it still holds what an earlier one left.
            var failure: Int32 = 0
            let at = offset + buffer.readableBytes
            let got = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: left) { room in
                let got = pread(raw, room.baseAddress, left, off_t(at))
                if got < 0 { failure = errno }
                return max(0, got)
            }
            guard got > 0 || failure == EINTR else { throw ObjectStoreError.corrupt("a blob ends early or cannot be read") }
        }
        return buffer
    }
}
