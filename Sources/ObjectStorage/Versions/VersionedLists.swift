extension VersionedObjectStore {
    public struct ListQuery: Sendable {
        public var prefix = ""
        /// Keys that share what stands between prefix and this are told as one.
        public var delimiter: String?
        /// Only what stands behind this: keys, and common prefixes.
        public var after: String?
        /// In lists of versions and uploads: also what stands behind this version or upload of the key `after`.
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
        /// `afterID` of its query.
        public var nextID: String?

        public init() {}
    }

    /// What a list tells of an object: no attributes beside these are read.
    public struct ListedObject: Sendable {
        public let key: String
        /// Milliseconds since 1970, UTC.
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

    /// Latest versions that are no delete markers, in order of UTF-8 bytes. Empty where there is no such bucket.
    public func list(_ bucket: BucketName, _ query: ListQuery) async throws -> Page<ListedObject> {
        if let known = folderPages.find(bucket, query) { return known }
        guard let reading = folderPages.begin(query) else {
            return try await database.read { try IndexLists.objects(bucket, query, on: $0) }
        }
        do {
            let page = try await database.read { try IndexLists.objects(bucket, query, on: $0) }
            folderPages.end(reading, bucket, query, page)
            return page
        } catch {
            folderPages.end(reading, bucket, query, nil)
            throw error
        }
    }

    /// The same where it is in memory, as pages that tell folders may be. Does not wait.
    public func knownList(_ bucket: BucketName, _ query: ListQuery) -> Page<ListedObject>? { folderPages.find(bucket, query) }

    /// All versions and delete markers: keys in order, the newest of a key first; without segments and parts of objects that came in parts.
    public func listVersions(_ bucket: BucketName, _ query: ListQuery) async throws -> Page<ObjectVersion> {
        try await database.read { try IndexLists.versions(bucket, query, on: $0) }
    }

    /// In order of keys, then of beginning. `afterID` with `after`: behind that upload of that key.
    public func listUploads(_ bucket: BucketName, _ query: ListQuery) async throws -> Page<Upload> {
        try await database.read { try IndexLists.uploads(bucket, query, on: $0) }
    }
}
