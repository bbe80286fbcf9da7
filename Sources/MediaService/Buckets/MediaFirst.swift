import Codecs
import Foundation
import NIOCore
import WebAPI

/// Bytes that have to begin as a picture or video does: of what is neither, only the beginning is read.
struct MediaFirst: AsyncSequence, Sendable {
    typealias Bytes = AsyncThrowingStream<ByteBuffer, any Error>
    typealias Element = ByteBuffer

    private let bytes: Bytes

    /// Bytes that tell: a transport stream has its third mark within 600.
    private static let enough = 1024

    init(_ bytes: Bytes) { self.bytes = bytes }

    func makeAsyncIterator() -> Iterator { Iterator(bytes: bytes.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var bytes: Bytes.Iterator
        private var isKnown = false

        fileprivate init(bytes: Bytes.Iterator) { self.bytes = bytes }

        /// - Throws: `APIError` 400 `unknown_format`; what the bytes throw.
        mutating func next() async throws -> ByteBuffer? {
            guard !isKnown else { return try await bytes.next() }
            isKnown = true
            var beginning = ByteBuffer()
            while beginning.readableBytes < MediaFirst.enough, let chunk = try await bytes.next() { beginning.writeImmutableBuffer(chunk) }
            guard beginning.withUnsafeReadableBytes({ ImageFormat(sniffing: $0) }) != nil else {
                let error = CodecError.unknownFormat
                throw APIError(invalid: ["file": [error.message]], code: error.code)
            }
            return beginning
        }
    }
}
