import Foundation
import Persistence
import WebAPI

/// Refresh tokens: 256 random bits, of which the database has the digest. Each is used once and gives the next; one that comes again was
/// copied, by whom nobody can tell, and ends the session (RFC 9700 section 4.14.2).
enum RefreshTokens {
    static let prefix = "agr_"

    struct Entry: Sendable {
        let session: String
        let expires: Int64
        /// When it gave the next one; nil where it has not yet.
        let used: Int64?
        /// What it gave, sealed; nil where it does not give it again.
        let successor: String?
    }

    /// What a token gave: the next one, and what the access token beside it is called and good for.
    struct Successor: Sendable, Codable, Equatable {
        let token: String
        let accessID: String
        let scopes: [String]?

        init(token: String, accessID: String, scopes: [String]?) {
            self.token = token
            self.accessID = accessID
            self.scopes = scopes
        }

        /// Nil where it was sealed for another token, or with another key.
        init?(_ sealed: String, of token: String, _ vault: Vault) {
            guard let text = vault.open(sealed, for: Self.row(token)),
                let value = try? JSONDecoder().decode(Self.self, from: Data(text.utf8))
            else { return nil }
            self = value
        }

        func sealed(of token: String, _ vault: Vault) throws -> String {
            try vault.seal(String(decoding: try JSONEncoder().encode(self), as: UTF8.self), for: Self.row(token))
        }

        private static func row(_ token: String) -> String { "refresh:" + Digest.hex(token) }
    }

    enum Decision: Sendable, Equatable {
        case rotate
        /// Its answer did not arrive, or it was sent twice at once: what it gave is given again.
        case again(used: Int64, sealed: String)
        case reuse
        case expired
    }

    /// - Parameter overlap: milliseconds in which a used token gives the same again.
    static func decide(_ entry: Entry, session: Session, now: Int64, overlap: Int64) -> Decision {
        if !session.isActive(now: now) || now >= entry.expires { return .expired }
        guard let used = entry.used else { return .rotate }
        guard let successor = entry.successor, now - used < overlap else { return .reuse }
        return .again(used: used, sealed: successor)
    }

    static func make(for session: String, now: Int64, expires: Int64, on connection: any SQLConnection) throws -> String {
        let text = prefix + SecretFile.random()
        try connection.execute(
            "INSERT INTO refresh_tokens (digest, session_id, created, expires, used) VALUES ($1, $2, $3, $4, NULL)",
            [SQLValue(Digest.hex(text)), SQLValue(session), SQLValue(now), SQLValue(expires)])
        return text
    }

    static func find(_ text: String, on connection: any SQLConnection) throws -> Entry? {
        let row = try connection.query(
            "SELECT session_id, expires, used, successor FROM refresh_tokens WHERE digest = $1", [SQLValue(Digest.hex(text))]
        ).first
        guard let row else { return nil }
        return Entry(
            session: try row.text("session_id"), expires: Int64(try row.int("expires")), used: try row.optionalInt("used").map(Int64.init),
            successor: try row.optionalText("successor"))
    }

    /// - Parameter next: what it gave, sealed; nil where it is not to give it again.
    static func markUsed(_ text: String, next: String?, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE refresh_tokens SET used = $2, successor = $3 WHERE digest = $1 AND used IS NULL",
            [SQLValue(Digest.hex(text)), SQLValue(now), SQLValue(next)])
    }

    /// Forgets what tokens gave that were used before then.
    static func forgetSuccessors(before time: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE refresh_tokens SET successor = NULL WHERE successor IS NOT NULL AND used < $1", [SQLValue(time)])
    }

    /// Old ones of sessions that go on.
    static func sweep(before time: Int64, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM refresh_tokens WHERE expires < $1", [SQLValue(time)])
    }
}
