import Persistence

extension VersionedObjectStore {
    /// Changes versioning or documents of a bucket of an index that another process may serve at the same time. Changes of objects see it at
    /// once; what else that process remembers of the bucket it forgets with the next of them.
    /// - Parameter database: migrated.
    /// - Throws: `ObjectStoreError.noSuchBucket` and what `change` throws.
    @discardableResult
    public static func updateBucket(
        _ name: BucketName, in database: any Database, _ change: @escaping @Sendable (inout Bucket) throws -> Void
    ) async throws -> Bucket {
        try await database.write { try IndexTransaction($0, clock: SequenceClock()).updateBucket(name, change) }
    }
}
