import Persistence

/// Pages of the index, each read in one transaction by seeks.
enum IndexLists {
    typealias Query = VersionedObjectStore.ListQuery
    typealias Page = VersionedObjectStore.Page

    /// Rows of one reading on PostgreSQL, which sends all of a reading before the first can be looked at. SQLite reads as far as it is
    /// asked to.
    private static let chunk = 1001

    static func objects(
        _ bucket: BucketName, _ query: Query, on connection: any SQLConnection
    ) throws -> Page<VersionedObjectStore.ListedObject> {
        var page = Page<VersionedObjectStore.ListedObject>()
        var walk = KeyWalk(query)
        page.items.reserveCapacity(min(query.limit, chunk))
        // Of most objects of a bucket these are the same.
        var (lastOwner, lastChecksum) = ("", Checksum())
        while let start = walk.start {
            var read = 0
            var lastKey: String?
            var wasStopped = false
            let limit = walk.readingLimit(query, chunk)
            try connection.forEach(
                """
                SELECT key, modified, etag, size, owner, storage_class, checksum FROM objects \
                WHERE bucket = $1 AND key \(start.isIncluded ? ">=" : ">") $2 \(walk.end == nil ? "" : "AND key < $4") AND marker = 0 \
                ORDER BY key LIMIT $3
                """,
                [SQLValue(bucket), SQLValue(start.key), SQLValue(limit)] + (walk.end.map { [SQLValue($0)] } ?? [])
            ) { row in
                let key = try row.text(0)
                read += 1
                lastKey = key
                switch walk.step(key) {
                case .passOver: return true
                case .stop:
                    wasStopped = true
                    return false
                case .take: break
                }
                let owner = try row.text(4)
                if owner != lastOwner { lastOwner = owner }
                if let text = try row.optionalText(6) {
                    if !lastChecksum.isPrefix(of: text) { lastChecksum = try Checksum(text) }
                } else if lastChecksum.algorithm != nil {
                    lastChecksum = Checksum()
                }
                page.items.append(
                    .init(
                        key: key, modified: Int64(try row.int(1)), etag: try row.text(2), size: try row.int(3), owner: lastOwner,
                        storageClass: try row.optionalText(5), checksumAlgorithm: lastChecksum.algorithm,
                        isComposite: lastChecksum.isComposite))
                return true
            }
            if !wasStopped { walk.endReading(at: read < limit ? nil : lastKey.map { .init(key: $0, isIncluded: false) }) }
        }
        page.commonPrefixes = walk.commonPrefixes
        page.next = walk.isTruncated ? walk.last : nil
        return page
    }

    private struct Checksum {
        var text = ""
        var algorithm: String?
        var isComposite = false

        init() {}

        init(_ stored: String) throws {
            let (algorithm, isComposite, _) = try StoredChecksum.split(stored)
            self.algorithm = algorithm
            self.isComposite = isComposite
            text = algorithm + (isComposite ? "+ " : " ")
        }

        func isPrefix(of stored: String) -> Bool { !text.isEmpty && stored.utf8.starts(with: text.utf8) }
    }

