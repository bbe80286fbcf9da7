import AsyncHTTPClient
import Crypto
import HTTPTypes
import NIOCore
import S3Wire
import Synchronization

/// A blob on an S3 endpoint. A connection that breaks or stands still, or a reader that takes its time, costs a further request from where
/// it was.
final class UpstreamBlobReader: BlobReader {
    let size: Int
    private let sha256: String
    private let key: String
    private let client: UpstreamClient
    private let backoff: Backoff
    /// All bytes, where they are few.
    private let known: ByteBuffer?

    private static let chunkSize = 256 * 1024

    init(size: Int, sha256: String, key: String, client: UpstreamClient, backoff: Backoff, known: ByteBuffer?) {
        self.size = size
        self.sha256 = sha256
        self.key = key
        self.client = client
        self.backoff = backoff
        self.known = known
    }

    func read(_ range: Range<Int>) async throws -> ByteBuffer {
        precondition(range.lowerBound >= 0 && range.upperBound <= size, "a range within the blob")
        if let bytes = known?.getSlice(at: known!.readerIndex + range.lowerBound, length: range.count) { return bytes }
        var bytes = ByteBuffer()
        bytes.reserveCapacity(range.count)
        for try await chunk in chunks(range) { bytes.writeImmutableBuffer(chunk) }
        return bytes
    }

    func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error> {
        precondition(range.lowerBound >= 0 && range.upperBound <= size, "a range within the blob")
        let progress = Progress(range)
        return AsyncThrowingStream { [self] in try await next(progress) }
    }

    /// Where a stream of chunks is. Used by one task at a time.
    private final class Progress: @unchecked Sendable {
        var rest: Range<Int>
        var body: HTTPClientResponse.Body.AsyncIterator?
        /// What came and was not given yet.
        var pending = ByteBuffer()
        /// Nil where the range is not the whole blob.
        var hash: SHA256?
        let isWhole: Bool

        init(_ range: Range<Int>) {
            rest = range
            isWhole = range.lowerBound == 0
            hash = isWhole ? SHA256() : nil
        }
    }

    private func next(_ progress: Progress) async throws -> ByteBuffer? {
        guard !progress.rest.isEmpty else { return nil }
        if let known {
            let count = min(Self.chunkSize, progress.rest.count)
            defer { progress.rest = progress.rest.lowerBound + count..<progress.rest.upperBound }
            return known.getSlice(at: known.readerIndex + progress.rest.lowerBound, length: count)
        }
        var chunk = ByteBuffer()
        while chunk.readableBytes == 0 {
            chunk = try await backoff.run("reading \(key) upstream") { try await self.receive(progress) }
        }
        progress.rest = progress.rest.lowerBound + chunk.readableBytes..<progress.rest.upperBound
        if progress.hash != nil {
            chunk.withUnsafeReadableBytes { progress.hash?.update(bufferPointer: $0) }
            if progress.rest.isEmpty, progress.rest.upperBound == size, let hash = progress.hash,
                Hexadecimal.text(hash.finalize()) != sha256
            {
                throw ObjectStoreError.corrupt("blob \(sha256) has other bytes upstream")
            }
        }
        return chunk
    }

    /// The next bytes, at most a chunk.
    private func receive(_ progress: Progress) async throws -> ByteBuffer {
        if progress.pending.readableBytes == 0 {
            if progress.body == nil { progress.body = try await request(progress.rest) }
            do {
                guard let bytes = try await progress.body?.next() else { throw UpstreamFailure.transport("the answer ended early") }
                progress.pending = bytes
            } catch {
                progress.body = nil
                if Task.isCancelled { throw CancellationError() }
                throw error as? UpstreamFailure ?? UpstreamFailure.transport("\(error)")
            }
        }
        let count = min(Self.chunkSize, progress.pending.readableBytes, progress.rest.count)
        return progress.pending.readSlice(length: count) ?? ByteBuffer()
    }

    private func request(_ range: Range<Int>) async throws -> HTTPClientResponse.Body.AsyncIterator {
        let response = try await client.execute(
            "GET", key, headers: range == 0..<size ? [:] : [.range: "bytes=\(range.lowerBound)-\(range.upperBound - 1)"])
        if range.lowerBound > 0, response.status.code != 206 {
            throw UpstreamFailure.answer(status: Int(response.status.code), code: "NoRange", message: "it ignored the range asked for")
        }
        return response.body.makeAsyncIterator()
    }
}
