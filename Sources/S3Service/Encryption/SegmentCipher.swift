import Crypto
import Foundation
import NIOCore

/// How bytes lie encrypted in the blob store, so that a range of them can be read and every bit of what is read is authenticated:
/// a random salt of 32 bytes, then chunks of 64 KiB, each sealed by AES-256-GCM (NIST SP 800-38D) with its number as the nonce and
/// followed by its tag. The key of a segment comes from the object's data key and the salt by HKDF-SHA256 (RFC 5869), so no nonce is
/// ever used twice with one key.
package struct SegmentCipher: Sendable {
    static let saltSize = 32
    static let chunkSize = 64 * 1024
    static let tagSize = 16

    private let key: SymmetricKey

    init(dataKey: SymmetricKey, salt: some ContiguousBytes) {
        let salt = salt.withUnsafeBytes { Data($0) }
        key = HKDF<SHA256>.deriveKey(inputKeyMaterial: dataKey, salt: salt, info: Data("agrovet s3 segment".utf8), outputByteCount: 32)
    }

    /// Bytes that `count` bytes take encrypted.
    package static func storedSize(_ count: Int) -> Int { saltSize + count + (count + chunkSize - 1) / chunkSize * tagSize }

    /// Bytes that a stored segment of `count` bytes stands for.
    package static func plainSize(_ count: Int) -> Int {
        let sealed = max(0, count - saltSize)
        return sealed - (sealed + chunkSize + tagSize - 1) / (chunkSize + tagSize) * tagSize
    }

    func seal(_ bytes: ByteBuffer, chunk: Int) throws -> ByteBuffer {
        let box = try AES.GCM.seal(Data(bytes.readableBytesView), using: key, nonce: Self.nonce(chunk))
        var sealed = ByteBuffer()
        sealed.reserveCapacity(bytes.readableBytes + Self.tagSize)
        sealed.writeBytes(box.ciphertext)
        sealed.writeBytes(box.tag)
        return sealed
    }

    /// - Throws: `DamagedObject` where the bytes are not what was sealed.
    func open(_ bytes: ByteBuffer, chunk: Int) throws -> ByteBuffer {
        let view = bytes.readableBytesView
        guard view.count >= Self.tagSize else { throw DamagedObject() }
        do {
            let box = try AES.GCM.SealedBox(
                nonce: Self.nonce(chunk), ciphertext: Data(view.dropLast(Self.tagSize)), tag: Data(view.suffix(Self.tagSize)))
            return ByteBuffer(bytes: try AES.GCM.open(box, using: key))
        } catch {
            throw DamagedObject()
        }
    }

    private static func nonce(_ chunk: Int) throws -> AES.GCM.Nonce {
        var bytes = [UInt8](repeating: 0, count: 12)
        for index in 0..<8 { bytes[11 - index] = UInt8(truncatingIfNeeded: chunk >> (8 * index)) }
        return try AES.GCM.Nonce(data: bytes)
    }
}

/// The stored bytes do not open with the object's key.
package struct DamagedObject: Error {}

/// Encrypts one segment as its bytes come.
package struct SegmentEncryptor: Sendable {
    private let cipher: SegmentCipher
    private var salt: [UInt8]?
    private var pending = ByteBuffer()
    private var chunk = 0

    package init(dataKey: SymmetricKey) {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<SegmentCipher.saltSize).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
        cipher = SegmentCipher(dataKey: dataKey, salt: salt)
        self.salt = salt
    }

    /// What there is to be stored so far.
    package mutating func update(_ bytes: ByteBuffer) throws -> ByteBuffer {
        var sealed = takeSalt()
        pending.writeImmutableBuffer(bytes)
        while pending.readableBytes >= SegmentCipher.chunkSize, let piece = pending.readSlice(length: SegmentCipher.chunkSize) {
            sealed.writeImmutableBuffer(try cipher.seal(piece, chunk: chunk))
            chunk += 1
        }
        pending.discardReadBytes()
        return sealed
    }

    package mutating func finish() throws -> ByteBuffer {
        var sealed = takeSalt()
        if pending.readableBytes > 0 { sealed.writeImmutableBuffer(try cipher.seal(pending, chunk: chunk)) }
        pending = ByteBuffer()
        return sealed
    }

    private mutating func takeSalt() -> ByteBuffer {
        defer { salt = nil }
        return salt.map { ByteBuffer(bytes: $0) } ?? ByteBuffer()
    }
}
