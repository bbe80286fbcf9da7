import Crypto
import Logging
import NIOCore
import Persistence
import S3Wire

/// Objects on this machine, one version a key, each with its bytes in a file: what the media service stores, in buckets of a
/// `VersionedObjectStore`, through which S3 sees the same objects.
public final class LocalObjectStore: ObjectStore {
    /// The index's schema.
    public static let migrations = VersionedObjectStore.migrations

    /// The same objects with all their versions, and all other buckets.
    public let versions: VersionedObjectStore
    private let blobs: any BlobStore
    private let temporaryFolder: String
    private let owner: String

    /// What a crash left behind and `recover` found.
    public typealias Recovery = VersionedObjectStore.Recovery

    /// Opens the store; one process at a time may have it.
    ///
    /// - Parameters:
    ///   - folder: blobs; made where it is missing.
    ///   - temporaryFolder: unfinished uploads; on the same file system.
    ///   - database: migrated to `migrations`.
    /// - Throws: `FolderLock.Failure` where another process has the folder, `ObjectStoreError` where it cannot be written.
    public convenience init(
        folder: String, temporaryFolder: String, database: any Database, blobs: LocalBlobStore.Configuration = .init(),
        configuration: VersionedObjectStore.Configuration = .init(), journal: ObjectJournal? = nil, owner: String = "", logger: Logger
    ) throws {
        let blobs = try LocalBlobStore(folder: folder, temporaryFolder: temporaryFolder, configuration: blobs)
        self.init(
            versions: VersionedObjectStore(
                database: database, blobs: blobs, configuration: configuration, journal: journal, logger: logger),
            blobs: blobs, temporaryFolder: temporaryFolder, owner: owner)
    }

    /// - Parameters:
    ///   - blobs: what `versions` was made of.
    ///   - temporaryFolder: where objects whose bytes are not a file of their own are put for those who need one.
    ///   - owner: whom S3 says that the buckets and objects belong to that are stored through this.
    public init(versions: VersionedObjectStore, blobs: any BlobStore, temporaryFolder: String, owner: String = "") {
        self.versions = versions
        self.blobs = blobs
        self.temporaryFolder = temporaryFolder
        self.owner = owner
    }

    /// See `VersionedObjectStore.recover`.
    @discardableResult
    public func recover() async throws -> Recovery { try await versions.recover() }

    /// See `VersionedObjectStore.close`.
    public func close() async throws { try await versions.close() }

    public func createBucket(_ bucket: BucketName) async throws {
        guard try await versions.bucket(bucket) == nil else { return }
        do {
            try await versions.createBucket(Bucket(name: bucket, owner: owner, created: VersionedObjectStore.now))
        } catch is BucketExists {}
    }

    public func stage() async throws -> any BlobWriter { try await blobs.stageFile() }

    public func stage(file path: String) async throws -> any StagedBlob { try await blobs.stage(file: path) }

    @discardableResult
    public func commit(
        _ blob: any StagedBlob, to key: ObjectKey, in bucket: BucketName, contentType: String
    ) async throws -> ObjectInfo {
        // The SHA-256 as an entity tag: 32 digits, as those of S3 have that are no digest of parts.
        let version = try await versions.put(
            .staged(blob), key: key, in: bucket, etag: String(blob.sha256.prefix(32)), contentType: contentType,
            attributes: ObjectAttributes(owner: owner))
        return Self.info(version)
    }

    public func copy(_ source: ObjectKey, to target: ObjectKey, in bucket: BucketName) async throws -> ObjectInfo? {
        for _ in 0..<10 {
            guard let original = try await current(source, in: bucket) else { return nil }
            do {
                let copy = try await versions.put(
                    .sharing(original), key: target, in: bucket, etag: original.etag, contentType: original.contentType,
                    attributes: original.attributes)
                return Self.info(copy)
            } catch is SourceGone {
                continue
            }
        }
        throw ObjectStoreError.failed("the object changes faster than it can be copied")
    }

    public func head(_ key: ObjectKey, in bucket: BucketName) async throws -> ObjectInfo? {
        try await current(key, in: bucket).map(Self.info)
    }

    private func current(_ key: ObjectKey, in bucket: BucketName) async throws -> ObjectVersion? {
        let version = try await versions.find(key, version: nil, in: bucket)
        return version?.isDeleteMarker == true ? nil : version
    }

    public func open(_ key: ObjectKey, in bucket: BucketName) async throws -> (any ObjectReader)? {
        // The object may be replaced between the look at the index and the opening; then the index is asked again.
        for _ in 0..<10 {
            guard let version = try await current(key, in: bucket) else { return nil }
            if let reader = try await versions.open(version, in: bucket) {
                return StoredObjectReader(info: Self.info(version), reader: reader, temporaryFolder: temporaryFolder)
            }
        }
        throw ObjectStoreError.failed("the object changes faster than it can be opened")
    }

    public func delete(_ keys: [ObjectKey], in bucket: BucketName) async throws {
        do {
            _ = try await versions.delete(keys.map { .init(key: $0, versionID: nil, owner: owner) }, in: bucket)
        } catch ObjectStoreError.noSuchBucket {}
    }

    public func list(_ bucket: BucketName, prefix: String, after: String?, limit: Int) async throws -> [ObjectInfo] {
        var query = VersionedObjectStore.ListQuery()
        query.prefix = prefix
        query.after = after
        query.limit = limit
        return try await versions.listInfo(bucket, query)
    }

    /// Objects, the bytes they stand for, and the bytes that they take on disk.
    public func usage() async throws -> (objects: Int, bytes: Int, storedBytes: Int) { try await versions.totalUsage() }

    static func info(_ version: ObjectVersion) -> ObjectInfo {
        ObjectInfo(
            key: version.key, size: version.size, sha256: version.contentDigest, contentType: version.contentType,
            modified: version.modified)
    }
}

extension ObjectVersion {
    /// SHA-256 of the bytes as they are stored, 64 hexadecimal digits; of an object that came in parts the SHA-256 of those of its parts.
    var contentDigest: String {
        if segments.count == 1 { return segments[0].sha256 }
        return Hexadecimal.text(SHA256.hash(data: segments.flatMap { $0.sha256.utf8 }))
    }
}
