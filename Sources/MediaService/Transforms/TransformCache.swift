import Codecs
import Crypto
import Foundation
import Logging
import NIOPosix
import ObjectStorage
import Synchronization

/// Transformed pictures on disk, bounded in bytes; those that were used least recently go first. What is in it may be lost
/// at any time: it can be made again.
///
/// `{folder}/{media id}/{name}.{SHA-256 of the bytes}.{extension}`, so that one item's files go at once and a restart needs
/// no index. A file's modification time is when it was made, its access time (set by hand) when it was used.
final class TransformCache: Sendable {
    /// What a result is known by.
    struct Key: Hashable {
        let mediaID: MediaID
        let format: OutputFormat
        private let name: String

        /// - Parameter recipe: everything that the bytes depend on.
        init(mediaID: MediaID, format: OutputFormat, recipe: String) {
            self.mediaID = mediaID
            self.format = format
            let digest = SHA256.hash(data: Data(recipe.utf8))
            name = digest.prefix(16).map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined()
        }

        fileprivate init?(mediaID: MediaID, fields: [Substring]) {
            guard fields.count == 3, fields[0].utf8.count == 32, fields[1].utf8.count == 64,
                let format = OutputFormat(fileExtension: String(fields[2]))
            else { return nil }
            self.mediaID = mediaID
            self.format = format
            name = String(fields[0])
        }

        fileprivate func path(sha256: String) -> String { "\(mediaID)/\(name).\(sha256).\(format.fileExtension)" }
    }

    private struct Entry {
        let sha256: String
        let size: Int
        /// Milliseconds since 1970.
        let made: Int64
        var used: Int64
        /// The time of use that the file tells.
        var noted: Int64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var bytes = 0
    }

    private let folder: String
    private let limit: Int
    private let logger: Logger
    private let state = Mutex(State())
    /// How exactly a restart knows when files were used: the file system is not written to for every answer.
    private static let noteInterval: Int64 = 60_000

    /// - Parameter limit: bytes.
    init(folder: String, limit: Int, logger: Logger) {
        self.folder = folder
        self.limit = limit
        self.logger = logger
    }

    /// Files and their bytes.
    var size: (files: Int, bytes: Int) { state.withLock { ($0.entries.count, $0.bytes) } }

