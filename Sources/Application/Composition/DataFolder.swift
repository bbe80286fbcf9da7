import Foundation
import Persistence

/// The folder that holds all that the server keeps (docs/ARCHITECTURE.md). Nothing outside it is written.
struct DataFolder: Sendable {
    let path: String

    var databases: String { path + "/db" }
    var objects: String { path + "/objects" }
    var events: String { path + "/events" }
    var keys: String { path + "/keys" }
    var temporary: String { path + "/tmp" }
    /// Resumable uploads that are not finished.
    var uploads: String { path + "/uploads" }
    /// Transformed pictures; may be deleted at any time.
    var cache: String { path + "/cache" }
    /// The bearer token that was made at the first start.
    var apiToken: String { keys + "/api-token" }
    /// Signs sessions and links.
    var signingKey: String { keys + "/signing-key" }
    /// Seals the secrets of webhooks in the database.
    var webhookKey: String { keys + "/webhook-key" }
    /// Seals what the database of accounts must not tell.
    var authKey: String { keys + "/auth-key" }
    /// Keys that sign tokens, a file each.
    var tokenKeys: String { keys + "/tokens" }
    /// Mail, where no server is set.
    var mail: String { path + "/mail" }
    /// Signs addresses of transformed pictures.
    var transformKey: String { keys + "/transform-key" }

    /// Seals the secrets of S3 access keys in the database, and the keys of encrypted objects.
    var s3Key: String { keys + "/s3-key" }
    /// The pair of S3 keys that was made at the first start.
    var s3RootKey: String { keys + "/s3-root-key" }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes the folders that are missing. What the process makes from now on is for its owner alone: databases hold what others must not
    /// read. A folder that is there stays open to its group, which an operator may have made so for backups, and to nobody else.
    /// - Throws: `Failure`.
    func create() throws(Failure) {
        do { try createFolders() } catch {
            throw Failure(description: "the data folder \(path) cannot be made (setting data): \(Terminal.reason(error))")
        }
    }

    private func createFolders() throws {
        umask(0o077)
        let manager = FileManager.default
        for folder in [path, databases, objects, events, temporary, cache] {
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        // Of a server of before.
        for folder in [databases, objects, events, temporary, cache, uploads] {
            guard manager.fileExists(atPath: folder),
                let mode = try manager.attributesOfItem(atPath: folder)[.posixPermissions] as? Int, mode & 0o007 != 0
            else { continue }
            try manager.setAttributes([.posixPermissions: mode & 0o770], ofItemAtPath: folder)
        }
        if !manager.fileExists(atPath: keys) {
            try manager.createDirectory(atPath: keys, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    /// Whether a server could keep its data here, found out by looking alone.
    /// - Returns: whether the folder is there already.
    /// - Throws: `Failure`.
    func look() throws(Failure) -> Bool {
        let isThere = FileManager.default.fileExists(atPath: path)
        let parts = [databases, objects, events, temporary, cache, keys].filter { FileManager.default.fileExists(atPath: $0) }
        for folder in isThere ? [path] + parts : [nearest] {
            // Execute: to go into it.
            if let number = Self.obstacle(folder) {
                let what = isThere ? "the data folder \(path) cannot be written" : "the data folder \(path) cannot be made"
                let place = folder == path ? "" : "\(folder): "
                throw Failure(description: "\(what) (setting data): \(place)\(String(cString: strerror(number)))")
            }
        }
        return isThere
    }

    /// The folder itself, or the nearest of those that it would lie in that is there.
    private var nearest: String {
        var url = URL(fileURLWithPath: path).standardizedFileURL
        while url.path != "/", !FileManager.default.fileExists(atPath: url.path) { url.deleteLastPathComponent() }
        return url.path
    }

    /// Why nothing can be made in a folder; nil where it can.
    private static func obstacle(_ folder: String) -> Int32? {
        var status = stat()
        guard stat(folder, &status) == 0 else { return errno }
        guard status.st_mode & S_IFMT == S_IFDIR else { return ENOTDIR }
        guard access(folder, W_OK | X_OK) == 0 else { return errno }
        // Root may do anything, but what the kernel shows of itself takes no folder of anybody's.
        return ["/proc", "/sys"].contains { folder == $0 || folder.hasPrefix($0 + "/") } ? EROFS : nil
    }

    /// The right to run a service on this folder; it ends with the process.
    /// - Throws: `FolderLock.Failure` where another process runs it.
    func claim(_ service: String) throws -> FolderLock { try FolderLock(folder: databases, name: service) }

    /// Bytes that are free for this user on the disk that the folder lies on, or would.
    func freeBytes() throws -> Int {
        var status = statvfs()
        guard statvfs(nearest, &status) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}
