import Codecs
import Foundation
import ObjectStorage
import Persistence
import ServiceLifecycle

/// Keeps renditions within the setting's bytes: the least recently used are taken out of the object store, never an original.
/// Their rows stay, so that records tell the same of them; who asks for one has it made again (`RenditionMaker`).
struct RenditionEviction: Service {
    let core: MediaCore

    private static let poll = Duration.seconds(1)
    /// Looks between two writings of what was used.
    private static let writeEvery = 60
    private static let batch = 200

    /// One that may go.
    private struct Candidate {
        let id: MediaID
        let preset: String
        let format: OutputFormat
        let size: Int
        let used: Int64
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var looks = 0
            while !Task.isCancelled {
                looks += 1
                do {
                    if core.renditionUses.takeStored() {
                        try await evict()
                    } else if looks.isMultiple(of: Self.writeEvery) {
                        try await core.renditionUses.write(to: core.database)
                    }
                } catch {
                    core.renditionUses.noteStored()
                    core.logger.error("renditions could not be evicted", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.poll)
            }
        }
        // A restart goes on with what is known.
        try? await core.renditionUses.write(to: core.database)
    }

    /// Down to nine tenths, so that not each new rendition has to look for another to go.
    func evict() async throws {
        let limit = core.settings.renditionBytes
        var bytes = try await core.database.read { connection in
            try connection.query("SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM renditions WHERE kept = 1").first?.int(
                "bytes") ?? 0
        }
        guard bytes > limit else { return }
        try await core.renditionUses.write(to: core.database)
        while bytes > limit / 10 * 9, !Task.isCancelled {
            var leaving: [Candidate] = []
            for candidate in try await leastRecentlyUsed() where bytes > limit / 10 * 9 {
                leaving.append(candidate)
                bytes -= candidate.size
            }
            if leaving.isEmpty { return }
            try await remove(leaving)
        }
    }

    private func leastRecentlyUsed() async throws -> [Candidate] {
        try await core.database.read { connection in
            try connection.query(
                """
                SELECT media_id, preset, format, size, used FROM renditions WHERE kept = 1
                ORDER BY used, media_id, preset, format LIMIT \(Self.batch)
                """
            ).compactMap { row in
                guard let id = MediaID(try row.text("media_id")), let format = OutputFormat(rawValue: try row.text("format")) else {
                    return nil
                }
                return Candidate(
                    id: id, preset: try row.text("preset"), format: format, size: try row.int("size"), used: Int64(try row.int("used")))
            }
        }
    }

    /// Objects first: a crash in between leaves rows that are found again, not objects that nobody counts.
    private func remove(_ leaving: [Candidate]) async throws {
        try await core.objects.delete(leaving.map { MediaKeys.rendition($0.id, $0.preset, $0.format) }, in: MediaKeys.bucket)
        try await core.database.write { connection in
            for one in leaving {
                // One that was made again meanwhile has another time of use.
                try connection.execute(
                    "UPDATE renditions SET kept = 0 WHERE media_id = $1 AND preset = $2 AND format = $3 AND used = $4",
                    [SQLValue(one.id.description), SQLValue(one.preset), SQLValue(one.format.rawValue), SQLValue(one.used)])
            }
        }
        // Files that are kept open would hold their room on disk.
        for id in Set(leaving.map(\.id)) { core.deliveryCache.drop(id) }
        core.metrics.count("agrovet_renditions_evicted_total", "Renditions removed to make room.", by: Double(leaving.count))
    }
}