    /// Finds what an earlier process left, and sweeps what it left half written. To be called once, before all else.
    func load() async throws {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            let manager = FileManager.default
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for item in try manager.contentsOfDirectory(atPath: folder) {
                guard let id = MediaID(item) else { continue }
                for file in try manager.contentsOfDirectory(atPath: "\(folder)/\(item)") {
                    let path = "\(folder)/\(item)/\(file)"
                    let fields = file.split(separator: ".")
                    var status = stat()
                    guard let key = Key(mediaID: id, fields: fields), stat(path, &status) == 0 else {
                        unlink(path)
                        continue
                    }
                    let used = Self.milliseconds(status.accessed)
                    let entry = Entry(
                        sha256: String(fields[1]), size: Int(status.st_size), made: Self.milliseconds(status.modified), used: used,
                        noted: used)
                    add(entry, for: key)
                }
                rmdir("\(folder)/\(item)")
            }
            evict()
        }
    }

    /// Nil where it is not kept.
    func open(_ key: Key) async -> (any ObjectReader)? {
        let now = MediaCore.now()
        let found: (entry: Entry, isToNote: Bool)? = state.withLock { state in
            guard var entry = state.entries[key] else { return nil }
            let isToNote = now - entry.noted > Self.noteInterval
            entry.used = now
            if isToNote { entry.noted = now }
            state.entries[key] = entry
            return (entry, isToNote)
        }
        guard let found else { return nil }
        let path = "\(folder)/\(key.path(sha256: found.entry.sha256))"
        let descriptor = try? await NIOThreadPool.singleton.runIfActive {
            let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
            if descriptor >= 0, found.isToNote { Self.noteUse(descriptor) }
            return descriptor
        }
        guard let descriptor, descriptor >= 0 else {
            // Somebody else removed it, or it went to make room while it was looked up.
            forget(key, found.entry)
            return nil
        }
        // Its name may go at any time; the descriptor's own path holds for as long as the reader lives.
        return LocalObjectReader(
            info: Self.info(key, found.entry), descriptor: descriptor, path: "/dev/fd/\(descriptor)", threads: .singleton, release: {})
    }

    /// Keeps bytes, unless they alone are more than the cache may hold or the disk has no room: that is no error.
    /// - Returns: the bytes as a reader, whether they could be kept or not.
    func store(_ bytes: [UInt8], for key: Key) async -> any ObjectReader {
        let now = MediaCore.now()
        let sha256 = SHA256.hash(data: bytes).map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined()
        let entry = Entry(sha256: sha256, size: bytes.count, made: now, used: now, noted: now)
        if bytes.count <= limit {
            do {
                try await NIOThreadPool.singleton.runIfActive { [self] in
                    try write(bytes, to: key.path(sha256: sha256), in: "\(folder)/\(key.mediaID)")
                    add(entry, for: key)
                    evict()
                }
            } catch {
                logger.warning("a transformed picture could not be kept", metadata: ["error": "\(error)"])
            }
        }
        return MemoryReader(info: Self.info(key, entry), bytes: bytes)
    }

    /// Removes all that was made of an item.
    func purge(_ id: MediaID) async {
        state.withLock { state in
            for (key, entry) in state.entries where key.mediaID == id {
                state.entries[key] = nil
                state.bytes -= entry.size
            }
        }
        _ = try? await NIOThreadPool.singleton.runIfActive { [folder] in
            try FileManager.default.removeItem(atPath: "\(folder)/\(id)")
        }
    }

    private func add(_ entry: Entry, for key: Key) {
        state.withLock { state in
            state.bytes += entry.size - (state.entries.updateValue(entry, forKey: key)?.size ?? 0)
        }
    }

    /// Unless it has been made again meanwhile.
    private func forget(_ key: Key, _ entry: Entry) {
        state.withLock { state in
            guard let current = state.entries[key], current.made == entry.made, current.sha256 == entry.sha256 else { return }
            state.entries[key] = nil
            state.bytes -= entry.size
        }
    }

    /// Down to nine tenths, so that not each new file has to look for another to go.
    private func evict() {
        let leaving: [String] = state.withLock { state in
            guard state.bytes > limit else { return [] }
            var paths: [String] = []
            for (key, entry) in state.entries.sorted(by: { $0.value.used < $1.value.used }) where state.bytes > limit / 10 * 9 {
                state.entries[key] = nil
                state.bytes -= entry.size
                paths.append(key.path(sha256: entry.sha256))
            }
            return paths
        }
        // Readers that are open keep their bytes.
        for path in leaving {
            unlink("\(folder)/\(path)")
            rmdir("\(folder)/\((path as NSString).deletingLastPathComponent)")
        }
    }

    /// Under another name first: a file with its final name is whole, also after a power cut.
    private func write(_ bytes: [UInt8], to path: String, in itemFolder: String) throws {
        try FileManager.default.createDirectory(atPath: itemFolder, withIntermediateDirectories: true)
        let temporary = "\(itemFolder)/\(UUID().uuidString).tmp"
        let descriptor = Foundation.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { unlink(temporary) }
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + offset, bytes.count - offset) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                let code = POSIXErrorCode(rawValue: errno) ?? .EIO
                close(descriptor)
                throw POSIXError(code)
            }
            offset += written
        }
        let isSynced = fsync(descriptor) == 0
        close(descriptor)
        guard isSynced, rename(temporary, "\(folder)/\(path)") == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    private static func info(_ key: Key, _ entry: Entry) -> ObjectInfo {
        ObjectInfo(
            key: ObjectKey(key.path(sha256: entry.sha256))!, size: entry.size, sha256: entry.sha256, contentType: key.format.contentType,
            modified: entry.made)
    }

    private static func noteUse(_ descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        _ = futimens(descriptor, [timespec(tv_sec: time(nil), tv_nsec: 0), status.modified])
    }

    private static func milliseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000 }
}

extension stat {
    #if canImport(Darwin)
        fileprivate var accessed: timespec { st_atimespec }
        fileprivate var modified: timespec { st_mtimespec }
    #else
        fileprivate var accessed: timespec { st_atim }
        fileprivate var modified: timespec { st_mtim }
    #endif
}
