import NIOCore
import NIOPosix
import Synchronization

/// A blob in a file of its own or in a pack. It stays readable for as long as the reader lives, whatever happens to the file's name.
final class LocalBlobReader: BlobReader {
    let size: Int
    let localPath: String?
    private let file: FileDescriptor
    private let offset: Int
    private let threads: NIOThreadPool

    private static let chunkSize = 256 * 1024

    /// - Parameters:
    ///   - offset: where in the file the blob begins.
    ///   - localPath: nil where the file holds other bytes beside.
    init(file: FileDescriptor, offset: Int, size: Int, localPath: String?, threads: NIOThreadPool) {
        self.file = file
        self.offset = offset
        self.size = size
        self.localPath = localPath
        self.threads = threads
    }

    func read(_ range: Range<Int>) async throws -> ByteBuffer {
        precondition(range.lowerBound >= 0 && range.upperBound <= size, "a range within the blob")
        guard !range.isEmpty else { return ByteBuffer() }
        return try await file.read(range.count, at: offset + range.lowerBound, threads: threads)
    }

    func readAtOnce(_ range: Range<Int>) -> ByteBuffer? {
        precondition(range.lowerBound >= 0 && range.upperBound <= size, "a range within the blob")
        return range.isEmpty ? ByteBuffer() : file.readAtOnce(range.count, at: offset + range.lowerBound)
    }

    func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error> {
        precondition(range.lowerBound >= 0 && range.upperBound <= size, "a range within the blob")
        let next = Cursor(range.lowerBound)
        let end = range.upperBound
        return AsyncThrowingStream { [self] in
            let begin = next.offset.withLock { $0 }
            let count = min(Self.chunkSize, end - begin)
            guard count > 0 else { return nil }
            let chunk = try await read(begin..<begin + count)
            next.offset.withLock { $0 = begin + count }
            return chunk
        }
    }

    func openDescriptor() throws -> (descriptor: Int32, offset: Int)? { (try file.duplicate(), offset) }

    var heldFile: HeldFile? { HeldFile(descriptor: file.raw, offset: offset, holder: file) }

    /// Where a stream of chunks is.
    private final class Cursor: Sendable {
        let offset: Mutex<Int>
        init(_ offset: Int) { self.offset = Mutex(offset) }
    }
}
