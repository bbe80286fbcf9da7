import Crypto
import Foundation

/// Whole files, a buffer at a time. All of it blocks.
package enum FileCopy {
    private static let bufferSize = 1 << 20

    /// Appends the bytes of a file to an open one; how many there were.
    package static func append(_ source: String, to target: Int32) throws(ObjectStoreError) -> Int {
        var count = 0
        try read(source) { (bytes) throws(ObjectStoreError) in
            try writeAll(bytes, to: target)
            count += bytes.count
        }
        return count
    }

    /// Writes every byte, whatever `write` takes at once.
    package static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(ObjectStoreError) {
        var written = 0
        while written < bytes.count {
            let count = Foundation.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ObjectStoreError(errno: errno, "writing a temporary file") }
            written += count
        }
    }

    static func copy(_ source: String, to path: String) throws(ObjectStoreError) {
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ObjectStoreError(errno: errno, "creating a temporary file") }
        defer { Foundation.close(descriptor) }
        _ = try append(source, to: descriptor)
    }

    /// Size and SHA-256 (64 hexadecimal digits) of a file whose bytes are on disk when this returns.
    static func synchronizedDigest(of path: String) throws(ObjectStoreError) -> (size: Int, sha256: String) {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ObjectStoreError(errno: errno, "opening a file") }
        defer { Foundation.close(descriptor) }
        guard fdatasync(descriptor) == 0 else { throw ObjectStoreError(errno: errno, "syncing a file") }
        var hash = SHA256()
        var size = 0
        try read(path) { (bytes) throws(ObjectStoreError) in
            hash.update(bufferPointer: bytes)
            size += bytes.count
        }
        return (size, hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }

    private static func read(
        _ path: String, _ take: (UnsafeRawBufferPointer) throws(ObjectStoreError) -> Void
    ) throws(ObjectStoreError) {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ObjectStoreError(errno: errno, "opening a file") }
        defer { Foundation.close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ObjectStoreError(errno: errno, "reading a file") }
            if count == 0 { return }
            try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
