import Foundation
import Persistence

/// Mail that is to be sent, written in the transaction of what it is about: it goes if that is committed, and only then.
package struct MailQueue: Sendable {
    let vault: Vault

    struct Item: Sendable {
        let id: String
        let recipient: String
        let message: String
        let attempts: Int
        let created: Int64
    }

    /// What the message's text is made of when it is sent.
    package func enqueue(
        _ letter: Letter, to user: User, at address: String, from: MailSenderName, now: Int64, on connection: any SQLConnection
    ) throws {
        let id = UUIDv7.make()
        let (subject, body) = letter.text(user.language)
        let message = MailMessage(
            id: id, from: from, to: address, language: user.language, subject: subject, body: body,
            date: Date(timeIntervalSince1970: Double(now) / 1000))
        try connection.execute(
            """
            INSERT INTO mail_queue (id, recipient, sealed, created, run_after, attempts, leased_until, last_error)
            VALUES ($1, $2, $3, $4, $4, 0, 0, NULL)
            """, [SQLValue(id), SQLValue(address), SQLValue(try vault.seal(message.text, for: id)), SQLValue(now)])
    }

    /// The next that is due, which is nobody else's until then.
    func lease(now: Int64, until: Int64, on connection: any SQLConnection) throws -> Item? {
        let lock = connection.dialect == .postgresql ? "FOR UPDATE SKIP LOCKED" : ""
        let row = try connection.query(
            """
            UPDATE mail_queue SET leased_until = $2, attempts = attempts + 1 WHERE id = (
                SELECT id FROM mail_queue WHERE run_after <= $1 AND leased_until <= $1 ORDER BY run_after, id LIMIT 1 \(lock)
            ) RETURNING id, recipient, sealed, attempts, created
            """, [SQLValue(now), SQLValue(until)]
        ).first
        guard let row else { return nil }
        let id = try row.text("id")
        // Empty where the key has been replaced: such mail cannot be read any more.
        return Item(
            id: id, recipient: try row.text("recipient"), message: vault.open(try row.text("sealed"), for: id) ?? "",
            attempts: try row.int("attempts"), created: Int64(try row.int("created")))
    }

    static func remove(_ id: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM mail_queue WHERE id = $1", [SQLValue(id)])
    }

    static func putBack(_ id: String, runAfter: Int64, error: String, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE mail_queue SET run_after = $2, leased_until = 0, last_error = $3 WHERE id = $1",
            [SQLValue(id), SQLValue(runAfter), SQLValue(error)])
    }

    /// When the next is due; nil where there is none.
    static func nextDue(on connection: any SQLConnection) throws -> Int64? {
        try connection.query(
            "SELECT MIN(CASE WHEN leased_until > run_after THEN leased_until ELSE run_after END) AS due FROM mail_queue"
        ).first?.optionalInt("due").map(Int64.init)
    }

    package static func length(on connection: any SQLConnection) throws -> Int {
        try connection.query("SELECT COUNT(*) AS items FROM mail_queue").first?.int("items") ?? 0
    }
}
