import Foundation

/// An open file of the log. All of it blocks.
final class LogFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// - Returns: nil where there is no such file and none is to be made.
    /// - Throws: `EventLogError`.
    init?(_ path: String, _ flags: Int32) throws {
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        self.path = path
        if descriptor < 0 {
            if errno == ENOENT, flags & O_CREAT == 0 { return nil }
            throw EventLogError(errno: errno, path)
        }
        if flags & O_CREAT != 0, geteuid() == 0 { shareWithOwner() }
    }

    /// What a command that is run as root makes is the server's, whose folder it is.
    private func shareWithOwner() {
        var (folder, file) = (stat(), stat())
        guard stat((path as NSString).deletingLastPathComponent, &folder) == 0, fstat(descriptor, &file) == 0,
            folder.st_uid != file.st_uid
        else { return }
        fchown(descriptor, folder.st_uid, folder.st_gid)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Bytes, and whether the file still has a name.
    func state() throws -> (bytes: Int, isThere: Bool) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw EventLogError(errno: errno, path) }
        return (Int(status.st_size), status.st_nlink > 0)
    }

    /// - Returns: bytes that were read; 0 at the end.
    func read(_ bytes: UnsafeMutableRawPointer, _ count: Int, at position: Int) throws -> Int {
        while true {
            let result = pread(descriptor, bytes, count, off_t(position))
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw EventLogError(errno: errno, path) }
            return result
        }
    }

    func write(_ bytes: [UInt8], at position: Int) throws {
        var written = 0
        while written < bytes.count {
            let result = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress! + written, bytes.count - written, off_t(position + written))
            }
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { throw EventLogError(errno: errno, path) }
            written += result
        }
    }

    func truncate(_ bytes: Int) throws {
        guard ftruncate(descriptor, off_t(bytes)) == 0 else { throw EventLogError(errno: errno, path) }
    }

    func synchronize() throws {
        guard fdatasync(descriptor) == 0 else { throw EventLogError(errno: errno, path) }
    }

    /// Runs `body` while no other holder of the file's lock does; nil where one has it and `waits` is false. The lock ends with the
    /// process, however that ends.
    func locked<T>(waits: Bool = true, _ body: () throws -> T) throws -> T? {
        while flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return nil }
            guard errno == EINTR else { throw EventLogError(errno: errno, path) }
        }
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }

    /// Makes a folder's entries durable.
    static func synchronize(folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EventLogError(errno: errno, folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw EventLogError(errno: errno, folder) }
    }
}

extension EventLogError {
    init(errno code: Int32, _ path: String) {
        switch code {
        case ENOSPC, EDQUOT: self = .diskFull
        default: self = .failed("\(path): \(String(cString: strerror(code)))")
        }
    }
}
