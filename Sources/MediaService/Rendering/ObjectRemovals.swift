import Foundation
import ObjectStorage
import Persistence

/// Takes the objects of deleted items away. The wish stands in the database, written with the deletion, so that a crash
/// between the two leaves nothing behind for good.
struct ObjectRemovals: Sendable {
    let core: MediaCore
    private static let poll = Duration.seconds(5)

    static func request(_ id: MediaID, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            "INSERT INTO object_removals (media_id, requested) VALUES ($1, $2) ON CONFLICT (media_id) DO NOTHING",
            [SQLValue(id.description), SQLValue(now)])
    }

    func run() async {
        while !Task.isCancelled {
            do {
                try await removeRequested()
            } catch {
                core.logger.error("objects of deleted media could not be removed", metadata: ["error": "\(error)"])
            }
            await core.removalSignal.wait(atMost: Self.poll)
        }
    }

    func removeRequested() async throws {
        let rows = try await core.database.read { try $0.query("SELECT media_id FROM object_removals ORDER BY requested LIMIT 1000") }
        for row in rows {
            guard let id = MediaID(try row.text("media_id")) else { continue }
            try await RenditionStore(objects: core.objects).removeAll(of: id)
            await core.transformCache.purge(id)
            core.deliveryCache.drop(id)
            try await core.database.write { connection in
                _ = try connection.execute("DELETE FROM object_removals WHERE media_id = $1", [SQLValue(id.description)])
            }
        }
    }

    /// Removes objects of uploads that were never acknowledged: stored, but the process died before the record was
    /// written. Keys begin with UUIDv7s, which sort by time, so only those made after `since` are looked at.
    /// To be called at start, before uploads are taken, by the only process on the store.
    func removeUnacknowledged(since: Date) async throws {
        var after = Self.firstUUIDv7(milliseconds: Int64(since.timeIntervalSince1970 * 1000))
        while true {
            let page = try await core.objects.list(MediaKeys.bucket, prefix: "", after: after, limit: 1000)
            guard let last = page.last else { return }
            for id in Set(page.compactMap { MediaKeys.mediaID(of: $0.key) }) {
                let isKnown = try await core.database.read { try MediaTable.exists(id, on: $0) }
                if !isKnown { try await RenditionStore(objects: core.objects).removeAll(of: id) }
            }
            after = last.key.description
        }
    }

    /// The least UUIDv7 of a millisecond (RFC 9562 section 5.7: its first 48 bits are the time).
    private static func firstUUIDv7(milliseconds: Int64) -> String {
        let hex = String(max(0, milliseconds), radix: 16)
        let padded = String(repeating: "0", count: max(0, 12 - hex.count)) + hex
        return "\(padded.prefix(8))-\(padded.dropFirst(8).prefix(4))-7000-8000-000000000000"
    }
}
