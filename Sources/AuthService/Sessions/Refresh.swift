import Foundation
import Persistence
import WebAPI

extension AuthCore {
    package static let wrongRefreshToken = APIError(
        .unauthorized, code: "token_not_valid", detail: "The refresh token is not valid, or has expired.",
        headers: [.wwwAuthenticate: "Bearer"])

    /// A client asks for more than its session was given.
    package struct ScopeNotGiven: Error {}

    /// Exchanges a refresh token for the next one. A token that comes again within the overlap gets what it got, for a client that the answer
    /// did not reach, or that asked twice at once; one that comes later ends its session.
    /// - Parameters:
    ///   - client: that the session has to be of; nil for sessions of the API.
    ///   - scopes: what the access token is to be good for, of what the session was given; nil for all of it. The next refresh may ask for
    ///     all again (RFC 6749 section 6).
    /// - Throws: `wrongRefreshToken`; `ScopeNotGiven`, and then the token is not used up.
    package func refresh(_ token: String, client: String?, scopes: [String]? = nil) async throws -> Grant {
        let overlap = AuthSettings.milliseconds(settings.refreshOverlap)
        let grant: Grant? = try await change { [self] connection, endings, time in
            let now = Timestamp.milliseconds(time)
            guard let entry = try RefreshTokens.find(token, on: connection),
                var session = try SessionTable.find(entry.session, on: connection), session.clientID == client
            else { return nil }
            let decision = RefreshTokens.decide(entry, session: session, now: now, overlap: overlap)
            switch decision {
            case .expired: return nil
            case .reuse:
                try endings.end(session, now: time, on: connection)
                return nil
            case .rotate, .again: break
            }
            if let scopes, let given = session.scopes, !Set(scopes).isSubset(of: given) { throw ScopeNotGiven() }
            let user = try session.userID.flatMap { try UserTable.find($0, on: connection) }
            guard session.userID == nil || user?.isActive == true else { return nil }
            if case .again(let used, let sealed) = decision {
                // Sealed with a key that is no longer there: as good as a token that was not taken down.
                guard let next = RefreshTokens.Successor(sealed, of: token, vault) else { return nil }
                session.scopes = next.scopes
                return Grant(session: session, user: user, refreshToken: next.token, tokenID: next.accessID, issued: used)
            }
            let expires = now + AuthSettings.milliseconds(settings.refreshLifetime)
            try SessionTable.extend(session.id, lastUsed: now, expires: expires, on: connection)
            if let scopes { session.scopes = scopes }
            let next = RefreshTokens.Successor(
                token: try RefreshTokens.make(for: session.id, now: now, expires: expires, on: connection), accessID: UUIDv7.make(),
                scopes: session.scopes)
            try RefreshTokens.markUsed(token, next: overlap > 0 ? try next.sealed(of: token, vault) : nil, now: now, on: connection)
            return Grant(session: session, user: user, refreshToken: next.token, tokenID: next.accessID, issued: now)
        }
        guard let grant else { throw Self.wrongRefreshToken }
        return grant
    }
}
