import Persistence
import Projections

/// The tables of owners, in the media service's database. Times are milliseconds since 1970, UTC.
enum OwnerMigrations {
    static let all = [
        UserProjection.migration,
        Migration(
            "0001-owners",
            """
            -- Accounts that are gone and whose items and uploads still have to go.
            CREATE TABLE owner_removals (
                owner TEXT PRIMARY KEY,
                requested BIGINT NOT NULL
            );
            CREATE INDEX presigned_uploads_owner ON presigned_uploads (owner);
            """),
    ]
}
