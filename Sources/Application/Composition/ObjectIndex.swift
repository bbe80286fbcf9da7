import Events
import ObjectStorage
import Persistence
import S3Service

extension Server {
    /// The schema of the index of objects, with the outbox of what is told of them.
    static let indexMigrations =
        LocalObjectStore.migrations + [
            Outbox.migration,
            Migration(
                "0001-owner-of-media",
                """
                -- What the media service stored before there were owners.
                UPDATE buckets SET owner = '\(RootKeyFile.user)' WHERE owner = '';
                UPDATE objects SET owner = '\(RootKeyFile.user)' WHERE owner = '';
                """),
        ]
}
