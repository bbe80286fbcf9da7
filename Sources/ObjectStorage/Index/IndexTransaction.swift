import Persistence

/// Changes to the index inside one transaction, and what follows from them once it is committed. Every change that can be refused is
/// refused before it has written anything, so that many can share a transaction.
final class IndexTransaction {
    let connection: any SQLConnection
    private let clock: SequenceClock
    private let journal: ObjectJournal?

    /// Buckets as the transaction has them; nil for one that is not there (any more).
    private var buckets: [BucketName: BucketRow?] = [:]
    private var countedBuckets: Set<BucketName> = []
    /// SHA-256 of blobs with a name that a row stopped naming. Whether another names them is to be asked when all is committed.
    private(set) var released: [String] = []
    /// Latest versions that changed; nil for those that went.
    private(set) var latest: [CachedKey: VersionRow?] = [:]
    /// Whether the journal was told of a change.
    private(set) var isTold = false

    init(_ connection: any SQLConnection, clock: SequenceClock, journal: ObjectJournal? = nil) {
        self.connection = connection
        self.clock = clock
        self.journal = journal
    }

    private func tell(
        _ kind: ObjectChange.Kind, _ origin: ObjectChange.Origin, _ row: VersionRow, isLatest: Bool = true, in name: BucketName
    ) throws {
        guard let journal, let bucket = try findBucket(name)?.bucket, journal.follows(bucket) else { return }
        let change = ObjectChange(
            kind: kind, origin: origin, version: try row.objectVersion(isLatest: isLatest), sequence: clock.next())
        do {
            try journal.write(change, bucket, connection)
        } catch {
            // The change is written already, so that nothing but the end of the transaction takes it back.
            throw error as? DatabaseError ?? .failed("\(error)")
        }
        isTold = true
    }

    // MARK: Buckets

    func bucket(_ name: BucketName) throws -> BucketRow {
        guard let row = try findBucket(name) else { throw ObjectStoreError.noSuchBucket }
        return row
    }

    func findBucket(_ name: BucketName) throws -> BucketRow? {
        if let known = buckets[name] { return known }
        let row = try BucketRow.find(name, on: connection)
        buckets[name] = .some(row)
        return row
    }

    func createBucket(_ bucket: Bucket) throws {
        if let row = try findBucket(bucket.name) { throw BucketExists(owner: row.bucket.owner) }
        let documents = try Self.json(bucket.documents)
        try connection.execute(
            "INSERT INTO buckets (name, owner, created, versioning, documents) VALUES ($1, $2, $3, $4, $5)",
            [
                SQLValue(bucket.name.description), SQLValue(bucket.owner), SQLValue(bucket.created), SQLValue(bucket.versioning.rawValue),
                SQLValue(documents),
            ])
        buckets[bucket.name] = .some(try BucketRow.find(bucket.name, on: connection))
    }

    func deleteBucket(_ name: BucketName) throws {
        _ = try bucket(name)
        for table in ["objects", "noncurrent", "uploads"] {
            guard try connection.query("SELECT 1 AS one FROM \(table) WHERE bucket = $1 LIMIT 1", [SQLValue(name.description)]).isEmpty
            else {
                throw BucketNotEmpty()
            }
        }
        try connection.execute("DELETE FROM buckets WHERE name = $1", [SQLValue(name.description)])
        buckets[name] = .some(nil)
    }

    func updateBucket(_ name: BucketName, _ change: (inout Bucket) throws -> Void) throws -> Bucket {
        var row = try bucket(name)
        try change(&row.bucket)
        let documents = try Self.json(row.bucket.documents)
        try connection.execute(
            "UPDATE buckets SET versioning = $2, documents = $3 WHERE name = $1",
            [SQLValue(name.description), SQLValue(row.bucket.versioning.rawValue), SQLValue(documents)])
        buckets[name] = .some(row)
        return row.bucket
    }

    private static func json(_ documents: [String: String]) throws -> String? {
        documents.isEmpty ? nil : try StoredAttributes.json(documents)
    }

    private func count(_ row: VersionRow, _ sign: Int, in bucket: BucketName) {
        guard !row.isMarker, case .some(.some(var counted)) = buckets[bucket] else { return }
        counted.versions += sign
        counted.bytes += sign * row.size
        buckets[bucket] = .some(counted)
        countedBuckets.insert(bucket)
    }

