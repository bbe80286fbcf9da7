import Crypto
import NIOCore
import ObjectStorage

/// Reads an encrypted object: ranges of what the client stored, chunk by chunk.
package struct DecryptedReader: Sendable {
    private let reader: any VersionReader
    private let dataKey: SymmetricKey
    private let segments: [Segment]

    private struct Segment: Sendable {
        /// Where it begins among the stored bytes, and among the client's.
        let stored: Int
        let plain: Int
        let storedSize: Int
        let plainSize: Int
    }

    package init(_ reader: any VersionReader, dataKey: SymmetricKey) {
        self.reader = reader
        self.dataKey = dataKey
        var (stored, plain) = (0, 0)
        segments = reader.version.segments.map { segment in
            let size = SegmentCipher.plainSize(segment.size)
            defer {
                stored += segment.size
                plain += size
            }
            return Segment(stored: stored, plain: plain, storedSize: segment.size, plainSize: size)
        }
    }

    /// - Parameter range: of the client's bytes.
    package func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error> {
        let steps = Steps(self, range)
        return AsyncThrowingStream { try await steps.next() }
    }

    /// Where a read stands. Used by one task at a time.
    private actor Steps {
        private let source: DecryptedReader
        private let range: Range<Int>
        private var position: Int
        private var index = 0
        private var cipher: SegmentCipher?

        init(_ source: DecryptedReader, _ range: Range<Int>) {
            self.source = source
            self.range = range
            position = range.lowerBound
        }

        func next() async throws -> ByteBuffer? {
            guard position < range.upperBound else { return nil }
            while index < source.segments.count,
                position >= source.segments[index].plain + source.segments[index].plainSize
            {
                index += 1
                cipher = nil
            }
            guard index < source.segments.count else { throw DamagedObject() }
            let segment = source.segments[index]
            let cipher: SegmentCipher
            if let known = self.cipher {
                cipher = known
            } else {
                let salt = try await source.reader.read(segment.stored..<segment.stored + SegmentCipher.saltSize)
                cipher = SegmentCipher(dataKey: source.dataKey, salt: Array(salt.readableBytesView))
                self.cipher = cipher
            }
            let chunk = (position - segment.plain) / SegmentCipher.chunkSize
            let begin = segment.stored + SegmentCipher.saltSize + chunk * (SegmentCipher.chunkSize + SegmentCipher.tagSize)
            let end = min(begin + SegmentCipher.chunkSize + SegmentCipher.tagSize, segment.stored + segment.storedSize)
            var bytes = try cipher.open(try await source.reader.read(begin..<end), chunk: chunk)
            let first = segment.plain + chunk * SegmentCipher.chunkSize
            bytes.moveReaderIndex(forwardBy: position - first)
            let count = min(bytes.readableBytes, range.upperBound - position)
            guard count > 0, let slice = bytes.readSlice(length: count) else { throw DamagedObject() }
            position += count
            return slice
        }
    }
}
