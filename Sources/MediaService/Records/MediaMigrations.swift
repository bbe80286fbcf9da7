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
                "0003-rendition-use",
                """
                -- When it was asked for last, and whether its object is in the store: one that went to make room can be made again.
                ALTER TABLE renditions ADD COLUMN used BIGINT NOT NULL DEFAULT 0;
                ALTER TABLE renditions ADD COLUMN kept BIGINT NOT NULL DEFAULT 1;
                CREATE INDEX renditions_use ON renditions (used, size) WHERE kept = 1;
                """),
            Migration(
                "0004-uploads",
                """
                -- Resumable uploads (tus); their bytes are files that are named by the id.
                CREATE TABLE tus_uploads (
                    id TEXT PRIMARY KEY,
                    owner TEXT NOT NULL,
                    -- NULL as long as the client has not said it.
                    length BIGINT,
                    -- Bytes that are durable; never less than what was acknowledged.
                    received BIGINT NOT NULL,
                    -- Empty, 'partial', or 'final' with the ids of its pieces.
                    part TEXT NOT NULL,
                    metadata TEXT NOT NULL,
                    -- The item that it became. No reference: the answer stays true when the item is deleted.
                    media_id TEXT,
                    expires BIGINT NOT NULL
                );
                CREATE INDEX tus_uploads_expires ON tus_uploads (expires);
                CREATE INDEX tus_uploads_owner ON tus_uploads (owner, expires);

                -- Addresses that take one upload each, without credentials.
                CREATE TABLE presigned_uploads (
                    id TEXT PRIMARY KEY,
                    owner TEXT NOT NULL,
                    -- Bytes of the file at the most.
                    size BIGINT NOT NULL,
                    -- What the file has to be; empty where it may be anything that is taken here.
                    content_type TEXT NOT NULL,
                    filename TEXT NOT NULL,
                    title TEXT NOT NULL,
                    alt TEXT NOT NULL,
                    visibility TEXT NOT NULL,
                    purpose TEXT NOT NULL,
                    -- The item that it became; set once, in the transaction that makes the item.
                    media_id TEXT,
                    expires BIGINT NOT NULL
                );
                CREATE INDEX presigned_uploads_expires ON presigned_uploads (expires);
                """),
            Migration(
                "0005-web-video",
                """
                ALTER TABLE media ADD COLUMN playback_status TEXT;
                ALTER TABLE media ADD COLUMN playback_per_mille BIGINT;
                ALTER TABLE media ADD COLUMN playback_code TEXT;
                ALTER TABLE media ADD COLUMN playback_message TEXT;
                ALTER TABLE media ADD COLUMN playback_width BIGINT;
                ALTER TABLE media ADD COLUMN playback_height BIGINT;
                ALTER TABLE media ADD COLUMN playback_size BIGINT;
                ALTER TABLE media ADD COLUMN playback_has_segments BIGINT;

                -- A row a video that still has to be written for browsers; like render_jobs.
                CREATE TABLE video_jobs (
                    media_id TEXT PRIMARY KEY REFERENCES media (id) ON DELETE CASCADE,
                    attempts BIGINT NOT NULL,
                    run_after BIGINT NOT NULL,
                    lease_owner TEXT,
                    lease_until BIGINT NOT NULL
                );
                CREATE INDEX video_jobs_due ON video_jobs (run_after);

                -- What a playlist of HLS is made from: JSON of the codecs and of the segments' bytes and durations.
                CREATE TABLE segment_lists (
                    media_id TEXT PRIMARY KEY REFERENCES media (id) ON DELETE CASCADE,
                    list TEXT NOT NULL
                );
                """),
            Migration(
                "0006-animation",
                """
                ALTER TABLE media ADD COLUMN animation_frames BIGINT;
                ALTER TABLE media ADD COLUMN animation_ms BIGINT;
                """),
        ] + WebhookMigrations.all + BucketMigrations.all + [killed] + OwnerMigrations.all

    private static let killed = Migration(
        "0007-job-kills",
        """
        -- How often a job was put back because its codec workers were killed by somebody else.
        ALTER TABLE render_jobs ADD COLUMN kills BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE video_jobs ADD COLUMN kills BIGINT NOT NULL DEFAULT 0;
        """)
}
