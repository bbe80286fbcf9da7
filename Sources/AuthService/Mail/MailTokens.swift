import Persistence
import WebAPI

/// Secrets that were sent by mail: who has one reads the mailbox. 256 random bits, of which the database has the digest.
enum MailTokens {
    enum Purpose: String, Sendable {
        case reset
        case verify
    }

    struct Entry: Sendable {
        let userID: String
        let email: String
    }

    /// - Returns: the secret. Earlier ones for the same purpose are worth nothing from now on.
    static func make(
        _ purpose: Purpose, of user: User, email: String, now: Int64, lifetime: Duration, on connection: any SQLConnection
    ) throws -> String {
        try remove(purpose, of: user.id, on: connection)
        let text = SecretFile.random()
        try connection.execute(
            "INSERT INTO mail_tokens (digest, user_id, purpose, email, created, expires) VALUES ($1, $2, $3, $4, $5, $6)",
            [
                SQLValue(Digest.hex(text)), SQLValue(user.id), SQLValue(purpose.rawValue), SQLValue(email), SQLValue(now),
                SQLValue(now + AuthSettings.milliseconds(lifetime)),
            ])
        return text
    }

    static func find(_ text: String, _ purpose: Purpose, now: Int64, on connection: any SQLConnection) throws -> Entry? {
        let row = try connection.query(
            "SELECT user_id, email FROM mail_tokens WHERE digest = $1 AND purpose = $2 AND expires > $3",
            [SQLValue(Digest.hex(text)), SQLValue(purpose.rawValue), SQLValue(now)]
        ).first
        return try row.map { Entry(userID: try $0.text("user_id"), email: try $0.text("email")) }
    }

    static func remove(_ purpose: Purpose, of user: String, on connection: any SQLConnection) throws {
        try connection.execute(
            "DELETE FROM mail_tokens WHERE user_id = $1 AND purpose = $2", [SQLValue(user), SQLValue(purpose.rawValue)])
    }

    /// Letters to confirm an address in place of the one there is.
    static func removeVerifications(of user: String, butOf email: String, on connection: any SQLConnection) throws {
        try connection.execute(
            "DELETE FROM mail_tokens WHERE user_id = $1 AND purpose = $2 AND email <> $3",
            [SQLValue(user), SQLValue(Purpose.verify.rawValue), SQLValue(email)])
    }

    static func sweep(before time: Int64, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM mail_tokens WHERE expires < $1", [SQLValue(time)])
    }
}
