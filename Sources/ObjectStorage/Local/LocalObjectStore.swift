import Foundation
import Logging
import NIOCore
import NIOPosix
import Persistence
import Synchronization

/// Objects on this machine: an index in a database, and the bytes as files that are named by their SHA-256, so that the same
/// bytes take their room once whatever keys they are stored under.
///
/// The order of steps stands in for a transaction over both: bytes durable → index row → acknowledged; and row gone → file
/// removed. A crash leaves at most a file that no row names, which `recover` finds.
public final class LocalObjectStore: ObjectStore {
    /// The index's schema.
    public static let migrations = ObjectIndex.migrations

    private let files: BlobFiles
    private let index: ObjectIndex
    private let claims = BlobClaims()
    private let lock: FolderLock
    /// A removal failed, so there may be blobs that no object names.
    private let hasOrphans = Mutex(false)
    private let logger: Logger

    /// Opens the store; one process at a time may have it.
    ///
    /// - Parameters:
    ///   - folder: blobs; made where it is missing.
    ///   - temporaryFolder: unfinished uploads; on the same file system.
    ///   - database: migrated to `migrations`.
    /// - Throws: `FolderLock.Failure` where another process has the folder, `ObjectStoreError` where it cannot be written.
    public init(folder: String, temporaryFolder: String, database: any Database, logger: Logger) throws {
        lock = try FolderLock(folder: folder)
        files = try BlobFiles(folder: folder, temporaryFolder: temporaryFolder)
        index = ObjectIndex(database: database)
        self.logger = logger
    }

    /// What a crash left behind and `recover` found.
    public struct Recovery: Sendable, Equatable {
        /// Unfinished uploads that were removed.
        public var temporaryFiles = 0
        /// Blobs that no object named; removed.
        public var orphans = 0
        /// SHA-256 of blobs that the index names and the disk does not have.
        public var missing: [String] = []
    }

    /// Tidies up after a crash: to be called at start, before anything is stored. After a clean `close` only temporary
    /// files are looked for.
    @discardableResult
    public func recover() async throws -> Recovery {
        var recovery = Recovery()
        recovery.temporaryFiles = try await files.sweepTemporary()
        if try await files.takeCleanMark() { return recovery }
        for folder in BlobFiles.folders {
            let onDisk = Set(try await files.blobs(in: folder))
            let named = Set(try await index.blobs(prefix: folder))
            for orphan in onDisk.subtracting(named) {
                try await files.remove(orphan)
                recovery.orphans += 1
            }
            recovery.missing += named.subtracting(onDisk).sorted()
        }
        for sha256 in recovery.missing { logger.error("a blob is missing", metadata: ["sha256": "\(sha256)"]) }
        return recovery
    }

    /// Marks the store as left in order, unless something is still under way or a blob could not be removed: then the next
    /// recovery looks through all blobs.
    public func close() async throws {
        guard await claims.isIdle, !hasOrphans.withLock({ $0 }) else { return }
        try await files.leaveCleanMark()
    }

    public func createBucket(_ bucket: BucketName) async throws { try await index.createBucket(bucket) }

    public func stage() async throws -> any BlobWriter { try await files.stage() }

    public func stage(file path: String) async throws -> any StagedBlob { try await files.stage(file: path) }

    @discardableResult
    public func commit(
        _ blob: any StagedBlob, to key: ObjectKey, in bucket: BucketName, contentType: String
    ) async throws -> ObjectInfo {
        let info = ObjectInfo(
            key: key, size: blob.size, sha256: blob.sha256, contentType: contentType, modified: Int64(Date().timeIntervalSince1970 * 1000))
        await claims.pin(info.sha256)
        let replaced: String?
        do {
            try await files.publish(blob.localPath, as: info.sha256)
            replaced = try await index.put(info, in: bucket)
        } catch {
            await unpin(info.sha256, thenRemoveIfUnused: true)
            throw Self.storeError(error)
        }
        await unpin(info.sha256, thenRemoveIfUnused: false)
        if let replaced, replaced != info.sha256 { await removeIfUnused(replaced) }
        return info
    }

