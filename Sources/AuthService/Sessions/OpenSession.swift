import Foundation
import Persistence
import WebAPI

extension AuthCore {
    /// What a sign-in is for.
    package struct Opening: Sendable {
        var kind: Session.Kind
        var clientID: String?
        var keyID: String?
        var scopes: [String]?
        /// Whether a refresh token is handed out.
        var isRefreshable: Bool

        package init(
            kind: Session.Kind = .api, clientID: String? = nil, keyID: String? = nil, scopes: [String]? = nil, isRefreshable: Bool = true
        ) {
            self.kind = kind
            self.clientID = clientID
            self.keyID = keyID
            self.scopes = scopes
            self.isRefreshable = isRefreshable
        }
    }

    /// A session that was opened or refreshed, with what is handed out for it.
    package struct Grant: Sendable {
        package let session: Session
        /// Nil for a client of OAuth that acts for itself.
        package let user: User?
        package let refreshToken: String?
        /// What the access token is called (`jti`), and when it was issued (milliseconds since 1970).
        var tokenID = UUIDv7.make()
        let issued: Int64
    }

    /// Opens a session in the transaction under way; the oldest one ends where there are too many.
    package func open(
        _ opening: Opening, for user: User?, _ trace: ClientTrace, now: Int64, on connection: any SQLConnection
    ) throws -> Grant {
        let lifetime: Int64 =
            switch opening.kind {
            case .page: Int64(pageSessions.lifetime * 1000)
            case .api, .oauth: AuthSettings.milliseconds(opening.isRefreshable ? settings.refreshLifetime : settings.accessLifetime)
            }
        let session = Session(
            id: UUIDv7.make(), userID: user?.id, kind: opening.kind, clientID: opening.clientID, keyID: opening.keyID,
            scopes: opening.scopes, agent: trace.agent, address: trace.address, created: now, lastUsed: now, expires: now + lifetime)
        if let user {
            let surplus = try SessionTable.active(
                of: user.id, now: now, limit: 1000, offset: max(0, settings.sessionsPerUser - 1), on: connection)
            var endings = Endings()
            let time = Date(timeIntervalSince1970: Double(now) / 1000)
            for old in surplus { try endings.end(old, now: time, on: connection) }
        }
        try SessionTable.insert(session, on: connection)
        let token =
            opening.isRefreshable && opening.kind != .page
            ? try RefreshTokens.make(for: session.id, now: now, expires: session.expires, on: connection) : nil
        return Grant(session: session, user: user, refreshToken: token, issued: now)
    }

    /// The access token of a grant: the same claims each time.
    package func accessToken(_ grant: Grant) async throws -> String {
        try await accessToken(grant.session, grant.user, id: grant.tokenID, issued: grant.issued)
    }

    /// A signed access token (RFC 9068) of a session.
    /// - Parameter issued: milliseconds since 1970; nil for now.
    package func accessToken(
        _ session: Session, _ user: User?, id: String = UUIDv7.make(), issued: Int64? = nil
    ) async throws -> String {
        let seconds = Int((issued ?? now) / 1000)
        let principal = session.principal(user)
        let claims = AccessTokenClaims(
            iss: issuer.url, aud: settings.audience, sub: session.subject, exp: seconds + Int(settings.accessLifetime / .seconds(1)),
            iat: seconds, jti: id, sid: session.id, client_id: session.clientID,
            roles: principal.roles.map(\.rawValue).sorted(), scope: principal.scopes?.sorted().joined(separator: " "),
            ver: user?.version ?? 0)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try await ring.signing().sign(type: AccessTokenVerifier.type, payload: try encoder.encode(claims))
    }
}
