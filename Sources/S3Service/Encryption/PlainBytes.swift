import NIOCore
import ObjectStorage

extension S3Service {
    /// What a client stored, for those who read objects inside the server.
    public enum PlainBytes: Sendable {
        /// In chunks of at most 256 KiB.
        case bytes(AsyncThrowingStream<ByteBuffer, any Error>)
        /// Gone since the version was found.
        case gone
        /// Encrypted with a key that only the client has (SSE-C).
        case sealed
    }

    /// The bytes of a version as its client sent them, whoever may read it.
    /// - Throws: where they are damaged; `ObjectStoreError`.
    public func plainBytes(of version: ObjectVersion, in bucket: BucketName) async throws -> PlainBytes {
        let encryption = ObjectEncryption(version.attributes)
        if encryption?.kind == .customer { return .sealed }
        let dataKey = try encryption.map { try core.encryptionKeys.open($0, customer: nil) }
        guard let reader = try await core.store.open(version, in: bucket) else { return .gone }
        let range = 0..<version.clientSize
        return .bytes(dataKey.map { DecryptedReader(reader, dataKey: $0).chunks(range) } ?? reader.chunks(range))
    }
}
