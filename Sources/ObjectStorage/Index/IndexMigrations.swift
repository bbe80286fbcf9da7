import Persistence

/// The schema of the index.
enum IndexMigrations {
    static let all = [objects, versions]

    private static let objects = Migration("0001-objects") { dialect in
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

    /// Objects become the latest versions of their keys. What lists tell stands in front of each row, in columns of its own.
    private static let versions = Migration("0002-versions") { dialect in
        let key = dialect == .postgresql ? "TEXT COLLATE \"C\"" : "TEXT"
        // One tree instead of a table and the index of its key.
        let clustered = dialect == .postgresql ? "" : " WITHOUT ROWID"
        // size: as the client sent it; stored: as it lies on disk. rank: the sequence, negative, so that the newest comes first.
        let columns = """
                bucket TEXT NOT NULL,
                key \(key) NOT NULL,
                modified BIGINT NOT NULL,
                etag TEXT NOT NULL,
                size BIGINT NOT NULL,
                owner TEXT NOT NULL,
                storage_class TEXT,
                checksum TEXT,
                marker BIGINT NOT NULL,
                version TEXT,
                rank BIGINT NOT NULL,
                content_type TEXT NOT NULL,
                stored BIGINT NOT NULL,
                sha256 TEXT,
                pack BIGINT,
                pack_offset BIGINT,
                upload TEXT,
                attributes TEXT
            """
        return """
            ALTER TABLE buckets ADD COLUMN owner TEXT NOT NULL DEFAULT '';
            ALTER TABLE buckets ADD COLUMN created BIGINT NOT NULL DEFAULT 0;
            ALTER TABLE buckets ADD COLUMN versioning TEXT NOT NULL DEFAULT 'off';
            ALTER TABLE buckets ADD COLUMN documents TEXT;
            ALTER TABLE buckets ADD COLUMN versions BIGINT NOT NULL DEFAULT 0;
            ALTER TABLE buckets ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
            CREATE TABLE latest (\(columns), PRIMARY KEY (bucket, key))\(clustered);
            INSERT INTO latest (bucket, key, modified, etag, size, owner, marker, rank, content_type, stored, sha256)
                SELECT bucket, key, modified, substr(sha256, 1, 32), size, '', 0, -1000 * modified, content_type, size, sha256 FROM objects;
            DROP TABLE objects;
            ALTER TABLE latest RENAME TO objects;
            CREATE INDEX objects_blob ON objects (sha256) WHERE sha256 IS NOT NULL AND pack IS NULL;
            CREATE TABLE noncurrent (\(columns), PRIMARY KEY (bucket, key, rank))\(clustered);
            CREATE INDEX noncurrent_blob ON noncurrent (sha256) WHERE sha256 IS NOT NULL AND pack IS NULL;
            CREATE UNIQUE INDEX noncurrent_null ON noncurrent (bucket, key) WHERE version IS NULL;
            CREATE TABLE uploads (
                bucket TEXT NOT NULL,
                key \(key) NOT NULL,
                id TEXT NOT NULL,
                created BIGINT NOT NULL,
                content_type TEXT NOT NULL,
                attributes TEXT NOT NULL,
                PRIMARY KEY (bucket, key, id)
            )\(clustered);
            CREATE TABLE parts (
                upload TEXT NOT NULL,
                number BIGINT NOT NULL,
                size BIGINT NOT NULL,
                etag TEXT NOT NULL,
                checksum TEXT,
                modified BIGINT NOT NULL,
                stored BIGINT NOT NULL,
                sha256 TEXT,
                pack BIGINT,
                pack_offset BIGINT,
                PRIMARY KEY (upload, number)
            )\(clustered);
            CREATE INDEX parts_blob ON parts (sha256) WHERE sha256 IS NOT NULL AND pack IS NULL;
            UPDATE buckets SET
                versions = (SELECT COUNT(*) FROM objects WHERE bucket = buckets.name),
                bytes = (SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM objects WHERE bucket = buckets.name);
            """
    }
}
