import Logging
import NIOCore
import Persistence

/// Buckets of versioned objects with multipart uploads: what the S3 protocol needs of a store, over an index in a database and a
/// blob store.
///
/// Every change is one transaction and durable when the call returns; a reader sees the old object or the new one, whole.
/// Changes that come together are committed together.
public final class VersionedObjectStore: Sendable {
    /// Runs inside the transaction of a change with what is there now (the version concerned, else the latest, delete markers
    /// among them; nil where there is none); throws to leave everything as it is.
    public typealias Guard = @Sendable (ObjectVersion?) throws -> Void

    public struct Configuration: Sendable {
        /// Latest versions that are kept in memory, about a kilobyte each. 0 where other processes write to the same index.
        public var cachedObjects = 50_000
        /// Changes that are committed together.
        public var maximumBatch = 256

        public init() {}
    }

    /// - Parameter database: migrated to `migrations`.
    public init(database: any Database, blobs: any BlobStore, configuration: Configuration = .init(), logger: Logger) {}

    // MARK: Buckets

    /// - Throws: `BucketExists`.
    public func createBucket(_ bucket: Bucket) async throws { throw ObjectStoreError.failed("not yet") }

    /// With its configuration and nothing else left.
    /// - Throws: `ObjectStoreError.noSuchBucket`, `BucketNotEmpty` while there are versions, delete markers or uploads.
    public func deleteBucket(_ name: BucketName) async throws { throw ObjectStoreError.failed("not yet") }

    /// From memory where it is known. Nil where there is none.
    public func bucket(_ name: BucketName) async throws -> Bucket? { throw ObjectStoreError.failed("not yet") }

    /// In order of names.
    /// - Parameter owner: nil for everybody's.
    public func buckets(owner: String?, prefix: String, after: String?, limit: Int) async throws -> [Bucket] {
        throw ObjectStoreError.failed("not yet")
    }

    /// Changes versioning or documents.
    /// - Throws: `ObjectStoreError.noSuchBucket` and what `change` throws.
    @discardableResult
    public func updateBucket(_ name: BucketName, _ change: @escaping @Sendable (inout Bucket) throws -> Void) async throws -> Bucket {
        throw ObjectStoreError.failed("not yet")
    }

    // MARK: Objects

    /// Begins to take bytes. Up to the setting they stay in memory and go into a pack with the commit; beyond that they go to a file.
    /// - Parameter size: bytes to be expected, where known.
    public func stage(size: Int?) async throws -> any BlobWriter { throw ObjectStoreError.failed("not yet") }

    /// Makes staged bytes the latest version of a key. Without versioning, or with versioning suspended, what the `null` version
    /// was goes.
    /// - Parameters:
    ///   - guard: sees the latest version.
    public func put(
        _ content: Content, key: ObjectKey, in bucket: BucketName, etag: String, contentType: String, attributes: ObjectAttributes,
        guard: Guard? = nil
    ) async throws -> ObjectVersion { throw ObjectStoreError.failed("not yet") }

    public enum Content: Sendable {
        case staged(any StagedBlob)
        /// The bytes of a version that is there already: large ones are shared and not moved. Where they have gone since it was
        /// found, the change throws `SourceGone`.
        case sharing(ObjectVersion)
        case empty
    }

    /// - Parameter versionID: nil for the latest, which may be a delete marker.
    public func find(_ key: ObjectKey, version versionID: String?, in bucket: BucketName) async throws -> ObjectVersion? {
        throw ObjectStoreError.failed("not yet")
    }

    /// Opens the bytes of a version; nil where they have gone since it was found (find it again then). They stay readable until
    /// the reader is let go.
    public func open(_ version: ObjectVersion, in bucket: BucketName) async throws -> (any VersionReader)? {
        throw ObjectStoreError.failed("not yet")
    }

    /// Changes etag, content type or attributes of a version in place; `modified` stays.
    /// - Returns: nil where there is no such version.
    public func update(
        _ key: ObjectKey, version versionID: String?, in bucket: BucketName,
        _ change: @escaping @Sendable (inout ObjectVersion) throws -> Void
    ) async throws -> ObjectVersion? { throw ObjectStoreError.failed("not yet") }

    public struct Deletion: Sendable {
        public let key: ObjectKey
        /// Nil: the latest goes (without versioning), or a delete marker is put over it.
        public let versionID: String?
        /// Of the marker that a deletion without a version leaves.
        public let owner: String
        public let `guard`: Guard?

        public init(key: ObjectKey, versionID: String?, owner: String, guard: Guard? = nil) {
            self.key = key
            self.versionID = versionID
            self.owner = owner
            self.guard = `guard`
        }
    }

    public enum DeletionOutcome: Sendable {
        /// There was nothing of that name; S3 calls that success.
        case nothing
        /// This version, or delete marker, is gone.
        case deleted(ObjectVersion)
        /// This delete marker is the latest now.
        case marked(ObjectVersion)
        /// What the guard threw.
        case refused(any Error)
    }

    /// All in one transaction; one that is refused does not keep the others. Outcomes stand in the order of `deletions`.
    public func delete(_ deletions: [Deletion], in bucket: BucketName) async throws -> [DeletionOutcome] {
        throw ObjectStoreError.failed("not yet")
    }