    /// Writes what was counted: once for all changes of the transaction.
    /// - Returns: the buckets as they are now.
    func finish() throws -> [BucketName: BucketRow?] {
        for name in countedBuckets {
            guard case .some(.some(let row)) = buckets[name] else { continue }
            try connection.execute(
                "UPDATE buckets SET versions = $2, bytes = $3 WHERE name = $1",
                [SQLValue(name.description), SQLValue(row.versions), SQLValue(row.bytes)])
        }
        return buckets
    }

    // MARK: Versions

    func find(_ key: ObjectKey, version: String?, in bucket: BucketName) throws -> (row: VersionRow, isLatest: Bool)? {
        try Self.find(key, version: version, in: bucket, on: connection)
    }

    static func find(
        _ key: ObjectKey, version: String?, in bucket: BucketName, on connection: any SQLConnection
    ) throws -> (row: VersionRow, isLatest: Bool)? {
        let latest = try row(
            "SELECT \(VersionRow.columns) FROM objects WHERE bucket = $1 AND key = $2", [SQLValue(bucket), SQLValue(key)], on: connection)
        guard let version else { return latest.map { ($0, true) } }
        let name = version == ObjectVersion.nullID ? nil : version
        if let latest, latest.version == name { return (latest, true) }
        let found: VersionRow?
        if let name {
            guard let rank = VersionName.rank(of: name) else { return nil }
            found = try row(
                "SELECT \(VersionRow.columns) FROM noncurrent WHERE bucket = $1 AND key = $2 AND rank = $3 AND version = $4",
                [SQLValue(bucket), SQLValue(key), SQLValue(rank), SQLValue(name)], on: connection)
        } else {
            found = try row(
                "SELECT \(VersionRow.columns) FROM noncurrent WHERE bucket = $1 AND key = $2 AND version IS NULL",
                [SQLValue(bucket), SQLValue(key)], on: connection)
        }
        return found.map { ($0, false) }
    }

    private static func row(_ sql: String, _ arguments: [SQLValue], on connection: any SQLConnection) throws -> VersionRow? {
        var found: VersionRow?
        try connection.forEach(sql, arguments) { row in
            found = try VersionRow(row)
            return false
        }
        return found
    }

    /// Makes a row the latest version of its key, by the bucket's rules: what was the latest stays behind it where versioning has been
    /// enabled, unless both are the `null` version.
    /// - Returns: the row with its version and rank.
    func put(
        _ new: VersionRow, in bucket: BucketName, from origin: ObjectChange.Origin, limit: UsageLimit?, guard: VersionedObjectStore.Guard?
    ) throws -> VersionRow {
        let room = try self.bucket(bucket)
        let versioning = room.bucket.versioning
        let before = try find(new.key, version: nil, in: bucket)?.row
        if let `guard` { try `guard`(try before?.objectVersion(isLatest: true)) }
        // With what others of this transaction have put there.
        if let limit { try limit.check(adding: new.size, to: (room.versions, room.bytes)) }
        return try put(new, over: before, in: bucket, versioning, origin)
    }

    private func put(
        _ new: VersionRow, over before: VersionRow?, in bucket: BucketName, _ versioning: Versioning, _ origin: ObjectChange.Origin
    ) throws -> VersionRow {
        var new = new
        new.rank = -max(clock.next(), 1 - (before?.rank ?? 0))
        new.version = versioning == .enabled ? VersionName.make(rank: new.rank) : nil
        if let before {
            if versioning == .enabled || before.version != nil {
                try moveToNoncurrent(new.key, in: bucket)
            } else {
                try release(before, in: bucket)
            }
        }
        if versioning == .suspended, before?.version != nil { try removeNull(new.key, in: bucket) }
        try connection.execute(Self.upsert, [SQLValue(bucket)] + new.values)
        count(new, 1, in: bucket)
        latest[CachedKey(bucket: bucket, key: new.key)] = .some(new)
        try tell(new.isMarker ? .marked : .created, origin, new, in: bucket)
        return new
    }

    private static let parameters = (2...18).map { "$\($0)" }.joined(separator: ", ")
    private static let assignments = VersionRow.columns.split(separator: ", ").dropFirst().map { "\($0) = excluded.\($0)" }
        .joined(separator: ", ")
    private static let upsert = """
        INSERT INTO objects (bucket, \(VersionRow.columns)) VALUES ($1, \(parameters)) ON CONFLICT (bucket, key) DO UPDATE SET \(assignments)
        """
    private static let move = """
        INSERT INTO noncurrent (bucket, \(VersionRow.columns)) SELECT bucket, \(VersionRow.columns) FROM objects WHERE bucket = $1 AND key = $2
        """
    private static let promote = """
        INSERT INTO objects (bucket, \(VersionRow.columns)) SELECT bucket, \(VersionRow.columns) FROM noncurrent \
        WHERE bucket = $1 AND key = $2 AND rank = $3
        """

