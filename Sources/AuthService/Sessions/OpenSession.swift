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
        return Grant(session: session, user: user, refreshToken: token)
    }

    /// A signed access token (RFC 9068) of a session.
    package func accessToken(_ session: Session, _ user: User?) async throws -> String {
        let seconds = Int(clock().timeIntervalSince1970)
        let principal = session.principal(user)
        let claims = AccessTokenClaims(
            iss: issuer.url, aud: settings.audience, sub: session.subject, exp: seconds + Int(settings.accessLifetime / .seconds(1)),
            iat: seconds, jti: UUIDv7.make(), sid: session.id, client_id: session.clientID,
            roles: principal.roles.map(\.rawValue).sorted(), scope: principal.scopes?.sorted().joined(separator: " "),
            ver: user?.version ?? 0)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try await ring.signing().sign(type: AccessTokenVerifier.type, payload: try encoder.encode(claims))
    }

    package static let wrongRefreshToken = APIError(
        .unauthorized, code: "token_not_valid", detail: "The refresh token is not valid, or has expired.",
        headers: [.wwwAuthenticate: "Bearer"])

    /// Exchanges a refresh token for the next one. A token that was used before ends its session.
    /// - Parameter client: that the session has to be of; nil for sessions of the API.
    /// - Throws: `wrongRefreshToken`.
    package func refresh(_ token: String, client: String?) async throws -> Grant {
        let overlap = AuthSettings.milliseconds(settings.refreshOverlap)
        let grant: Grant? = try await change { [self] connection, endings, time in
            let now = Timestamp.milliseconds(time)
            guard let entry = try RefreshTokens.find(token, on: connection),
                let session = try SessionTable.find(entry.session, on: connection), session.clientID == client
            else { return nil }
            switch RefreshTokens.decide(entry, session: session, now: now, overlap: overlap) {
            case .expired: return nil
            case .reuse:
                try endings.end(session, now: time, on: connection)
                return nil
            case .supersede: try RefreshTokens.retire(session.id, on: connection)
            case .rotate: try RefreshTokens.markUsed(token, now: now, on: connection)
            }
            let user = try session.userID.flatMap { try UserTable.find($0, on: connection) }
            guard session.userID == nil || user?.isActive == true else { return nil }
            let expires = now + AuthSettings.milliseconds(settings.refreshLifetime)
            try SessionTable.extend(session.id, lastUsed: now, expires: expires, on: connection)
            let next = try RefreshTokens.make(for: session.id, now: now, expires: expires, on: connection)
            return Grant(session: session, user: user, refreshToken: next)
        }
        guard let grant else { throw Self.wrongRefreshToken }
        return grant
    }
}
