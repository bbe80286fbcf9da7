import Persistence

/// The index of a local store: which key stands for which bytes.
struct ObjectIndex: Sendable {
    let database: any Database

    static let migrations = [
        Migration("0001-objects") { dialect in
            // Keys are listed in the order of their UTF-8 bytes, which is SQLite's own order and PostgreSQL's "C".
            let key = dialect == .postgresql ? "TEXT COLLATE \"C\"" : "TEXT"
            return """
                CREATE TABLE buckets (name TEXT PRIMARY KEY);
                CREATE TABLE objects (
                    bucket TEXT NOT NULL REFERENCES buckets (name),
                    key \(key) NOT NULL,
                    size BIGINT NOT NULL,
                    sha256 TEXT NOT NULL,
                    content_type TEXT NOT NULL,
                    modified BIGINT NOT NULL,
                    PRIMARY KEY (bucket, key)
                );
                CREATE INDEX objects_blob ON objects (sha256, size);
                """
        }
    ]

    private static let columns = "key, size, sha256, content_type, modified"

    private static func info(_ row: SQLRow) throws -> ObjectInfo {
        guard let key = ObjectKey(try row.text("key")) else { throw DatabaseError.decoding("key is no object key") }
        return ObjectInfo(
            key: key, size: try row.int("size"), sha256: try row.text("sha256"), contentType: try row.text("content_type"),
            modified: Int64(try row.int("modified")))
    }

    func createBucket(_ bucket: BucketName) async throws {
        _ = try await database.write { connection in
            try connection.execute("INSERT INTO buckets (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", [SQLValue(bucket.description)])
        }
    }

    func find(_ key: ObjectKey, in bucket: BucketName) async throws -> ObjectInfo? {
        try await database.read { try Self.find(key, in: bucket, on: $0) }
    }

    private static func find(_ key: ObjectKey, in bucket: BucketName, on connection: any SQLConnection) throws -> ObjectInfo? {
        try connection.query(
            "SELECT \(columns) FROM objects WHERE bucket = $1 AND key = $2", [SQLValue(bucket.description), SQLValue(key.description)]
        ).first.map(info)
    }

    /// Stores the row; the SHA-256 of what it replaced.
    func put(_ info: ObjectInfo, in bucket: BucketName) async throws -> String? {
        try await database.write { try Self.put(info, in: bucket, on: $0) }
    }

    private static func put(_ info: ObjectInfo, in bucket: BucketName, on connection: any SQLConnection) throws -> String? {
        guard try !connection.query("SELECT 1 AS one FROM buckets WHERE name = $1", [SQLValue(bucket.description)]).isEmpty else {
            throw ObjectStoreError.noSuchBucket
        }
        let replaced = try find(info.key, in: bucket, on: connection)?.sha256
        try connection.execute(
            """
            INSERT INTO objects (bucket, \(columns)) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (bucket, key) DO UPDATE
            SET size = excluded.size, sha256 = excluded.sha256, content_type = excluded.content_type, modified = excluded.modified
            """,
            [
                SQLValue(bucket.description), SQLValue(info.key.description), SQLValue(info.size), SQLValue(info.sha256),
                SQLValue(info.contentType), SQLValue(info.modified),
            ])
        return replaced
    }

    func copy(
        _ source: ObjectKey, to target: ObjectKey, in bucket: BucketName, modified: Int64
    ) async throws -> (info: ObjectInfo, replaced: String?)? {
        try await database.write { connection in
            guard let original = try Self.find(source, in: bucket, on: connection) else { return nil }
            let info = ObjectInfo(
                key: target, size: original.size, sha256: original.sha256, contentType: original.contentType, modified: modified)
            return (info, try Self.put(info, in: bucket, on: connection))
        }
    }

    /// Deletes the rows that there are; the SHA-256 of each.
    func delete(_ keys: [ObjectKey], in bucket: BucketName) async throws -> [String] {
        try await database.write { connection in
            try keys.flatMap { key in
                try connection.query(
                    "DELETE FROM objects WHERE bucket = $1 AND key = $2 RETURNING sha256",
                    [SQLValue(bucket.description), SQLValue(key.description)]
                ).map { try $0.text("sha256") }
            }
        }
    }

    func list(_ bucket: BucketName, prefix: String, after: String?, limit: Int) async throws -> [ObjectInfo] {
        // All keys of a prefix stand together, from the prefix itself on.
        let isBehind = after.map { !$0.utf8.lexicographicallyPrecedes(prefix.utf8) } ?? false
        let rows = try await database.read { connection in
            try connection.query(
                """
                SELECT \(Self.columns) FROM objects WHERE bucket = $1 AND key \(isBehind ? ">" : ">=") $2 ORDER BY key LIMIT \(max(0, limit))
                """, [SQLValue(bucket.description), SQLValue(isBehind ? after! : prefix)])
        }
        // By bytes: Swift's own hasPrefix would take two spellings of a letter for the same.
        return try rows.map(Self.info).prefix { $0.key.description.utf8.starts(with: prefix.utf8) }.map { $0 }
    }

    /// Whether any object stands for this blob.
    func names(_ sha256: String) async throws -> Bool {
        try await database.read { try !$0.query("SELECT 1 AS one FROM objects WHERE sha256 = $1 LIMIT 1", [SQLValue(sha256)]).isEmpty }
    }

    /// The blobs whose SHA-256 begins with these two digits.
    func blobs(prefix: String) async throws -> [String] {
        try await database.read { connection in
            try connection.query(
                "SELECT DISTINCT sha256 FROM objects WHERE sha256 >= $1 AND sha256 < $2", [SQLValue(prefix), SQLValue(prefix + "g")]
            ).map { try $0.text("sha256") }
        }
    }

    func usage() async throws -> (objects: Int, bytes: Int, storedBytes: Int) {
        try await database.read { connection in
            let all = try connection.query("SELECT COUNT(*) AS objects, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM objects").first
            let stored = try connection.query(
                "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM (SELECT DISTINCT sha256, size FROM objects) AS blobs"
            ).first
            return (try all?.int("objects") ?? 0, try all?.int("bytes") ?? 0, try stored?.int("bytes") ?? 0)
        }
    }
}
