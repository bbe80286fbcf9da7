import Foundation
import NIOCore
import Synchronization

/// Packs: files that small blobs share, one behind the other, so that storing many costs one sync. Only the last one grows; bytes never
/// change once they were told to be there. Everything that blocks is to be called on threads of its own.
final class PackFolder: Sendable {
    private struct Open {
        let number: Int
        let descriptor: Int32
        /// Where the next record goes. What stands behind it, a failed write left.
        var end: Int
    }

    private struct State {
        var open: Open?
        /// The highest number there ever was.
        var last = 0
        /// The last pack is one of an earlier process, and nothing has been appended to it by this one.
        var isLastUntouched = true
        var readers: [Int: FileDescriptor] = [:]
        /// Of `readers`, those used least lately first.
        var order: [Int] = []
    }

    private let folder: String
    private let packSize: Int
    private let openPacks: Int
    private let state = Mutex(State())

    private static let scratchSize = 256 * 1024

    /// - Parameters:
    ///   - packSize: bytes after which the next pack begins.
    ///   - openPacks: packs that are kept open for reading.
    init(folder: String, packSize: Int, openPacks: Int) throws {
        self.folder = folder
        self.packSize = packSize
        self.openPacks = openPacks
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let last = try numbers().max() ?? 0
        state.withLock { $0.last = last }
    }

    deinit {
        state.withLock { state in
            if let open = state.open { close(open.descriptor) }
        }
    }

    private func path(_ number: Int) -> String { "\(folder)/" + Self.name(number) }

    private static func name(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".pack"
    }

    private func numbers() throws -> [Int] {
        try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { name in
            guard name.hasSuffix(".pack"), let number = Int(name.dropLast(5)), Self.name(number) == name else { return nil }
            return number
        }
    }

    // MARK: Writing

    /// Appends blobs and syncs once. By one caller at a time.
    /// - Returns: where each blob begins.
    /// - Throws: `ObjectStoreError.diskFull`; then nothing of it counts, and the next goes to where this would have stood.
    func append(_ blobs: [StagedMemory]) throws(ObjectStoreError) -> [PackPlace] {
        var open = try openForWriting()
        let begin = open.end
        var places: [PackPlace] = []
        places.reserveCapacity(blobs.count)
        do throws(ObjectStoreError) {
            var writer = BufferedAppend(descriptor: open.descriptor, offset: begin, capacity: Self.scratchSize)
            for blob in blobs {
                try writer.write(PackRecord.header(size: blob.size, digest: blob.digest))
                places.append(PackPlace(pack: open.number, offset: writer.end))
                for buffer in blob.buffers { try writer.write(buffer.readableBytesView) }
            }
            try writer.flush()
            open.end = writer.end
        } catch {
            // Room for others; where it cannot be given back the next bytes are written over these.
            ftruncate(open.descriptor, off_t(begin))
            throw error
        }
        guard fdatasync(open.descriptor) == 0 else {
            let failure = ObjectStoreError(errno: errno, "syncing a pack")
            ftruncate(open.descriptor, off_t(begin))
            // What became of its pages nobody knows: the next bytes go to another file.
            closeOpen()
            throw failure
        }
        let end = open.end
        state.withLock { $0.open?.end = end }
        return places
    }

    private func openForWriting() throws(ObjectStoreError) -> Open {
        if let open = state.withLock({ $0.open }) {
            if open.end < packSize { return open }
            closeOpen()
        }
        let last = state.withLock { $0.last }
        // After a start the last pack goes on behind all that is in it, whole or not.
        if last > 0, let open = try reopen(last) { return open }
        let number = last + 1
        let descriptor = Foundation.open(path(number), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ObjectStoreError(errno: errno, "creating a pack") }
        let open = Open(number: number, descriptor: descriptor, end: 0)
        state.withLock { state in
            state.last = number
            state.open = open
        }
        do throws(ObjectStoreError) {
            try FolderSync.synchronize(folder)
        } catch {
            closeOpen()
            throw error
        }
        return open
    }

    /// Nil where the pack takes no more.
    private func reopen(_ number: Int) throws(ObjectStoreError) -> Open? {
        guard
            state.withLock({ state in
                defer { state.isLastUntouched = false }
                return state.isLastUntouched
            })
        else { return nil }
        let descriptor = Foundation.open(path(number), O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ObjectStoreError(errno: errno, "opening a pack") }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Int(status.st_size) < packSize else {
            close(descriptor)
            return nil
        }
        let open = Open(number: number, descriptor: descriptor, end: Int(status.st_size))
        state.withLock { $0.open = open }
        return open
    }

    private func closeOpen() {
        let open = state.withLock { state in
            defer { state.open = nil }
            state.isLastUntouched = false
            return state.open
        }
        if let open { close(open.descriptor) }
    }

    // MARK: Reading

    /// Opens a pack; nil where there is none.
    func open(_ number: Int) throws(ObjectStoreError) -> FileDescriptor? {
        if let known = known(number) { return known }
        guard let opened = try FileDescriptor.open(path(number)) else { return nil }
        state.withLock { state in
            guard state.readers.updateValue(opened, forKey: number) == nil else { return }
            state.order.append(number)
            // Who reads one that goes here holds it all the same.
            if state.order.count > openPacks { state.readers[state.order.removeFirst()] = nil }
        }
        return opened
    }

    /// A pack that is open already.
    func known(_ number: Int) -> FileDescriptor? {
        state.withLock { state in
            guard let reader = state.readers[number] else { return nil }
            if state.order.last != number, let index = state.order.firstIndex(of: number) {
                state.order.append(state.order.remove(at: index))
            }
            return reader
        }
    }

    // MARK: Upkeep

    /// The packs that take no more bytes, with their sizes in bytes.
    func closed() throws -> [Int: Int] {
        let growing = state.withLock { state in state.open?.number ?? (state.isLastUntouched ? state.last : nil) }
        var sizes: [Int: Int] = [:]
        for number in try numbers() where number != growing {
            var status = stat()
            if stat(path(number), &status) == 0 { sizes[number] = Int(status.st_size) }
        }
        return sizes
    }

    /// Removes a pack that nothing refers to any more.
    func remove(_ number: Int) throws(ObjectStoreError) {
        state.withLock { state in
            state.readers[number] = nil
            state.order.removeAll { $0 == number }
        }
        guard unlink(path(number)) == 0 || errno == ENOENT else { throw ObjectStoreError(errno: errno, "removing a pack") }
    }
}
