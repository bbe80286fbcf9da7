import Crypto
import Foundation
import NIOCore
import WebAPI

/// `Upload-Checksum` of tus 1.0: an algorithm and the digest of a request's body in Base64.
package struct TusChecksum: Sendable {
    /// As `Tus-Checksum-Algorithm` lists them.
    package static let algorithms = "sha1,sha256,md5"

    private enum Hash {
        case sha1(Insecure.SHA1)
        case sha256(SHA256)
        case md5(Insecure.MD5)
    }

    private var hash: Hash
    private let expected: [UInt8]

    /// - Throws: `APIError` 400 for an algorithm that there is not, or a digest that is none.
    package init(_ header: String) throws(APIError) {
        let words = header.split(separator: " ")
        guard words.count == 2, let digest = Data(base64Encoded: String(words[1])) else {
            throw .invalid("Upload-Checksum", "Not an algorithm and a Base64 digest.")
        }
        let length: Int
        switch words[0] {
        case "sha1": (hash, length) = (.sha1(Insecure.SHA1()), Insecure.SHA1.byteCount)
        case "sha256": (hash, length) = (.sha256(SHA256()), SHA256.byteCount)
        case "md5": (hash, length) = (.md5(Insecure.MD5()), Insecure.MD5.byteCount)
        default: throw .invalid("Upload-Checksum", "The algorithms are \(Self.algorithms).")
        }
        guard digest.count == length else { throw .invalid("Upload-Checksum", "The digest has not \(length) bytes.") }
        expected = Array(digest)
    }

    package mutating func update(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { bytes in
            switch hash {
            case .sha1(var state):
                state.update(bufferPointer: bytes)
                hash = .sha1(state)
            case .sha256(var state):
                state.update(bufferPointer: bytes)
                hash = .sha256(state)
            case .md5(var state):
                state.update(bufferPointer: bytes)
                hash = .md5(state)
            }
        }
    }

    /// Whether what came is what was announced.
    package var isRight: Bool {
        switch hash {
        case .sha1(let state): Array(state.finalize()) == expected
        case .sha256(let state): Array(state.finalize()) == expected
        case .md5(let state): Array(state.finalize()) == expected
        }
    }
}
