import Persistence

/// The tables of media buckets, in the media service's database. Times are milliseconds since 1970, UTC.
enum BucketMigrations {
    static let all = [
        Migration(
            "0001-buckets",
            """
            -- What each key of a media bucket was when it was looked at last, and the item that it became.
            CREATE TABLE bucket_objects (
                bucket TEXT NOT NULL,
                key TEXT NOT NULL,
                version TEXT NOT NULL,
                -- NULL where it is no media. No reference: a key whose item was deleted is not taken in again.
                media_id TEXT,
                PRIMARY KEY (bucket, key)
            );

            -- A row a key that has changed since; it goes when the key has been looked at.
            CREATE TABLE bucket_jobs (
                bucket TEXT NOT NULL,
                key TEXT NOT NULL,
                -- Counts the changes, so that one that comes during the work is not taken for done.
                wish BIGINT NOT NULL,
                visibility TEXT,
                owner TEXT,
                attempts BIGINT NOT NULL,
                run_after BIGINT NOT NULL,
                lease_owner TEXT,
                lease_until BIGINT NOT NULL,
                PRIMARY KEY (bucket, key)
            );
            CREATE INDEX bucket_jobs_due ON bucket_jobs (run_after);
            """)
    ]
}