    private func moveToNoncurrent(_ key: ObjectKey, in bucket: BucketName) throws {
        try connection.execute(Self.move, [SQLValue(bucket), SQLValue(key)])
    }

    /// Removes a noncurrent `null` version, which another is about to replace.
    private func removeNull(_ key: ObjectKey, in bucket: BucketName) throws {
        guard let (row, isLatest) = try find(key, version: ObjectVersion.nullID, in: bucket), !isLatest else { return }
        try removeNoncurrent(row, in: bucket)
    }

    private func removeNoncurrent(_ row: VersionRow, in bucket: BucketName) throws {
        try connection.execute(
            "DELETE FROM noncurrent WHERE bucket = $1 AND key = $2 AND rank = $3",
            [SQLValue(bucket), SQLValue(row.key), SQLValue(row.rank)])
        try release(row, in: bucket)
    }

    /// Notes what goes with a row.
    private func release(_ row: VersionRow, in bucket: BucketName) throws {
        count(row, -1, in: bucket)
        if let sha256 = row.sha256, row.place == nil { released.append(sha256) }
        if let upload = row.upload { try removeParts(of: upload) }
    }

    func delete(_ deletion: VersionedObjectStore.Deletion, in bucket: BucketName) throws -> VersionedObjectStore.DeletionOutcome {
        let versioning = try self.bucket(bucket).bucket.versioning
        let key = deletion.key
        let found = try find(key, version: deletion.versionID, in: bucket)
        if let `guard` = deletion.guard {
            do {
                try `guard`(try found?.row.objectVersion(isLatest: found?.isLatest ?? false))
            } catch {
                return .refused(error)
            }
        }
        if deletion.versionID == nil, versioning != .off {
            var marker = VersionRow(
                key: key, modified: clock.next() / 1000, etag: "", size: 0, owner: deletion.owner, contentType: "", stored: 0)
            marker.isMarker = true
            marker = try put(marker, over: found?.row, in: bucket, versioning, deletion.origin)
            return .marked(try marker.objectVersion(isLatest: true))
        }
        guard let (row, isLatest) = found else { return .nothing }
        let parts = try self.parts(of: row)
        if isLatest {
            try connection.execute("DELETE FROM objects WHERE bucket = $1 AND key = $2", [SQLValue(bucket), SQLValue(key)])
            try release(row, in: bucket)
            latest[CachedKey(bucket: bucket, key: key)] = .some(versioning == .off ? nil : try promoteNewest(key, in: bucket))
        } else {
            try removeNoncurrent(row, in: bucket)
        }
        try tell(.removed, deletion.origin, row, isLatest: isLatest, in: bucket)
        return .deleted(try row.objectVersion(isLatest: isLatest, parts: parts))
    }

    private func promoteNewest(_ key: ObjectKey, in bucket: BucketName) throws -> VersionRow? {
        let newest = try Self.row(
            "SELECT \(VersionRow.columns) FROM noncurrent WHERE bucket = $1 AND key = $2 ORDER BY rank LIMIT 1",
            [SQLValue(bucket), SQLValue(key)], on: connection)
        guard let newest else { return nil }
        let arguments = [SQLValue(bucket), SQLValue(key), SQLValue(newest.rank)]
        try connection.execute(Self.promote, arguments)
        try connection.execute("DELETE FROM noncurrent WHERE bucket = $1 AND key = $2 AND rank = $3", arguments)
        return newest
    }

