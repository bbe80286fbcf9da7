import Persistence
import WebAPI

/// Codes that a client exchanges for tokens (RFC 6749 section 4.1): used once; one that comes again was copied, and ends what came of it.
enum AuthorizationCodes {
    struct Entry: Sendable {
        let clientID: String
        let userID: String
        /// Of what it was exchanged for; empty before.
        let sessionID: String
        let redirectURI: String
        let challenge: String
        let scopes: [String]
        let nonce: String?
        /// When the user signed in.
        let authenticated: Int64
        let expires: Int64
    }

    static func make(
        _ request: AuthorizationRequest, user: String, authenticated: Int64, expires: Int64, on connection: any SQLConnection
    ) throws -> String {
        let text = SecretFile.random()
        try connection.execute(
            """
            INSERT INTO oauth_codes (digest, client_id, user_id, session_id, redirect_uri, challenge, scopes, nonce, authenticated, expires)
            VALUES ($1, $2, $3, '', $4, $5, $6, $7, $8, $9)
            """,
            [
                SQLValue(Digest.hex(text)), SQLValue(request.clientID), SQLValue(user), SQLValue(request.redirectURI),
                SQLValue(request.challenge), SQLValue(request.scopes.joined(separator: " ")), SQLValue(request.nonce),
                SQLValue(authenticated), SQLValue(expires),
            ])
        return text
    }

    static func find(_ text: String, on connection: any SQLConnection) throws -> Entry? {
        let row = try connection.query(
            """
            SELECT client_id, user_id, session_id, redirect_uri, challenge, scopes, nonce, authenticated, expires FROM oauth_codes
            WHERE digest = $1
            """, [SQLValue(Digest.hex(text))]
        ).first
        guard let row else { return nil }
        return Entry(
            clientID: try row.text("client_id"), userID: try row.text("user_id"), sessionID: try row.text("session_id"),
            redirectURI: try row.text("redirect_uri"), challenge: try row.text("challenge"),
            scopes: try row.text("scopes").split(separator: " ").map(String.init), nonce: try row.optionalText("nonce"),
            authenticated: Int64(try row.int("authenticated")), expires: Int64(try row.int("expires")))
    }

    /// Those that nobody has exchanged yet; those that somebody has stay, to be known where they come again.
    static func removeUnused(of user: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM oauth_codes WHERE user_id = $1 AND session_id = ''", [SQLValue(user)])
    }

    /// Notes what the code was exchanged for.
    static func use(_ text: String, for session: String, on connection: any SQLConnection) throws {
        try connection.execute("UPDATE oauth_codes SET session_id = $2 WHERE digest = $1", [SQLValue(Digest.hex(text)), SQLValue(session)])
    }
}
