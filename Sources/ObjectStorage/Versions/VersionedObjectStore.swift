import Foundation
import Logging
import NIOCore
import Persistence

/// Buckets of versioned objects with multipart uploads: what the S3 protocol needs of a store, over an index in a database and a
/// blob store.
///
/// Every change is one transaction and durable when the call returns; a reader sees the old object or the new one, whole.
/// Changes that come together are committed together. The order of steps stands in for a transaction over index and blobs: bytes durable →
/// row → acknowledged; and row gone → bytes removed. A crash leaves at most bytes that no row names, which `recover` finds.
public final class VersionedObjectStore: Sendable {
    /// Runs inside the transaction of a change with what is there now (the version concerned, else the latest, delete markers
    /// among them; nil where there is none; without segments and parts of an object that came in parts); throws to leave everything as
    /// it is. It may run again.
    public typealias Guard = @Sendable (ObjectVersion?) throws -> Void

    public struct Configuration: Sendable {
        /// Latest versions that are kept in memory, about a kilobyte each, and buckets. 0 where other processes write to the same
        /// index.
        public var cachedObjects = 50_000
        /// Bytes that pages of lists with folders may take in memory. None are kept where `cachedObjects` is 0.
        public var cachedListBytes = 16 << 20
        /// Changes that are committed together.
        public var maximumBatch = 256

        public init() {}
    }

    /// The index's schema.
    public static let migrations = IndexMigrations.all

    let database: any Database
    let blobs: any BlobStore
    let named: NamedBlobs
    let commits: IndexCommits
    let clock = SequenceClock()
    let cache: LatestCache
    let bucketCache: BucketCache
    let folderPages: FolderPages
    let logger: Logger

    /// - Parameters:
    ///   - database: migrated to `migrations`.
    ///   - journal: is told of changes of objects.
    public init(
        database: any Database, blobs: any BlobStore, configuration: Configuration = .init(), journal: ObjectJournal? = nil, logger: Logger
    ) {
        self.database = database
        self.blobs = blobs
        self.logger = logger
        named = NamedBlobs(database: database, blobs: blobs, logger: logger)
        let cache = LatestCache(count: configuration.cachedObjects)
        let bucketCache = BucketCache(isOn: configuration.cachedObjects > 0)
        let folderPages = FolderPages(bytes: configuration.cachedObjects > 0 ? configuration.cachedListBytes : 0)
        self.cache = cache
        self.bucketCache = bucketCache
        self.folderPages = folderPages
        commits = IndexCommits(
            database: database, blobs: blobs, clock: clock, maximumBatch: configuration.maximumBatch, journal: journal
        ) { effects in
            if effects.isTold { journal?.committed() }
            bucketCache.replace(effects.buckets)
            folderPages.follow(effects.latest.map { .init(name: $0.key, isThere: $0.value.map { !$0.isMarker } ?? false) })
            for (key, row) in effects.latest {
                // What would have to be read or decoded for it waits until somebody asks.
                let isPlain = row.map { $0.upload == nil && $0.attributes == nil } ?? false
                cache.replace(key, isPlain ? try? row?.objectVersion(isLatest: true) : nil)
            }
        }
    }

    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// Commits a change, and removes the blobs that nothing names any more.
    func commit<T: Sendable>(packing blobs: [any StagedBlob] = [], _ work: @escaping IndexCommits.Work<T>) async throws -> T {
        let (value, released) = try await commits.commit(packing: blobs, work)
        for sha256 in Set(released) { await named.removeIfUnused(sha256) }
        return value
    }

    // MARK: Buckets

    /// - Throws: `BucketExists`.
    public func createBucket(_ bucket: Bucket) async throws {
        try await commit { transaction, _ in try transaction.createBucket(bucket) }
    }

    /// With its configuration and nothing else left.
    /// - Throws: `ObjectStoreError.noSuchBucket`, `BucketNotEmpty` while there are versions, delete markers or uploads.
    public func deleteBucket(_ name: BucketName) async throws {
        try await commit { transaction, _ in try transaction.deleteBucket(name) }
    }

    /// From memory where it is known. Nil where there is none.
    public func bucket(_ name: BucketName) async throws -> Bucket? { try await bucketRow(name)?.bucket }

    /// The same where it is in memory. Does not wait.
    public func knownBucket(_ name: BucketName) -> Bucket? { bucketCache.find(name)?.bucket }

    func bucketRow(_ name: BucketName) async throws -> BucketRow? {
        if let known = bucketCache.find(name) { return known }
        let epoch = bucketCache.epoch
        guard let row = try await database.read({ try BucketRow.find(name, on: $0) }) else { return nil }
        bucketCache.keep(row, epoch: epoch)
        return row
    }

    /// In order of names.
    /// - Parameter owner: nil for everybody's.
    public func buckets(owner: String?, prefix: String, after: String?, limit: Int) async throws -> [Bucket] {
        try await database.read { connection in
            var buckets: [Bucket] = []
            // Names are ASCII, so every order of them is the same.
            try connection.forEach(
                """
                SELECT \(BucketRow.columns) FROM buckets WHERE name > $1 AND name >= $2 AND name < $3 \
                \(owner == nil ? "" : "AND owner = $5") ORDER BY name LIMIT $4
                """,
                [SQLValue(after ?? ""), SQLValue(prefix), SQLValue(prefix + "~"), SQLValue(max(0, limit))]
                    + (owner.map { [SQLValue($0)] } ?? [])
            ) { row in
                buckets.append(try BucketRow(row).bucket)
                return true
            }
            return buckets
        }
    }

    /// Changes versioning or documents.
    /// - Throws: `ObjectStoreError.noSuchBucket` and what `change` throws.
    @discardableResult
    public func updateBucket(_ name: BucketName, _ change: @escaping @Sendable (inout Bucket) throws -> Void) async throws -> Bucket {
        try await commit { transaction, _ in try transaction.updateBucket(name, change) }
    }

    /// Versions and bytes (as clients sent them) of a bucket, noncurrent versions among them, delete markers and unfinished uploads not.
    /// From memory where it is known.
    /// - Throws: `ObjectStoreError.noSuchBucket`.
    public func usage(_ bucket: BucketName) async throws -> (versions: Int, bytes: Int) {
        guard let row = try await bucketRow(bucket) else { throw ObjectStoreError.noSuchBucket }
        return (row.versions, row.bytes)
    }
}
