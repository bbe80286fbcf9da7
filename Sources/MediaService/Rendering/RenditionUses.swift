import Codecs
import MediaPipeline
import Persistence
import Synchronization

/// When renditions were asked for, noted in memory and written to the database now and then, so that no request waits for a
/// write. What a crash loses of it makes a rendition look unused for a while, nothing more.
package final class RenditionUses: Sendable {
    private struct Key: Hashable {
        let id: MediaID
        let preset: String
        let format: OutputFormat
    }

    private struct State {
        var times: [Key: Int64] = [:]
        /// There are new renditions: there may be too many now.
        var hasStored = true
    }

    private let isOn: Bool
    private let state = Mutex(State())
    /// More than these are not noted before the next writing.
    private static let limit = 50_000

    /// - Parameter isOn: whether anybody wants to know.
    init(isOn: Bool) {
        self.isOn = isOn
    }

    func note(_ id: MediaID, _ rendition: RenditionRequest) {
        guard isOn else { return }
        let now = MediaCore.now()
        state.withLock { state in
            let key = Key(id: id, preset: rendition.preset.name, format: rendition.format)
            if state.times.count < Self.limit || state.times[key] != nil { state.times[key] = now }
        }
    }

    func noteStored() {
        if isOn { state.withLock { $0.hasStored = true } }
    }

    /// Whether renditions were stored since this was asked last.
    func takeStored() -> Bool {
        state.withLock { state in
            defer { state.hasStored = false }
            return state.hasStored
        }
    }

    /// Writes what was noted, in one transaction.
    func write(to database: any Database) async throws {
        let times = state.withLock { state in
            defer { state.times = [:] }
            return state.times
        }
        guard !times.isEmpty else { return }
        try await database.write { connection in
            for (key, time) in times {
                try connection.execute(
                    "UPDATE renditions SET used = $4 WHERE media_id = $1 AND preset = $2 AND format = $3 AND used < $4",
                    [SQLValue(key.id.description), SQLValue(key.preset), SQLValue(key.format.rawValue), SQLValue(time)])
            }
        }
    }
}
