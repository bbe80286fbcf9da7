import Foundation
import NIOPosix
import ObjectStorage

/// The bytes of unfinished uploads: one file an upload in a folder for its owner alone, named by the upload's id.
struct ResumableFiles: Sendable {
    let folder: String
    let threads: NIOThreadPool

    init(folder: String, threads: NIOThreadPool = .singleton) {
        self.folder = folder
        self.threads = threads
    }

    func path(_ id: UploadID) -> String { folder + "/" + id.description }

    func prepare() async throws {
        try await threads.runToEnd { [folder] in
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    /// An empty file, whose name survives a power cut.
    func create(_ id: UploadID) async throws {
        let path = path(id)
        try await threads.runToEnd { [folder] in
            Foundation.close(try Self.open(path, O_WRONLY | O_CREAT | O_EXCL))
            try FolderSync.synchronize(folder)
        }
    }

    /// Opens the file to go on at its end, which is at `received` or, where the disk has lost something, before. What
    /// stands behind was never acknowledged and may be anything after a power cut: it is cut off.
    /// - Returns: nil where there is no file.
    func open(_ id: UploadID, received: Int) async throws -> ResumableWriter? {
        let (path, threads) = (path(id), threads)
        return try await threads.runToEnd {
            guard access(path, F_OK) == 0 else { return nil }
            let descriptor = try Self.open(path, O_WRONLY | O_APPEND)
            var status = stat()
            guard fstat(descriptor, &status) == 0 else {
                let code = errno
                Foundation.close(descriptor)
                throw ObjectStoreError(errno: code, "asking for an upload's size")
            }
            var size = Int(status.st_size)
            if size > received {
                guard ftruncate(descriptor, off_t(received)) == 0 else {
                    let code = errno
                    Foundation.close(descriptor)
                    throw ObjectStoreError(errno: code, "cutting an upload's tail off")
                }
                size = received
            }
            return ResumableWriter(descriptor: descriptor, size: size, threads: threads)
        }
    }

    /// Bytes on disk; nil where there is no file.
    func size(_ id: UploadID) async throws -> Int? {
        let path = path(id)
        return try await threads.runToEnd {
            var status = stat()
            return stat(path, &status) == 0 ? Int(status.st_size) : nil
        }
    }

    /// Makes one file of several, durably; how many bytes it has.
    func concatenate(_ pieces: [UploadID], into id: UploadID) async throws -> Int {
        let (path, sources) = (path(id), pieces.map { self.path($0) })
        return try await threads.runToEnd { [folder] in
            let descriptor = try Self.open(path, O_WRONLY | O_CREAT | O_EXCL)
            do {
                defer { Foundation.close(descriptor) }
                var size = 0
                for source in sources { size += try FileCopy.append(source, to: descriptor) }
                guard fdatasync(descriptor) == 0 else { throw ObjectStoreError(errno: errno, "syncing an upload") }
                try FolderSync.synchronize(folder)
                return size
            } catch {
                unlink(path)
                throw error
            }
        }
    }

    /// Harmless where there is none.
    func remove(_ id: UploadID) async throws {
        let path = path(id)
        try await threads.runToEnd {
            guard unlink(path) == 0 || errno == ENOENT else { throw ObjectStoreError(errno: errno, "removing an upload") }
        }
    }

    func all() async throws -> [UploadID] {
        try await threads.runToEnd { [folder] in
            try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { UploadID($0) }
        }
    }

    private static func open(_ path: String, _ flags: Int32) throws(ObjectStoreError) -> Int32 {
        let descriptor = Foundation.open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ObjectStoreError(errno: errno, "opening an upload's file") }
        return descriptor
    }
}
