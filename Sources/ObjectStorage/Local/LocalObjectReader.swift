import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// An opened blob. The file stays where it is, and what it is, for as long as the reader lives.
package final class LocalObjectReader: ObjectReader {
    package let info: ObjectInfo
    private let descriptor: Int32
    private let path: String
    private let threads: NIOThreadPool
    private let release: @Sendable () async -> Void

    private static let chunkSize = 256 * 1024

    /// - Parameters:
    ///   - descriptor: of the opened file; closed when the reader is let go.
    ///   - release: called after that.
    package init(info: ObjectInfo, descriptor: Int32, path: String, threads: NIOThreadPool, release: @escaping @Sendable () async -> Void) {
        self.info = info
        self.descriptor = descriptor
        self.path = path
        self.threads = threads
        self.release = release
    }

    deinit {
        close(descriptor)
        Task { [release] in await release() }
    }

    package func localPath() async throws -> String { path }

    package func openDescriptor() throws -> Int32? {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw ObjectStoreError(errno: errno, "keeping blob \(info.sha256) open") }
        return copy
    }

    package func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error> {
        precondition(range.lowerBound >= 0 && range.upperBound <= info.size, "a range within the object")
        let next = Cursor(range.lowerBound)
        return AsyncThrowingStream { [self] in
            let offset = next.offset.withLock { $0 }
            let count = min(Self.chunkSize, range.upperBound - offset)
            guard count > 0 else { return nil }
            let chunk = try await threads.runToEnd { try self.read(count, at: offset) }
            next.offset.withLock { $0 = offset + chunk.readableBytes }
            return chunk
        }
    }

    private func read(_ count: Int, at offset: Int) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        while true {
            // Only a failed call sets errno: at the file's end it still holds what an earlier one left.
            var failure: Int32 = 0
            let got = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
                let got = pread(descriptor, room.baseAddress, count, off_t(offset))
                if got < 0 { failure = errno }
                return max(0, got)
            }
            if got > 0 { return buffer }
            guard failure == EINTR else { throw ObjectStoreError.corrupt("blob \(info.sha256) ends early or cannot be read") }
        }
    }

    /// Where a stream of chunks is.
    private final class Cursor: Sendable {
        let offset: Mutex<Int>
        init(_ offset: Int) { self.offset = Mutex(offset) }
    }
}
