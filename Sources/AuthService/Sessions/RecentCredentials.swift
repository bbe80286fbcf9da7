import Persistence
import Synchronization
import WebAPI

/// What was looked up of keys and cookies a moment ago, and when keys and sessions were used last, which is written now and then rather
/// than at every request.
package final class RecentCredentials: Sendable {
    /// Whom a key or a cookie stands for, with what tells whether that has ended since.
    struct Answer: Sendable {
        let principal: Principal
        let version: Int
        /// Milliseconds since 1970.
        let expires: Int64?
    }

    let answers: RecentAnswers<Answer?>
    private let uses = Mutex<(keys: [String: Int64], sessions: [String: Int64])>(([:], [:]))

    init(lifetime: Duration, limit: Int) { answers = RecentAnswers(lifetime: lifetime, limit: limit) }

    func used(key id: String, now: Int64) { uses.withLock { $0.keys[id] = now } }
    func used(session id: String, now: Int64) { uses.withLock { $0.sessions[id] = now } }

    /// Writes when what was used. What cannot be written is lost: it is for people to look at.
    package func flush(_ database: any Database) async throws {
        let (keys, sessions) = uses.withLock { uses in
            defer { uses = ([:], [:]) }
            return (uses.keys, uses.sessions)
        }
        guard !keys.isEmpty || !sessions.isEmpty else { return }
        try await database.write { connection in
            for (id, time) in keys.sorted(by: { $0.key < $1.key }) { try APIKeyTable.touch(id, now: time, on: connection) }
            for (id, time) in sessions.sorted(by: { $0.key < $1.key }) { try SessionTable.touch(id, now: time, on: connection) }
        }
    }
}
