import Foundation

/// Tells a client who has signed in (OpenID Connect Core 1.0 section 2).
struct IDToken: Encodable {
    let iss: String
    let sub: String
    /// The client.
    let aud: String
    let exp: Int
    let iat: Int
    /// When the user signed in, in seconds since 1970.
    let auth_time: Int?
    let nonce: String?
    let sid: String

    /// Told apart from an access token by the type in its header.
    static let type = "JWT"
}

extension AuthCore {
    func idToken(_ session: Session, authenticated: Int64?, nonce: String?) async throws -> String {
        let seconds = Int(clock().timeIntervalSince1970)
        let token = IDToken(
            iss: issuer.url, sub: session.subject, aud: session.clientID ?? "",
            exp: seconds + Int(settings.accessLifetime / .seconds(1)), iat: seconds, auth_time: authenticated.map { Int($0 / 1000) },
            nonce: nonce, sid: session.id)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try await ring.signing().sign(type: IDToken.type, payload: try encoder.encode(token))
    }
}
