import Foundation
import Persistence

/// Blobs on this machine: each in a file named by its SHA-256, so that the same bytes take their room once, or, where they are few, in packs.
public final class LocalBlobStore: BlobStore {
    public struct Configuration: Sendable {
        /// Bytes up to which a blob goes into a pack; 0: none does.
        public var packLimit = 1 << 20
        /// Bytes after which the next pack begins.
        public var packSize = 256 << 20
        /// Bytes that blobs on their way into packs may take in memory together; beyond that they are files.
        public var stagingMemory = 64 << 20
        /// Packs that are kept open for reading.
        public var openPacks = 64

        public init() {}
    }

    private let files: BlobFiles
    private let packs: PackFolder
    private let memory: StagingMemory
    private let packLimit: Int
    private let lock: FolderLock?

    /// Opens the store; one process at a time may have it to change it.
    /// - Parameters:
    ///   - folder: blobs; made where it is missing.
    ///   - temporaryFolder: unfinished uploads; on the same file system.
    ///   - isExclusive: false only for who reads and changes nothing, beside a process that has the store.
    /// - Throws: `FolderLock.Failure` where another process has the folder, `ObjectStoreError` where it cannot be written.
    public init(folder: String, temporaryFolder: String, configuration: Configuration = .init(), isExclusive: Bool = true) throws {
        lock = isExclusive ? try FolderLock(folder: folder) : nil
        files = try BlobFiles(folder: folder, temporaryFolder: temporaryFolder)
        packs = try PackFolder(folder: folder + "/packs", packSize: configuration.packSize, openPacks: configuration.openPacks)
        try FolderSync.synchronize(folder)
        memory = StagingMemory(bytes: configuration.stagingMemory)
        packLimit = configuration.packLimit
    }

    public func stage(size: Int?) async throws -> any BlobWriter {
        if packLimit == 0 || (size ?? 0) > packLimit { return try await files.stage(size: size) }
        return StagedMemoryWriter(limit: packLimit, memory: memory, files: files)
    }

    public func stageFile() async throws -> any BlobWriter { try await files.stage(size: nil) }

    public func stage(file path: String) async throws -> any StagedBlob { try await files.stage(file: path) }

    public func publish(_ blob: any StagedBlob) async throws -> BlobSegment {
        try await files.publish(blob.localPath, as: blob.sha256)
        return BlobSegment(size: blob.size, sha256: blob.sha256)
    }

    public func isPackable(_ blob: any StagedBlob) -> Bool { blob is StagedMemory }

    public func pack(_ blobs: [any StagedBlob]) async throws -> [BlobSegment] {
        let staged = blobs.compactMap { $0 as? StagedMemory }
        precondition(staged.count == blobs.count, "blobs that are packable")
        let packs = packs
        let places = try await files.threads.runToEnd { try packs.append(staged) }
        return zip(staged, places).map { BlobSegment(size: $0.size, sha256: $0.sha256, place: $1) }
    }

    public func open(_ segment: BlobSegment) async throws -> (any BlobReader)? {
        if let place = segment.place {
            let packs = packs
            let known = packs.known(place.pack)
            guard let file = known != nil ? known : try await files.threads.runToEnd({ try packs.open(place.pack) }) else { return nil }
            return LocalBlobReader(file: file, offset: place.offset, size: segment.size, localPath: nil, threads: files.threads)
        }
        guard let file = try await files.open(segment.sha256, size: segment.size) else { return nil }
        return LocalBlobReader(
            file: file, offset: 0, size: segment.size, localPath: files.path(segment.sha256), threads: files.threads)
    }

    public func openAtOnce(_ segment: BlobSegment) -> (any BlobReader)? {
        if let place = segment.place {
            guard let file = packs.known(place.pack) else { return nil }
            return LocalBlobReader(file: file, offset: place.offset, size: segment.size, localPath: nil, threads: files.threads)
        }
        let path = files.path(segment.sha256)
        guard let file = FileDescriptor.openAtOnce(path), file.size == segment.size else { return nil }
        return LocalBlobReader(file: file, offset: 0, size: segment.size, localPath: path, threads: files.threads)
    }

    public func remove(_ sha256: String) async throws { try await files.remove(sha256) }

    // MARK: Upkeep

    public func names(prefix: String) async throws -> [String] { try await files.blobs(in: prefix) }

    public func sweepTemporary() async throws -> Int { try await files.sweepTemporary() }

    public func takeCleanMark() async throws -> Bool { try await files.takeCleanMark() }

    public func leaveCleanMark() async throws { try await files.leaveCleanMark() }

    public func quarantine(_ sha256: String) async throws { try await files.quarantine(sha256) }

    public func closedPacks() async throws -> [Int: Int] {
        let packs = packs
        return try await files.threads.runToEnd { try packs.closed() }
    }

    public func removePack(_ number: Int) async throws {
        let packs = packs
        try await files.threads.runToEnd { try packs.remove(number) }
    }

    /// A name for a file of the store's own; it is swept at the next start.
    public func temporaryPath() -> String { files.temporaryPath() }
}