    func update(
        _ key: ObjectKey, version: String?, in bucket: BucketName, from origin: ObjectChange.Origin,
        _ change: (inout ObjectVersion) throws -> Void
    ) throws -> ObjectVersion? {
        _ = try self.bucket(bucket)
        guard let (before, isLatest) = try find(key, version: version, in: bucket) else { return nil }
        let parts = try self.parts(of: before)
        var changed = try before.objectVersion(isLatest: isLatest, parts: parts)
        try change(&changed)
        var row = before
        row.etag = changed.etag
        row.contentType = changed.contentType
        try StoredAttributes.write(changed.attributes, to: &row)
        try connection.execute(
            """
            UPDATE \(isLatest ? "objects" : "noncurrent") SET etag = $4, content_type = $5, owner = $6, storage_class = $7, checksum = $8, \
            size = $9, attributes = $10 WHERE bucket = $1 AND key = $2 AND rank = $3
            """,
            [
                SQLValue(bucket), SQLValue(key), SQLValue(row.rank), SQLValue(row.etag), SQLValue(row.contentType), SQLValue(row.owner),
                SQLValue(row.storageClass), SQLValue(row.checksum), SQLValue(row.size), SQLValue(row.attributes),
            ])
        count(before, -1, in: bucket)
        count(row, 1, in: bucket)
        if isLatest { latest[CachedKey(bucket: bucket, key: key)] = .some(row) }
        try tell(.updated, origin, row, isLatest: isLatest, in: bucket)
        return try row.objectVersion(isLatest: isLatest, parts: parts)
    }

    // MARK: Parts

    func parts(of row: VersionRow) throws -> [PartRow] {
        guard let upload = row.upload else { return [] }
        return try Self.parts(of: upload, after: 0, limit: .max, on: connection)
    }

    static func parts(of upload: String, after number: Int, limit: Int, on connection: any SQLConnection) throws -> [PartRow] {
        var parts: [PartRow] = []
        try connection.forEach(
            "SELECT \(PartRow.columns) FROM parts WHERE upload = $1 AND number > $2 ORDER BY number LIMIT $3",
            [SQLValue(upload), SQLValue(number), SQLValue(limit)]
        ) { row in
            parts.append(try PartRow(row))
            return true
        }
        return parts
    }

    private static let partParameters = (2...10).map { "$\($0)" }.joined(separator: ", ")
    private static let partAssignments = PartRow.columns.split(separator: ", ").dropFirst().map { "\($0) = excluded.\($0)" }
        .joined(separator: ", ")
    private static let upsertPart = """
        INSERT INTO parts (upload, \(PartRow.columns)) VALUES ($1, \(partParameters)) \
        ON CONFLICT (upload, number) DO UPDATE SET \(partAssignments)
        """

    /// Writes a part, letting go of one of that number.
    func putPart(_ part: PartRow, of upload: String) throws {
        try connection.forEach(
            "SELECT sha256 FROM parts WHERE upload = $1 AND number = $2 AND sha256 IS NOT NULL AND pack IS NULL",
            [SQLValue(upload), SQLValue(part.part.number)]
        ) { row in
            released.append(try row.text(0))
            return false
        }
        try addPart(part, to: upload)
    }

    /// Writes a part of a number that is not there.
    func addPart(_ part: PartRow, to upload: String) throws {
        try connection.execute(Self.upsertPart, [SQLValue(upload)] + part.values)
    }

    func removeParts(of upload: String) throws {
        try connection.forEach(
            "SELECT sha256 FROM parts WHERE upload = $1 AND sha256 IS NOT NULL AND pack IS NULL", [SQLValue(upload)]
        ) { row in
            released.append(try row.text(0))
            return true
        }
        try connection.execute("DELETE FROM parts WHERE upload = $1", [SQLValue(upload)])
    }

    func removePart(_ part: PartRow, of upload: String) throws {
        try connection.execute("DELETE FROM parts WHERE upload = $1 AND number = $2", [SQLValue(upload), SQLValue(part.part.number)])
        if let sha256 = part.sha256, part.place == nil { released.append(sha256) }
    }

    // MARK: Blobs

    /// Notes that rows stopped naming a blob, or never came to.
    func release(_ sha256: String) { released.append(sha256) }

    /// Notes that a version has to be read again.
    func invalidate(_ key: ObjectKey, in bucket: BucketName) { latest[CachedKey(bucket: bucket, key: key)] = .some(nil) }

    /// Whether any row names this blob.
    static func names(_ sha256: String, on connection: any SQLConnection) throws -> Bool {
        var isNamed = false
        for table in ["objects", "noncurrent", "parts"] where !isNamed {
            try connection.forEach("SELECT 1 FROM \(table) WHERE sha256 = $1 AND pack IS NULL LIMIT 1", [SQLValue(sha256)]) { _ in
                isNamed = true
                return false
            }
        }
        return isNamed
    }
}

/// An object's key in its bucket.
struct CachedKey: Sendable, Hashable {
    let bucket: BucketName
    let key: ObjectKey
}

extension SQLValue {
    init(_ bucket: BucketName) { self.init(bucket.description) }
    init(_ key: ObjectKey) { self.init(key.description) }
}
