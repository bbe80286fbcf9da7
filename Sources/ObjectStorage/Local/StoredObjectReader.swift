import Foundation
import NIOCore
import Synchronization

/// An opened object for those who want a file: bytes that lie in a pack, in parts or elsewhere are put into one when it is asked for.
final class StoredObjectReader: ObjectReader {
    let info: ObjectInfo
    private let reader: any VersionReader
    private let temporaryFolder: String
    private let copy = Mutex<String?>(nil)

    init(info: ObjectInfo, reader: any VersionReader, temporaryFolder: String) {
        self.info = info
        self.reader = reader
        self.temporaryFolder = temporaryFolder
    }

    deinit {
        if let path = copy.withLock({ $0 }) { unlink(path) }
    }

    func localPath() async throws -> String {
        if let path = (reader as? StoredVersionReader)?.localPath { return path }
        if let path = copy.withLock({ $0 }) { return path }
        let path = "\(temporaryFolder)/upload-\(UUID().uuidString.lowercased())"
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ObjectStoreError(errno: errno, "creating a temporary file") }
        defer { Foundation.close(descriptor) }
        do {
            for try await chunk in reader.chunks(0..<info.size) {
                try chunk.withUnsafeReadableBytes { try FileCopy.writeAll($0, to: descriptor) }
            }
        } catch {
            unlink(path)
            throw error
        }
        let first = copy.withLock { known in
            if known == nil { known = path }
            return known ?? path
        }
        if first != path { unlink(path) }
        return first
    }

    func openDescriptor() throws -> Int32? {
        // Only of a file that holds nothing else.
        guard (reader as? StoredVersionReader)?.localPath != nil, info.size > 0 else { return nil }
        return try reader.openDescriptor(0..<info.size)?.descriptor
    }

    func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error> { reader.chunks(range) }
}
