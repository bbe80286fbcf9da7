import Crypto
import Foundation
import JWTKit

/// What an access token says (RFC 9068).
public struct AccessTokenClaims: Sendable, Equatable, Codable {
    public var iss: String
    public var aud: String
    /// The user, or the client of OAuth that acts for itself.
    public var sub: String
    /// Seconds since 1970.
    public var exp: Int
    public var iat: Int
    public var jti: String
    /// The sign-in.
    public var sid: String
    public var client_id: String?
    public var roles: [String]
    /// Scopes separated by spaces; absent for all that the user may do.
    public var scope: String?
    /// The account's version when the token was made.
    public var ver: Int

    public init(
        iss: String, aud: String, sub: String, exp: Int, iat: Int, jti: String, sid: String, client_id: String? = nil, roles: [String],
        scope: String? = nil, ver: Int
    ) {
        self.iss = iss
        self.aud = aud
        self.sub = sub
        self.exp = exp
        self.iat = iat
        self.jti = jti
        self.sid = sid
        self.client_id = client_id
        self.roles = roles
        self.scope = scope
        self.ver = ver
    }

    public var principal: Principal {
        Principal(
            subject: sub, roles: Set(roles.compactMap { Role(rawValue: $0) }),
            scopes: scope.map { Set($0.split(separator: " ").map(String.init)) }, session: sid)
    }
}

/// Tells whether an access token is the auth service's, and still good, without asking it. Issuer, audience, type and algorithm are
/// pinned (RFC 8725): a token that says that it is signed otherwise is no token.
public struct AccessTokenVerifier: Sendable {
    /// Of the tokens that are taken; other algorithms are not.
    static let algorithms: Set<String> = ["EdDSA", "ES256", "RS256"]
    /// Tells an access token from an ID token (RFC 9068 section 2.1).
    public static let type = "at+jwt"

    private let issuer: TokenIssuer
    private let audience: String
    private let keys: any VerificationKeySource
    private let revocations: RevocationList
    /// Tokens whose signature was right a moment ago: a client sends one many times, and checking it costs more than most answers.
    private let recent = RecentAnswers<AccessTokenClaims>(lifetime: .seconds(60), limit: 10_000)
    /// How far clocks may be apart, in seconds.
    private static let leeway = 30

    public init(issuer: TokenIssuer, audience: String, keys: any VerificationKeySource, revocations: RevocationList) {
        self.issuer = issuer
        self.audience = audience
        self.keys = keys
        self.revocations = revocations
    }

    /// What the token says; nil where it is not valid.
    /// - Throws: where the keys cannot be had.
    public func claims(of token: String, now: Date = Date()) async throws -> AccessTokenClaims? {
        guard token.utf8.count <= SignedToken.limit else { return nil }
        let name = SHA256.hash(data: Data(token.utf8)).withUnsafeBytes { Base64URL.encode($0) }
        let claims: AccessTokenClaims
        if let known = recent[name] {
            claims = known
        } else {
            guard let parts = SignedToken(token), parts.type?.lowercased() == Self.type, Self.algorithms.contains(parts.algorithm),
                let key = try await keys.key(parts.keyID), key.name == parts.algorithm, parts.isSigned(by: key),
                let said = try? JSONDecoder().decode(AccessTokenClaims.self, from: parts.payload)
            else { return nil }
            recent[name] = said
            claims = said
        }
        let seconds = Int(now.timeIntervalSince1970)
        guard claims.iss == issuer.url, claims.aud == audience, seconds < claims.exp, claims.iat <= seconds + Self.leeway,
            !revocations.isRevoked(session: claims.sid, user: claims.sub, version: claims.ver)
        else { return nil }
        return claims
    }
}

/// A compact JWS (RFC 7515 section 7.1), taken apart and not believed yet.
package struct SignedToken: Sendable {
    package let algorithm: String
    package let type: String?
    package let keyID: String
    package let payload: Data
    private let signed: Data
    private let signature: [UInt8]

    /// Longer ones are none of ours.
    static let limit = 8192

    private struct Header: Decodable {
        let alg: String
        let typ: String?
        let kid: String
        /// Extensions that must be understood: none is.
        let crit: [String]?
    }

    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.limit, parts.count == 3, let head = Base64URL.decode(String(parts[0])),
            let payload = Base64URL.decode(String(parts[1])), let signature = Base64URL.decode(String(parts[2])),
            let header = try? JSONDecoder().decode(Header.self, from: Data(head)), header.crit == nil
        else { return nil }
        algorithm = header.alg
        type = header.typ
        keyID = header.kid
        self.payload = Data(payload)
        self.signature = signature
        signed = Data((parts[0] + "." + parts[1]).utf8)
    }

    package func isSigned(by key: any JWTAlgorithm) -> Bool { (try? key.verify(signature, signs: signed)) == true }
}
