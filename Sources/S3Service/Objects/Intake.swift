import Crypto
import Foundation
import NIOCore
import ObjectStorage
import S3Wire

/// Bytes of a client that are staged, encrypted where that is asked for.
struct Intake: Sendable {
    let content: VersionedObjectStore.Content
    /// Bytes as the client sent them.
    let size: Int
    /// Hexadecimal.
    let md5: String
    let checksum: ObjectChecksum?

    /// The bytes are not wanted after all.
    func discard() async {
        if case .staged(let blob) = content { await blob.discard() }
    }
}

extension S3Core {
    /// Takes the body of a request.
    ///
    /// - Parameters:
    ///   - dataKey: what to encrypt with; nil: nothing is encrypted.
    ///   - checksum: what is computed where the client names no algorithm.
    func receive(_ request: S3Request, dataKey: SymmetricKey?, checksum: ChecksumAlgorithm?) async throws -> Intake {
        let payload = try Payload(request, checksum: checksum)
        if let length = payload.length, length > settings.putBytes { throw S3Error.entityTooLarge }
        return try await stage(size: payload.length, dataKey: dataKey) { sink in
            // What is stored as it came is hashed where it is stored.
            try await payload.read(limit: settings.putBytes, sinkHashes: dataKey == nil, sink: sink)
        }
    }

    /// Takes bytes of an object that is there already: what a copy stores that cannot share them.
    func copyBytes(
        _ bytes: AsyncThrowingStream<ByteBuffer, any Error>, size: Int, dataKey: SymmetricKey?, checksum: ChecksumAlgorithm?
    ) async throws -> Intake {
        try await stage(size: size, dataKey: dataKey) { sink in
            var md5 = MD5Digest()
            var summer = checksum.map { Checksummer($0) }
            var count = 0
            for try await chunk in bytes {
                count += chunk.readableBytes
                await md5.update(chunk, in: .shared)
                summer?.update(chunk)
                try await sink(chunk)
            }
            return Payload.Facts(
                size: count, md5: Hexadecimal.text(md5.finalize()),
                checksum: summer.flatMap { summer in
                    checksum.map { ObjectChecksum(algorithm: $0.rawValue, value: summer.finalize()) }
                })
        }
    }

    /// Of no bytes.
    private static let emptySHA256 = PayloadMode.empty.header

    private func stage(
        size: Int?, dataKey: SymmetricKey?, _ fill: ((ByteBuffer) async throws -> Void) async throws -> Payload.Facts
    ) async throws -> Intake {
        let writer = try await store.stage(size: size.map { dataKey == nil ? $0 : SegmentCipher.storedSize($0) })
        do {
            var encryptor = dataKey.map { SegmentEncryptor(dataKey: $0) }
            let facts = try await fill { bytes in
                if encryptor != nil {
                    let sealed = try encryptor!.update(bytes)
                    if sealed.readableBytes > 0 { try await writer.write(sealed) }
                } else {
                    try await writer.write(bytes)
                }
            }
            if var encryptor { try await writer.write(try encryptor.finish()) }
            if facts.size == 0, dataKey == nil {
                await writer.cancel()
                guard facts.awaitedSHA256 == nil || facts.awaitedSHA256 == Self.emptySHA256 else { throw S3Error.contentSHA256Mismatch }
                return Intake(content: .empty, size: 0, md5: facts.md5, checksum: facts.checksum)
            }
            let blob = try await writer.finish()
            guard facts.awaitedSHA256 == nil || facts.awaitedSHA256 == blob.sha256 else {
                await blob.discard()
                throw S3Error.contentSHA256Mismatch
            }
            return Intake(content: .staged(blob), size: facts.size, md5: facts.md5, checksum: facts.checksum)
        } catch {
            await writer.cancel()
            throw error
        }
    }
}
