import Events
import Persistence
import ServiceLifecycle

/// Takes away what belonged to accounts that are gone. The wish stands in the database, written with the note that the account is gone, so
/// that a crash at any point leaves nothing behind for good.
struct OwnerRemovals: Service {
    let uploads: ResumableUploads
    let signal = WakeUpSignal()

    /// Items that go in one transaction: a herd of them must not hold up everybody else's writes.
    private static let batch = 50
    private static let poll = Duration.seconds(5)
    /// How long an upload is left to a connection that must not be stopped right now.
    private static let pause = Duration.seconds(1)

    private var core: MediaCore { uploads.core }

    /// What acts for the owner without them goes at once, the rest as soon as may be.
    static func request(_ owner: String, now: Int64, on connection: any SQLConnection) throws {
        try WebhookTable.deleteAll(of: owner, on: connection)
        try PresignedUpload.deleteAll(of: owner, on: connection)
        try connection.execute(
            "INSERT INTO owner_removals (owner, requested) VALUES ($1, $2) ON CONFLICT (owner) DO NOTHING",
            [SQLValue(owner), SQLValue(now)])
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                var wait = Self.poll
                do {
                    if try await !removeRequested() { wait = Self.pause }
                } catch is CancellationError {
                    return
                } catch {
                    core.logger.error("what belonged to a deleted account could not be removed", metadata: ["error": "\(error)"])
                }
                await signal.wait(atMost: wait)
            }
        }
    }

    /// False where something is left.
    private func removeRequested() async throws -> Bool {
        let owners = try await core.database.read { connection in
            try connection.query("SELECT owner FROM owner_removals ORDER BY requested, owner").map { try $0.text("owner") }
        }
        var isDone = true
        for owner in owners where try await !remove(owner) { isDone = false }
        return isDone
    }

    private func remove(_ owner: String) async throws -> Bool {
        guard try await uploads.removeAll(of: owner) else { return false }
        var count = 0
        while true {
            try Task.checkCancellation()
            // Looked for in the transaction that removes them, and that ends the job where there is none: one that is made at this very
            // moment is either seen here or refused there.
            let ids = try await core.database.write { [core] connection in
                let ids = try MediaTable.ids(of: owner, limit: Self.batch, on: connection)
                for id in ids { _ = try core.delete(id, on: connection) }
                if ids.isEmpty { try connection.execute("DELETE FROM owner_removals WHERE owner = $1", [SQLValue(owner)]) }
                return ids
            }
            if ids.isEmpty { break }
            for id in ids { await core.deleted(id) }
            count += ids.count
        }
        core.logger.info("what belonged to a deleted account is removed", metadata: ["owner": "\(owner)", "items": "\(count)"])
        return true
    }
}
