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
    }

    enum Decision: Sendable, Equatable {
        case rotate
        /// The answer with its successor did not arrive: another is given in its place.
        case supersede
        case reuse
        case expired
    }

    /// - Parameter overlap: milliseconds in which a used token gives another successor.
    static func decide(_ entry: Entry, session: Session, now: Int64, overlap: Int64) -> Decision {
        if !session.isActive(now: now) || now >= entry.expires { return .expired }
        guard let used = entry.used else { return .rotate }
        return now - used < overlap ? .supersede : .reuse
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
            "SELECT session_id, expires, used FROM refresh_tokens WHERE digest = $1", [SQLValue(Digest.hex(text))]
        ).first
        guard let row else { return nil }
        return Entry(
            session: try row.text("session_id"), expires: Int64(try row.int("expires")), used: try row.optionalInt("used").map(Int64.init))
    }

    static func markUsed(_ text: String, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE refresh_tokens SET used = $2 WHERE digest = $1 AND used IS NULL", [SQLValue(Digest.hex(text)), SQLValue(now)])
    }

    /// Successors that another takes the place of: whoever comes with one has copied it.
    static func retire(_ session: String, on connection: any SQLConnection) throws {
        try connection.execute("UPDATE refresh_tokens SET used = 0 WHERE session_id = $1 AND used IS NULL", [SQLValue(session)])
    }

    /// Old ones of sessions that go on.
    static func sweep(before time: Int64, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM refresh_tokens WHERE expires < $1", [SQLValue(time)])
    }
}