    // MARK: Lists

    public struct ListQuery: Sendable {
        public var prefix = ""
        /// Keys that share what stands between prefix and this are told as one.
        public var delimiter: String?
        /// Only what stands behind this: keys, and common prefixes.
        public var after: String?
        /// In lists of versions and uploads: behind this version or upload of the key `after`.
        public var afterID: String?
        public var limit = 1000

        public init() {}
    }

    public struct Page<Item: Sendable>: Sendable {
        /// Items and common prefixes in one order, as they count against the limit.
        public var items: [Item] = []
        public var commonPrefixes: [String] = []
        /// Where the next page begins (`after` of its query): the last key or common prefix of this one; nil at the end.
        public var next: String?
        public var nextID: String?

        public init() {}
    }

    /// What a list tells of an object: no attributes beside these are read.
    public struct ListedObject: Sendable {
        public let key: String
        public let modified: Int64
        public let etag: String
        /// Bytes as the client sent them.
        public let size: Int
        public let owner: String
        public let storageClass: String?
        /// Of its checksum; nil where it has none.
        public let checksumAlgorithm: String?
        public let isComposite: Bool
    }

    /// Latest versions that are no delete markers, in order of UTF-8 bytes.
    public func list(_ bucket: BucketName, _ query: ListQuery) async throws -> Page<ListedObject> {
        throw ObjectStoreError.failed("not yet")
    }

    /// All versions and delete markers: keys in order, the newest of a key first.
    public func listVersions(_ bucket: BucketName, _ query: ListQuery) async throws -> Page<ObjectVersion> {
        throw ObjectStoreError.failed("not yet")
    }

    // MARK: Multipart uploads

    public struct Upload: Sendable {
        /// Opaque, 32 characters.
        public let id: String
        public let key: ObjectKey
        public let bucket: BucketName
        public let created: Int64
        public let contentType: String
        /// What the object will carry; `checksum` with an empty value names the algorithm and kind that were asked for.
        public let attributes: ObjectAttributes
    }

    public func createUpload(
        _ key: ObjectKey, in bucket: BucketName, contentType: String, attributes: ObjectAttributes
    ) async throws -> Upload { throw ObjectStoreError.failed("not yet") }

    public func upload(_ id: String, _ key: ObjectKey, in bucket: BucketName) async throws -> Upload? {
        throw ObjectStoreError.failed("not yet")
    }

    /// Stores a part, replacing one of that number.
    /// - Throws: `NoSuchUpload`.
    public func putPart(_ content: Content, _ part: ObjectPart, of upload: Upload) async throws {
        throw ObjectStoreError.failed("not yet")
    }

    /// In order of numbers.
    public func parts(of upload: Upload, after number: Int, limit: Int) async throws -> [ObjectPart] {
        throw ObjectStoreError.failed("not yet")
    }

    /// Makes an object of parts and ends the upload, in one transaction.
    /// - Parameters:
    ///   - numbers: of the parts that the object is made of, rising.
    ///   - finish: makes the etag and the attributes of the object from the parts, inside the transaction; throws to refuse.
    ///   - guard: sees the latest version.
    /// - Throws: `NoSuchUpload`, `NoSuchPart`.
    public func complete(
        _ upload: Upload, parts numbers: [Int],
        finish: @escaping @Sendable ([ObjectPart]) throws -> (etag: String, attributes: ObjectAttributes), guard: Guard? = nil
    ) async throws -> ObjectVersion { throw ObjectStoreError.failed("not yet") }

    /// Removes an upload and its parts.
    /// - Throws: `NoSuchUpload`.
    public func abort(_ upload: Upload) async throws { throw ObjectStoreError.failed("not yet") }

    /// In order of keys, then of beginning. `afterID` with `after`: behind that upload of that key.
    public func listUploads(_ bucket: BucketName, _ query: ListQuery) async throws -> Page<Upload> {
        throw ObjectStoreError.failed("not yet")
    }

    // MARK: Upkeep

    /// Versions and bytes of a bucket, noncurrent versions among them.
    public func usage(_ bucket: BucketName) async throws -> (versions: Int, bytes: Int) { throw ObjectStoreError.failed("not yet") }
}

/// The bytes of one version.
public protocol VersionReader: Sendable {
    var version: ObjectVersion { get }
    /// A few bytes at once (within 0 ..< size), for small ranges.
    func read(_ range: Range<Int>) async throws -> ByteBuffer
    /// Bytes of a range in chunks of at most 256 KiB.
    func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error>
    /// A descriptor for the caller to close, and where in that file the range begins, where the range lies in one local file; nil
    /// otherwise. For sendfile.
    func openDescriptor(_ range: Range<Int>) throws -> (descriptor: Int32, offset: Int)?
}

public struct BucketExists: Error, Sendable {
    public let owner: String
    public init(owner: String) { self.owner = owner }
}
public struct BucketNotEmpty: Error, Sendable { public init() {} }
/// A version whose bytes were to be shared went meanwhile: find it again.
public struct SourceGone: Error, Sendable { public init() {} }
public struct NoSuchUpload: Error, Sendable { public init() {} }
public struct NoSuchPart: Error, Sendable {
    public let number: Int
    public init(number: Int) { self.number = number }
}
