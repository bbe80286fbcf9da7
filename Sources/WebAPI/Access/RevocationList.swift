import Foundation
import Synchronization

/// What has ended before the access tokens that were handed out for it expire: kept in memory for as long as such a token can live.
/// It is fed by the events of the auth service, in its own process also directly.
public final class RevocationList: Sendable {
    /// The event that tells of it, on the topic `user.events`.
    public static let eventType = "session.revoked"

    private struct State {
        /// When each session's entry may be forgotten.
        var sessions: [String: Date] = [:]
        /// The least version of a user whose tokens are still good.
        var users: [String: (minimumVersion: Int, until: Date)] = [:]
        var sweepAfter = Date.distantPast
    }

    private let state = Mutex(State())
    private let lifetime: TimeInterval

    /// - Parameter lifetime: the longest that an access token lives, in seconds.
    public init(lifetime: TimeInterval) {
        // Clocks of two machines are never quite one.
        self.lifetime = lifetime + 60
    }

    public func revoke(session: String, now: Date = Date()) {
        state.withLock { state in
            state.sessions[session] = now.addingTimeInterval(lifetime)
            Self.sweep(&state, now)
        }
    }

    /// Refuses the tokens of a user that were made before the account's `version`.
    public func revoke(user: String, olderThan version: Int, now: Date = Date()) {
        state.withLock { state in
            let least = max(version, state.users[user]?.minimumVersion ?? 0)
            state.users[user] = (least, now.addingTimeInterval(lifetime))
            Self.sweep(&state, now)
        }
    }

    public func isRevoked(session: String?, user: String, version: Int) -> Bool {
        state.withLock { state in
            if let session, state.sessions[session] != nil { return true }
            guard let least = state.users[user]?.minimumVersion else { return false }
            return version < least
        }
    }

    /// Entries, for metrics and tests.
    public var count: Int { state.withLock { $0.sessions.count + $0.users.count } }

    private struct Notice: Decodable {
        let user: String
        let session: String?
        let minimum_version: Int?
    }

    /// Takes in what an event tells.
    /// - Parameters:
    ///   - type: of the event; others than `session.revoked` and `user.deleted` say nothing here.
    ///   - data: the event's, a JSON object.
    public func take(eventType type: String, subject: String, data: String, now: Date = Date()) {
        switch type {
        case Self.eventType:
            guard let notice = try? JSONDecoder().decode(Notice.self, from: Data(data.utf8)) else { return }
            if let session = notice.session { revoke(session: session, now: now) }
            if let version = notice.minimum_version { revoke(user: notice.user, olderThan: version, now: now) }
        case "user.deleted": revoke(user: subject, olderThan: .max, now: now)
        default: return
        }
    }

    private static func sweep(_ state: inout State, _ now: Date) {
        guard now > state.sweepAfter else { return }
        state.sessions = state.sessions.filter { $0.value > now }
        state.users = state.users.filter { $0.value.until > now }
        state.sweepAfter = now.addingTimeInterval(30)
    }
}
