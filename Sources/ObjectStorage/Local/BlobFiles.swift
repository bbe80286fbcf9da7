import CFileAccess
import Foundation
import NIOPosix

/// The files of a local store: `<folder>/<first two digits>/<SHA-256>`. All of it blocks, so all of it runs on threads of
/// its own.
struct BlobFiles: Sendable {
    let threads: NIOThreadPool
    private let folder: String
    private let temporaryFolder: String

    /// `00` to `ff`.
    static let folders = (0..<256).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    private static let threadCount = 8

    init(folder: String, temporaryFolder: String) throws(ObjectStoreError) {
        self.folder = folder
        self.temporaryFolder = temporaryFolder
        do {
            for name in Self.folders {
                try FileManager.default.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: true)
            }
            try FileManager.default.createDirectory(atPath: temporaryFolder, withIntermediateDirectories: true)
        } catch {
            throw .failed("\(folder): \(error.localizedDescription)")
        }
        try FolderSync.synchronize(folder)
        // The store's own name in the folder above, which may be new as well.
        try FolderSync.synchronize((folder as NSString).appendingPathComponent(".."))
        threads = NIOThreadPool(numberOfThreads: Self.threadCount)
        threads.start()
    }

    func path(_ sha256: String) -> String { "\(folder)/\(sha256.prefix(2))/\(sha256)" }

    /// - Parameter size: bytes to be expected, where known: a disk that has no room for them is told early. No more than `reserved` of it is
    ///   taken before the bytes are there, for a size is only said.
    func stage(size: Int?) async throws -> StagedFileWriter {
        let path = temporaryPath()
        let descriptor = try await threads.runToEnd {
            let descriptor = try Self.create(path)
            if let size, size > 0, !Self.hasRoom(descriptor, for: size) {
                Foundation.close(descriptor)
                unlink(path)
                throw ObjectStoreError.diskFull
            }
            return descriptor
        }
        return StagedFileWriter(path: path, descriptor: descriptor, threads: threads)
    }

    /// Bytes that an upload takes of the disk before they have come.
    private static let reserved = 8 << 20

    private static func hasRoom(_ descriptor: Int32, for size: Int) -> Bool {
        if cfileaccess_reserve(descriptor, 0, Int64(min(size, reserved)), 1) != 0, errno == ENOSPC || errno == EDQUOT { return false }
        var disk = statvfs()
        guard size > reserved, fstatvfs(descriptor, &disk) == 0 else { return true }
        return UInt64(disk.f_bavail).multipliedReportingOverflow(by: UInt64(disk.f_frsize)).partialValue >= UInt64(size - reserved)
    }

    /// A name in the temporary place, swept at the next start.
    func temporaryPath() -> String { "\(temporaryFolder)/upload-\(UUID().uuidString.lowercased())" }

    /// Gives the file a second name in the temporary place; bytes are copied only to another file system.
    func stage(file source: String) async throws -> StagedFile {
        let path = temporaryPath()
        let (size, sha256) = try await threads.runToEnd {
            do {
                if link(source, path) != 0 {
                    guard errno == EXDEV || errno == EPERM || errno == EMLINK else {
                        throw ObjectStoreError(errno: errno, "naming a file a second time")
                    }
                    try FileCopy.copy(source, to: path)
                }
                return try FileCopy.synchronizedDigest(of: path)
            } catch {
                unlink(path)
                throw error
            }
        }
        return StagedFile(size: size, sha256: sha256, localPath: path, threads: threads)
    }

    private static func create(_ path: String) throws(ObjectStoreError) -> Int32 {
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ObjectStoreError(errno: errno, "creating a temporary file") }
        return descriptor
    }

    /// Moves complete, synced bytes to their place, durably. Bytes that are there already are replaced by their like.
    func publish(_ temporaryPath: String, as sha256: String) async throws {
        let (target, parent) = (path(sha256), "\(folder)/\(sha256.prefix(2))")
        try await threads.runToEnd {
            guard rename(temporaryPath, target) == 0 else { throw ObjectStoreError(errno: errno, "moving a blob to its place") }
            try FolderSync.synchronize(parent)
        }
    }

    /// Opens a blob and checks that it has the size that the index tells; nil where there is none.
    func open(_ sha256: String, size: Int) async throws -> FileDescriptor? {
        let path = path(sha256)
        return try await threads.runToEnd {
            guard let file = try FileDescriptor.open(path) else { return nil }
            guard file.size == size else { throw ObjectStoreError.corrupt("blob \(sha256) has not \(size) bytes") }
            return file
        }
    }

    func remove(_ sha256: String) async throws {
        let path = path(sha256)
        try await threads.runToEnd {
            guard unlink(path) == 0 || errno == ENOENT else { throw ObjectStoreError(errno: errno, "removing blob \(sha256)") }
        }
    }

    /// Sets a blob aside in `<folder>/quarantine`.
    func quarantine(_ sha256: String) async throws {
        let (path, folder) = (path(sha256), folder + "/quarantine")
        try await threads.runToEnd {
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw ObjectStoreError(errno: errno, "making the quarantine") }
            guard rename(path, folder + "/" + sha256) == 0 || errno == ENOENT else {
                throw ObjectStoreError(errno: errno, "setting blob \(sha256) aside")
            }
        }
    }

    /// SHA-256 of the blobs in one of `folders`.
    func blobs(in name: String) async throws -> [String] {
        let path = folder + "/" + name
        return try await threads.runToEnd { try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.utf8.count == 64 } }
    }

    /// Removes what unfinished uploads left; how many there were.
    func sweepTemporary() async throws -> Int {
        let path = temporaryFolder
        return try await threads.runToEnd {
            let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix("upload-") }
            for name in names { unlink(path + "/" + name) }
            return names.count
        }
    }

    // MARK: The mark of a store that was closed in order

    private var cleanMark: String { folder + "/.clean" }

    func leaveCleanMark() async throws {
        let path = cleanMark
        try await threads.runToEnd {
            let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw ObjectStoreError(errno: errno, "leaving the mark of a clean end") }
            Foundation.close(descriptor)
        }
    }

    /// Whether the mark was there; it is gone, durably, when this returns.
    func takeCleanMark() async throws -> Bool {
        let (path, folder) = (cleanMark, folder)
        return try await threads.runToEnd {
            guard unlink(path) == 0 else { return false }
            try FolderSync.synchronize(folder)
            return true
        }
    }
}

extension ObjectStoreError {
    /// - Parameter what: what was tried, for the log.
    package init(errno code: Int32, _ what: String) {
        switch code {
        case ENOSPC, EDQUOT: self = .diskFull
        case EMFILE, ENFILE: self = .unavailable("\(what): \(String(cString: strerror(code)))")
        default: self = .failed("\(what): \(String(cString: strerror(code)))")
        }
    }
}
