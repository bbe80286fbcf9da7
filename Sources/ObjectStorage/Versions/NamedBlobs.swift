import Logging
import Persistence
import Synchronization

/// Blobs that have a name, and may therefore be shared by several rows: kept while they are published or read, removed with their last row.
final class NamedBlobs: Sendable {
    private let database: any Database
    private let blobs: any BlobStore
    private let claims = BlobClaims()
    /// A removal failed, so there may be blobs that no object names.
    private let hasOrphans = Mutex(false)
    private let logger: Logger

    init(database: any Database, blobs: any BlobStore, logger: Logger) {
        self.database = database
        self.blobs = blobs
        self.logger = logger
    }

    /// Whether nothing is under way and nothing was left behind.
    var isInOrder: Bool {
        get async { await claims.isIdle && !hasOrphans.withLock { $0 } }
    }

    func pin(_ sha256: String) async { await claims.pin(sha256) }

    func unpin(_ sha256: String, thenRemoveIfUnused: Bool = false) async {
        let wasAskedFor = await claims.unpin(sha256)
        if wasAskedFor || thenRemoveIfUnused { await removeIfUnused(sha256) }
    }

    /// Removes a blob unless a row names it. One that is pinned is looked at again when its last pin goes. A failure leaves an orphan,
    /// which the next recovery finds.
    /// - Returns: whether it was removed.
    @discardableResult
    func removeIfUnused(_ sha256: String) async -> Bool {
        var wasRemoved = false
        while await claims.claim(sha256) {
            do {
                // Whoever committed these bytes before the claim is in the index; whoever wants to now waits for its end.
                if try await !database.read({ try IndexTransaction.names(sha256, on: $0) }) {
                    try await blobs.remove(sha256)
                    wasRemoved = true
                }
            } catch {
                hasOrphans.withLock { $0 = true }
                logger.warning("a blob could not be removed", metadata: ["sha256": "\(sha256)", "error": "\(error)"])
            }
            // An object that named it then may have been deleted since.
            guard await claims.release(sha256) else { break }
        }
        return wasRemoved
    }
}
