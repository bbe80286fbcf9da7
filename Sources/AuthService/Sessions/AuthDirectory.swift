import Foundation
import Persistence
import WebAPI

/// Keys and cookies, looked up in the service's own database.
struct AuthDirectory: CredentialDirectory {
    let core: AuthCore

    /// Longer ones are none of ours, and are not even digested.
    private static let textLimit = 512

    func principal(ofKey key: String) async throws -> Principal? {
        guard (1...Self.textLimit).contains(key.utf8.count) else { return nil }
        return try await principal("key:" + Digest.hex(key)) { connection, now in
            guard let found = try APIKeyTable.find(text: key, on: connection), found.expires.map({ now < $0 }) ?? true,
                let user = try UserTable.find(found.userID, on: connection), user.isActive
            else { return nil }
            core.recent.used(key: found.id, now: now)
            let principal = Scopes.principal(subject: user.id, roles: user.roles, scopes: found.scopes, session: nil)
            return RecentCredentials.Answer(principal: principal, version: user.version, expires: found.expires)
        }
    }

    func principal(ofCookie value: String) async throws -> Principal? {
        guard value.utf8.count <= Self.textLimit, let id = core.pageSessions.session(ofCookie: value, now: core.clock()) else { return nil }
        return try await principal("session:" + id) { connection, now in
            guard let session = try SessionTable.find(id, on: connection), session.kind == .page, session.isActive(now: now),
                let user = try session.userID.flatMap({ try UserTable.find($0, on: connection) }), user.isActive
            else { return nil }
            core.recent.used(session: id, now: now)
            return RecentCredentials.Answer(principal: session.principal(user), version: user.version, expires: session.expires)
        }
    }

    private func principal(
        _ name: String, _ lookUp: @escaping @Sendable (any SQLConnection, Int64) throws -> RecentCredentials.Answer?
    ) async throws -> Principal? {
        let now = core.now
        let answer: RecentCredentials.Answer?
        if let known = core.recent.answers[name] {
            answer = known
        } else {
            answer = try await core.database.read { try lookUp($0, now) }
            core.recent.answers[name] = .some(answer)
        }
        guard let answer, answer.expires.map({ now < $0 }) ?? true,
            !core.revocations.isRevoked(session: answer.principal.session, user: answer.principal.subject, version: answer.version)
        else { return nil }
        return answer.principal
    }
}
