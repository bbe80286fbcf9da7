import Persistence

/// The table of sessions.
package enum SessionTable {
    private static let columns = "id, user_id, kind, client_id, key_id, scopes, agent, address, created, last_used, expires, revoked"

    private static func session(_ row: SQLRow) throws -> Session {
        Session(
            id: try row.text("id"), userID: try row.optionalText("user_id"), kind: Session.Kind(rawValue: try row.text("kind")) ?? .api,
            clientID: try row.optionalText("client_id"), keyID: try row.optionalText("key_id"),
            scopes: try row.optionalText("scopes").map { $0.split(separator: " ").map(String.init) }, agent: try row.text("agent"),
            address: try row.text("address"), created: Int64(try row.int("created")), lastUsed: Int64(try row.int("last_used")),
            expires: Int64(try row.int("expires")), revoked: try row.optionalInt("revoked").map(Int64.init))
    }

    static func insert(_ session: Session, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO sessions (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL)
            """,
            [
                SQLValue(session.id), SQLValue(session.userID), SQLValue(session.kind.rawValue), SQLValue(session.clientID),
                SQLValue(session.keyID), SQLValue(session.scopes?.joined(separator: " ")), SQLValue(session.agent),
                SQLValue(session.address), SQLValue(session.created), SQLValue(session.lastUsed), SQLValue(session.expires),
            ])
    }

    package static func find(_ id: String, on connection: any SQLConnection) throws -> Session? {
        try connection.query("SELECT \(columns) FROM sessions WHERE id = $1", [SQLValue(id)]).first.map(session)
    }

    /// Those that go on; the newest first.
    static func active(of user: String, now: Int64, limit: Int, offset: Int, on connection: any SQLConnection) throws -> [Session] {
        try connection.query(
            """
            SELECT \(columns) FROM sessions WHERE user_id = $1 AND revoked IS NULL AND expires > $2
            ORDER BY created DESC, id DESC LIMIT \(limit) OFFSET \(offset)
            """, [SQLValue(user), SQLValue(now)]
        ).map(session)
    }

    static func activeCount(of user: String, now: Int64, on connection: any SQLConnection) throws -> Int {
        try connection.query(
            "SELECT COUNT(*) AS sessions FROM sessions WHERE user_id = $1 AND revoked IS NULL AND expires > $2",
            [SQLValue(user), SQLValue(now)]
        ).first?.int("sessions") ?? 0
    }

    static func active(ofKey key: String, on connection: any SQLConnection) throws -> [Session] {
        try connection.query("SELECT \(columns) FROM sessions WHERE key_id = $1 AND revoked IS NULL", [SQLValue(key)]).map(session)
    }

    static func active(ofClient client: String, on connection: any SQLConnection) throws -> [Session] {
        try connection.query("SELECT \(columns) FROM sessions WHERE client_id = $1 AND revoked IS NULL", [SQLValue(client)]).map(session)
    }

    /// - Returns: false where it had ended already.
    static func revoke(_ id: String, now: Int64, on connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            "UPDATE sessions SET revoked = $2 WHERE id = $1 AND revoked IS NULL", [SQLValue(id), SQLValue(now)]) == 1
    }

    static func extend(_ id: String, lastUsed: Int64, expires: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE sessions SET last_used = $2, expires = $3 WHERE id = $1", [SQLValue(id), SQLValue(lastUsed), SQLValue(expires)])
    }

    static func touch(_ id: String, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute("UPDATE sessions SET last_used = $2 WHERE id = $1", [SQLValue(id), SQLValue(now)])
    }

    /// Takes away what ended long ago.
    static func sweep(before time: Int64, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM sessions WHERE expires < $1 OR revoked < $1", [SQLValue(time)])
    }
}
