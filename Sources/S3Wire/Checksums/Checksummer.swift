import CChecksum
import Crypto
import NIOCore

/// Computes a checksum of bytes as they come.
public struct Checksummer: Sendable {
    private enum State {
        case crc32(UInt32)
        case crc32c(UInt32)
        case crc64nvme(UInt64)
        case sha1(Insecure.SHA1)
        case sha256(SHA256)
    }

    public let algorithm: ChecksumAlgorithm
    private var state: State

    public init(_ algorithm: ChecksumAlgorithm) {
        self.algorithm = algorithm
        state =
            switch algorithm {
            case .crc32: .crc32(0)
            case .crc32c: .crc32c(0)
            case .crc64nvme: .crc64nvme(0)
            case .sha1: .sha1(Insecure.SHA1())
            case .sha256: .sha256(SHA256())
            }
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let address = bytes.baseAddress, !bytes.isEmpty else { return }
        switch state {
        case .crc32(let crc): state = .crc32(cchecksum_crc32(crc, address, bytes.count))
        case .crc32c(let crc): state = .crc32c(cchecksum_crc32c(crc, address, bytes.count))
        case .crc64nvme(let crc): state = .crc64nvme(cchecksum_crc64nvme(crc, address, bytes.count))
        case .sha1(var hash):
            // Else the hash would be copied: it must not be held twice.
            state = .crc32(0)
            hash.update(bufferPointer: bytes)
            state = .sha1(hash)
        case .sha256(var hash):
            state = .crc32(0)
            hash.update(bufferPointer: bytes)
            state = .sha256(hash)
        }
    }

    public mutating func update(_ bytes: ByteBuffer) { bytes.withUnsafeReadableBytes { update($0) } }

    /// The checksum of all bytes so far, in Base64.
    public func finalize() -> String {
        switch state {
        case .crc32(let crc), .crc32c(let crc): Base64.encode(CyclicRedundancy.bytes(UInt64(crc), width: 32))
        case .crc64nvme(let crc): Base64.encode(CyclicRedundancy.bytes(crc, width: 64))
        case .sha1(let hash): Base64.encode(Array(hash.finalize()))
        case .sha256(let hash): Base64.encode(Array(hash.finalize()))
        }
    }
}