    static func versions(_ bucket: BucketName, _ query: Query, on connection: any SQLConnection) throws -> Page<ObjectVersion> {
        var page = Page<ObjectVersion>()
        var walk = KeyWalk(query)
        while let start = walk.start {
            var read = 0
            var last: KeyWalk.Start?
            var wasStopped = false
            let limit = walk.readingLimit(query, chunk)
            var arguments = [SQLValue(bucket), SQLValue(start.key), SQLValue(limit)]
            var condition = "bucket = $1 AND key \(start.isIncluded ? ">=" : ">") $2"
            if let id = start.id, let rank = try rank(of: id, key: start.key, in: bucket, on: connection) {
                arguments.append(SQLValue(rank))
                condition = "bucket = $1 AND key >= $2 AND (key > $2 OR rank > $4)"
            }
            if let end = walk.end {
                arguments.append(SQLValue(end))
                condition += " AND key < $\(arguments.count)"
            }
            try connection.forEach(
                """
                SELECT \(VersionRow.columns), 1 AS is_latest FROM objects WHERE \(condition) UNION ALL \
                SELECT \(VersionRow.columns), 0 AS is_latest FROM noncurrent WHERE \(condition) ORDER BY key, rank LIMIT $3
                """, arguments
            ) { row in
                let key = try row.text(0)
                let version = try row.optionalText(8) ?? ObjectVersion.nullID
                read += 1
                last = KeyWalk.Start(key: key, isIncluded: false, id: version)
                switch walk.step(key) {
                case .passOver: return true
                case .stop:
                    wasStopped = true
                    return false
                case .take: break
                }
                page.items.append(try VersionRow(row).objectVersion(isLatest: try row.int(17) != 0))
                return true
            }
            if !wasStopped { walk.endReading(at: read < limit ? nil : last) }
        }
        page.commonPrefixes = walk.commonPrefixes
        if walk.isTruncated {
            page.next = walk.last
            page.nextID = page.items.last.flatMap { $0.key.description.utf8.elementsEqual((walk.last ?? "").utf8) ? $0.versionID : nil }
        }
        return page
    }

    /// Nil where the name tells no place among the versions of the key: then all of them count as told.
    private static func rank(of id: String, key: String, in bucket: BucketName, on connection: any SQLConnection) throws -> Int? {
        guard id == ObjectVersion.nullID else { return VersionName.rank(of: id) }
        guard let key = ObjectKey(key) else { return nil }
        return try IndexTransaction.find(key, version: id, in: bucket, on: connection)?.row.rank
    }

    static func uploads(
        _ bucket: BucketName, _ query: Query, on connection: any SQLConnection
    ) throws -> Page<VersionedObjectStore.Upload> {
        var page = Page<VersionedObjectStore.Upload>()
        var walk = KeyWalk(query)
        while let start = walk.start {
            var read = 0
            var last: KeyWalk.Start?
            var wasStopped = false
            let limit = walk.readingLimit(query, chunk)
            var arguments = [SQLValue(bucket), SQLValue(start.key), SQLValue(limit)]
            var condition = "bucket = $1 AND key \(start.isIncluded ? ">=" : ">") $2"
            if let id = start.id {
                arguments.append(SQLValue(id))
                condition = "bucket = $1 AND key >= $2 AND (key > $2 OR id > $4)"
            }
            if let end = walk.end {
                arguments.append(SQLValue(end))
                condition += " AND key < $\(arguments.count)"
            }
            try connection.forEach(
                "SELECT \(UploadRow.columns) FROM uploads WHERE \(condition) ORDER BY key, id LIMIT $3", arguments
            ) { row in
                let key = try row.text(0)
                read += 1
                last = KeyWalk.Start(key: key, isIncluded: false, id: try row.text(1))
                switch walk.step(key) {
                case .passOver: return true
                case .stop:
                    wasStopped = true
                    return false
                case .take: break
                }
                page.items.append(try UploadRow.upload(row, in: bucket))
                return true
            }
            if !wasStopped { walk.endReading(at: read < limit ? nil : last) }
        }
        page.commonPrefixes = walk.commonPrefixes
        if walk.isTruncated {
            page.next = walk.last
            page.nextID = page.items.last.flatMap { $0.key.description.utf8.elementsEqual((walk.last ?? "").utf8) ? $0.id : nil }
        }
        return page
    }
}

extension KeyWalk {
    /// Rows of the next reading: what is left of the page and one, to know whether there is more; with a delimiter also what is passed over.
    func readingLimit(_ query: VersionedObjectStore.ListQuery, _ chunk: Int) -> Int {
        let left = max(0, query.limit) - count
        return query.delimiter?.isEmpty ?? true ? min(left, chunk - 1) + 1 : chunk
    }
}
