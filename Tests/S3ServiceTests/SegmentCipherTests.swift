import Crypto
import Foundation
import HTTPTypes
import NIOCore
import ObjectStorage
import S3Service
import Testing

/// Encrypted segments: what is stored opens again, in ranges, and nothing else does.
struct SegmentCipherTests {
    private let key = SymmetricKey(size: .bits256)

    private static func bytes(_ count: Int) -> ByteBuffer {
        ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
    }

    private func encrypt(_ plain: ByteBuffer, pieces: Int) throws -> ByteBuffer {
        var encryptor = SegmentEncryptor(dataKey: key)
        var (plain, stored) = (plain, ByteBuffer())
        while plain.readableBytes > 0, let piece = plain.readSlice(length: min(pieces, plain.readableBytes)) {
            stored.writeImmutableBuffer(try encryptor.update(piece))
        }
        stored.writeImmutableBuffer(try encryptor.finish())
        return stored
    }

    private func read(_ segments: [ByteBuffer], _ range: Range<Int>) async throws -> ByteBuffer {
        var read = ByteBuffer()
        for try await chunk in DecryptedReader(MemoryVersion(segments), dataKey: key).chunks(range) { read.writeImmutableBuffer(chunk) }
        return read
    }

    @Test(arguments: [0, 1, 15, 65_535, 65_536, 65_537, 131_072, 200_001])
    func opensWhatItStored(count: Int) async throws {
        let plain = Self.bytes(count)
        let stored = try encrypt(plain, pieces: 7001)
        #expect(stored.readableBytes == SegmentCipher.storedSize(count))
        #expect(SegmentCipher.plainSize(stored.readableBytes) == count)
        #expect(try await read([stored], 0..<count) == plain)
    }

    @Test func readsRangesOverSegmentsThatEndAnywhere() async throws {
        let sizes = [65_536, 0, 100_001, 1, 70_000]
        let plain = Self.bytes(sizes.reduce(0, +))
        var (rest, segments) = (plain, [ByteBuffer]())
        for size in sizes { segments.append(try encrypt(rest.readSlice(length: size)!, pieces: 65_536)) }
        for range in [0..<1, 65_535..<65_537, 65_536..<65_536 + 100_001, 165_536..<165_540, 1000..<plain.readableBytes] {
            #expect(try await read(segments, range) == plain.getSlice(at: range.lowerBound, length: range.count)!)
        }
    }

    @Test func noticesEveryChange() async throws {
        let stored = try encrypt(Self.bytes(70_000), pieces: 70_000)
        // A bit of the salt, of each chunk, of a tag; and chunks that changed places cannot be, since they differ in size here.
        for place in [0, 31, 32, 40_000, 65_567, 65_590, stored.readableBytes - 1] {
            var altered = stored
            altered.setInteger(altered.getInteger(at: place, as: UInt8.self)! ^ 1, at: place)
            await #expect(throws: DamagedObject.self) { try await read([altered], 0..<70_000) }
        }
    }

    @Test func neverStoresTheSameTwice() throws {
        #expect(try encrypt(Self.bytes(100), pieces: 100) != encrypt(Self.bytes(100), pieces: 100))
    }

    @Test func keysOpenOnlyForWhomTheyAreMeant() throws {
        let keys = EncryptionKeys(secret: "of this installation")
        let wish = try #require(try EncryptionWish([.serverSideEncryption: "AES256"], bucketDefault: nil))
        let made = try keys.make(wish)
        #expect(try keys.open(made.encryption, customer: nil) == made.dataKey)
        #expect(throws: DamagedObject.self) { try EncryptionKeys(secret: "of another").open(made.encryption, customer: nil) }
        #expect(!made.encryption.text.contains(made.dataKey.withUnsafeBytes { Data($0) }.base64EncodedString()))
    }
}

/// A version whose bytes are in memory.
private struct MemoryVersion: VersionReader {
    let version: ObjectVersion
    private let bytes: ByteBuffer

    init(_ segments: [ByteBuffer]) {
        var all = ByteBuffer()
        for segment in segments { all.writeImmutableBuffer(segment) }
        bytes = all
        version = ObjectVersion(
            key: ObjectKey("k")!, versionID: ObjectVersion.nullID, isLatest: true, isDeleteMarker: false, size: all.readableBytes, etag: "",
            modified: 0, contentType: "", segments: segments.map { BlobSegment(size: $0.readableBytes, sha256: "") },
            attributes: ObjectAttributes(owner: "o"))
    }

    func read(_ range: Range<Int>) async throws -> ByteBuffer { bytes.getSlice(at: range.lowerBound, length: range.count)! }
    func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error> { AsyncThrowingStream { nil } }
    func openDescriptor(_ range: Range<Int>) throws -> (descriptor: Int32, offset: Int)? { nil }
}
