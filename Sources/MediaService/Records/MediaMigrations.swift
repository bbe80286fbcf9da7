import Events
import Persistence

/// The media service's schema. Times are milliseconds since 1970, UTC.
enum MediaMigrations {
    static let all: [Migration] =
        [
            Migration(
                "0001-media",
                """
                CREATE TABLE media (
                    id TEXT PRIMARY KEY,
                    kind TEXT NOT NULL,
                    status TEXT NOT NULL,
                    failure_code TEXT,
                    failure_message TEXT,
                    title TEXT NOT NULL,
                    alt TEXT NOT NULL,
                    visibility TEXT NOT NULL,
                    purpose TEXT NOT NULL,
                    filename TEXT NOT NULL,
                    format TEXT NOT NULL,
                    size BIGINT NOT NULL,
                    width BIGINT NOT NULL,
                    height BIGINT NOT NULL,
                    has_alpha BIGINT NOT NULL,
                    sha256 TEXT NOT NULL,
                    placeholder TEXT,
                    color TEXT,
                    owner TEXT NOT NULL,
                    created BIGINT NOT NULL,
                    updated BIGINT NOT NULL
                );
                CREATE INDEX media_created ON media (created, id);
                CREATE INDEX media_owner ON media (owner, created, id);
                CREATE INDEX media_status ON media (status, created, id);

                CREATE TABLE renditions (
                    media_id TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE,
                    preset TEXT NOT NULL,
                    format TEXT NOT NULL,
                    width BIGINT NOT NULL,
                    height BIGINT NOT NULL,
                    size BIGINT NOT NULL,
                    PRIMARY KEY (media_id, preset, format)
                );

                -- A row a media item that still has to be rendered; it goes with success, with final failure and with the item.
                CREATE TABLE render_jobs (
                    media_id TEXT PRIMARY KEY REFERENCES media (id) ON DELETE CASCADE,
                    -- Counted when a worker takes the job, so that a file that brings the process down is given up in the end.
                    attempts BIGINT NOT NULL,
                    run_after BIGINT NOT NULL,
                    lease_owner TEXT,
                    lease_until BIGINT NOT NULL
                );
                CREATE INDEX render_jobs_due ON render_jobs (run_after);

                -- Items that are gone and whose objects still have to go; written with the deletion, in one transaction.
                CREATE TABLE object_removals (
                    media_id TEXT PRIMARY KEY,
                    requested BIGINT NOT NULL
                );
                """)
        ] + [Outbox.migration] + [
            Migration(
                "0002-video",
                """
                ALTER TABLE media ADD COLUMN duration_ms BIGINT;
                ALTER TABLE media ADD COLUMN frames_per_1000_seconds BIGINT;
                ALTER TABLE media ADD COLUMN bit_rate BIGINT;
                ALTER TABLE media ADD COLUMN video_codec TEXT;
                ALTER TABLE media ADD COLUMN audio_codec TEXT;
                """),
            Migration(
                "0004-animation",
                """
                ALTER TABLE media ADD COLUMN animation_frames BIGINT;
                ALTER TABLE media ADD COLUMN animation_ms BIGINT;
                """),
        ]
}
