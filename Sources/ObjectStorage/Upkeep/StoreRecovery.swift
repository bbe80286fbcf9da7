import Persistence

extension VersionedObjectStore {
    /// What a crash left behind and `recover` found.
    public struct Recovery: Sendable, Equatable {
        /// Unfinished uploads that were removed.
        public var temporaryFiles = 0
        /// Blobs that no object named; removed.
        public var orphans = 0
        /// SHA-256 of blobs that the index names and the store does not have.
        public var missing: [String] = []

        public init() {}
    }

    /// `00` to `ff`.
    static let blobPrefixes = (0..<256).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }

    /// Tidies up after a crash: to be called at start, before anything is stored. After a clean `close` only temporary
    /// files are looked for.
    @discardableResult
    public func recover() async throws -> Recovery {
        var recovery = Recovery()
        recovery.temporaryFiles = try await blobs.sweepTemporary()
        if try await blobs.takeCleanMark() { return recovery }
        for prefix in Self.blobPrefixes {
            let onDisk = Set(try await blobs.names(prefix: prefix))
            let named = Set(try await namedBlobs(prefix: prefix).keys)
            for orphan in onDisk.subtracting(named) {
                try await blobs.remove(orphan)
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
        guard await named.isInOrder else { return }
        try await blobs.leaveCleanMark()
    }

    /// The blobs with names of their own that rows name, beginning with these two digits: SHA-256 and bytes.
    func namedBlobs(prefix: String) async throws -> [String: Int] {
        try await database.read { connection in
            var named: [String: Int] = [:]
            for table in ["objects", "noncurrent", "parts"] {
                try connection.forEach(
                    "SELECT sha256, stored FROM \(table) WHERE sha256 >= $1 AND sha256 < $2 AND pack IS NULL",
                    [SQLValue(prefix), SQLValue(prefix + "g")]
                ) { row in
                    named[try row.text(0)] = try row.int(1)
                    return true
                }
            }
            return named
        }
    }

    /// Latest versions that are no delete markers, as they are stored.
    func listInfo(_ bucket: BucketName, _ query: ListQuery) async throws -> [ObjectInfo] {
        let walk = KeyWalk(query)
        guard let start = walk.start else { return [] }
        return try await database.read { connection in
            var infos: [ObjectInfo] = []
            try connection.forEach(
                """
                SELECT \(VersionRow.columns) FROM objects WHERE bucket = $1 AND key \(start.isIncluded ? ">=" : ">") $2 \
                \(walk.end == nil ? "" : "AND key < $4") AND marker = 0 ORDER BY key LIMIT $3
                """,
                [SQLValue(bucket), SQLValue(start.key), SQLValue(max(0, query.limit))] + (walk.end.map { [SQLValue($0)] } ?? [])
            ) { row in
                let row = try VersionRow(row)
                let parts = try row.upload.map { try IndexTransaction.parts(of: $0, after: 0, limit: .max, on: connection) }
                infos.append(LocalObjectStore.info(try row.objectVersion(isLatest: true, parts: parts ?? [])))
                return true
            }
            return infos
        }
    }

    /// Of all buckets: versions that are no delete markers, the bytes they stand for, and the bytes that blobs of those take.
    func totalUsage() async throws -> (objects: Int, bytes: Int, storedBytes: Int) {
        let (objects, bytes) = try await database.read { connection in
            let row = try connection.query(
                """
                SELECT CAST(COALESCE(SUM(versions), 0) AS BIGINT) AS versions, CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes FROM buckets
                """
            ).first
            return (try row?.int("versions") ?? 0, try row?.int("bytes") ?? 0)
        }
        return (objects, bytes, try await storedBytes())
    }

    /// Bytes that the blobs of all versions and of all unfinished uploads take. A look through the whole index.
    public func storedBytes() async throws -> Int {
        try await database.read { connection in
            let named = ["objects", "noncurrent", "parts"].map {
                "SELECT sha256, stored FROM \($0) WHERE sha256 IS NOT NULL AND pack IS NULL"
            }
            let packed = ["objects", "noncurrent", "parts"].map {
                " UNION ALL SELECT CAST(COALESCE(SUM(stored), 0) AS BIGINT) FROM \($0) WHERE pack IS NOT NULL"
            }
            var sum = 0
            try connection.forEach(
                "SELECT CAST(COALESCE(SUM(stored), 0) AS BIGINT) FROM (\(named.joined(separator: " UNION "))) AS named\(packed.joined())",
                []
            ) { row in
                sum += try row.int(0)
                return true
            }
            return sum
        }
    }
}