    public func copy(_ source: ObjectKey, to target: ObjectKey, in bucket: BucketName) async throws -> ObjectInfo? {
        guard let original = try await head(source, in: bucket) else { return nil }
        await claims.pin(original.sha256)
        let outcome: (info: ObjectInfo, replaced: String?)?
        do {
            // Read again behind the pin: the source may have gone meanwhile.
            outcome = try await index.copy(source, to: target, in: bucket, modified: Int64(Date().timeIntervalSince1970 * 1000))
        } catch {
            await unpin(original.sha256, thenRemoveIfUnused: true)
            throw Self.storeError(error)
        }
        await unpin(original.sha256, thenRemoveIfUnused: outcome == nil)
        if let outcome, let replaced = outcome.replaced, replaced != outcome.info.sha256 { await removeIfUnused(replaced) }
        return outcome?.info
    }

    public func head(_ key: ObjectKey, in bucket: BucketName) async throws -> ObjectInfo? {
        try await index.find(key, in: bucket)
    }

    public func open(_ key: ObjectKey, in bucket: BucketName) async throws -> (any ObjectReader)? {
        // The object may be replaced between the look at the index and the opening; then the index is asked again.
        for _ in 0..<10 {
            guard let info = try await index.find(key, in: bucket) else { return nil }
            await claims.pin(info.sha256)
            do {
                let descriptor = try await files.open(info.sha256, size: info.size)
                return LocalObjectReader(
                    info: info, descriptor: descriptor, path: files.path(info.sha256), threads: files.threads,
                    release: { [weak self] in await self?.unpin(info.sha256, thenRemoveIfUnused: false) })
            } catch {
                await unpin(info.sha256, thenRemoveIfUnused: false)
                if try await index.find(key, in: bucket)?.sha256 == info.sha256 { throw error }
            }
        }
        throw ObjectStoreError.failed("the object changes faster than it can be opened")
    }

    public func delete(_ keys: [ObjectKey], in bucket: BucketName) async throws {
        do {
            for sha256 in Set(try await index.delete(keys, in: bucket)) { await removeIfUnused(sha256) }
        } catch {
            throw Self.storeError(error)
        }
    }

    public func list(_ bucket: BucketName, prefix: String, after: String?, limit: Int) async throws -> [ObjectInfo] {
        try await index.list(bucket, prefix: prefix, after: after, limit: limit)
    }

    /// Objects, the bytes they stand for, and the bytes that they take on disk.
    public func usage() async throws -> (objects: Int, bytes: Int, storedBytes: Int) { try await index.usage() }

    // MARK: Blobs that nothing names any more

    private func unpin(_ sha256: String, thenRemoveIfUnused: Bool) async {
        let wasAskedFor = await claims.unpin(sha256)
        if wasAskedFor || thenRemoveIfUnused { await removeIfUnused(sha256) }
    }

    /// Removes a blob unless an object names it. One that is pinned is looked at again when its last pin goes. A failure
    /// leaves an orphan, which the next recovery finds.
    private func removeIfUnused(_ sha256: String) async {
        while await claims.claim(sha256) {
            do {
                // Whoever committed these bytes before the claim is in the index; whoever wants to now waits for its end.
                if try await !index.names(sha256) { try await files.remove(sha256) }
            } catch {
                hasOrphans.withLock { $0 = true }
                logger.warning("a blob could not be removed", metadata: ["sha256": "\(sha256)", "error": "\(error)"])
            }
            // An object that named it then may have been deleted since.
            guard await claims.release(sha256) else { return }
        }
    }

    private static func storeError(_ error: any Error) -> any Error {
        error as? DatabaseError == .diskFull ? ObjectStoreError.diskFull : error
    }
}
