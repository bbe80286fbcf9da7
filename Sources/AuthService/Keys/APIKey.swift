import Persistence
import WebAPI

/// A key of a user for programs. Its text is shown once; the database has a digest.
package struct APIKey: Sendable, Equatable {
    package let id: String
    package let userID: String
    package let name: String
    /// How its text begins, for a person to know it by.
    package let hint: String
    package let scopes: [String]
    /// Milliseconds since 1970, as all times.
    package let created: Int64
    package let expires: Int64?
    package let lastUsed: Int64?

    package init(
        id: String = UUIDv7.make(), userID: String, name: String, hint: String, scopes: [String], created: Int64, expires: Int64? = nil,
        lastUsed: Int64? = nil
    ) {
        self.id = id
        self.userID = userID
        self.name = name
        self.hint = hint
        self.scopes = scopes
        self.created = created
        self.expires = expires
        self.lastUsed = lastUsed
    }

    package static let prefix = "agv_"
    /// The key that the data folder has in a file since its first start.
    package static let firstID = "api-token"
    package static let nameLength = 100

    /// 256 random bits.
    package static func makeText() -> String { prefix + SecretFile.random() }

    package static func hint(of text: String) -> String { text.hasPrefix(prefix) ? String(text.prefix(prefix.utf8.count + 4)) : "" }
}

/// The table of API keys.
package enum APIKeyTable {
    private static let columns = "id, user_id, name, hint, scopes, created, expires, last_used"

    private static func key(_ row: SQLRow) throws -> APIKey {
        APIKey(
            id: try row.text("id"), userID: try row.text("user_id"), name: try row.text("name"), hint: try row.text("hint"),
            scopes: try row.text("scopes").split(separator: " ").map(String.init), created: Int64(try row.int("created")),
            expires: try row.optionalInt("expires").map(Int64.init), lastUsed: try row.optionalInt("last_used").map(Int64.init))
    }

    package static func insert(_ key: APIKey, text: String, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO api_keys (id, user_id, name, hint, digest, scopes, created, expires, last_used)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)
            """,
            [
                SQLValue(key.id), SQLValue(key.userID), SQLValue(key.name), SQLValue(key.hint), SQLValue(Digest.hex(text)),
                SQLValue(key.scopes.joined(separator: " ")), SQLValue(key.created), key.expires.map { SQLValue($0) } ?? .null,
            ])
    }

    package static func find(_ id: String, on connection: any SQLConnection) throws -> APIKey? {
        try connection.query("SELECT \(columns) FROM api_keys WHERE id = $1", [SQLValue(id)]).first.map(key)
    }

    static func find(text: String, on connection: any SQLConnection) throws -> APIKey? {
        try connection.query("SELECT \(columns) FROM api_keys WHERE digest = $1", [SQLValue(Digest.hex(text))]).first.map(key)
    }

    /// - Parameter user: nil for everybody's.
    package static func list(of user: String?, limit: Int, offset: Int, on connection: any SQLConnection) throws -> [APIKey] {
        try connection.query(
            """
            SELECT \(columns) FROM api_keys WHERE $1 = '' OR user_id = $1 ORDER BY created DESC, id DESC LIMIT \(limit) OFFSET \(offset)
            """, [SQLValue(user ?? "")]
        ).map(key)
    }

    static func count(of user: String, on connection: any SQLConnection) throws -> Int {
        try connection.query("SELECT COUNT(*) AS keys FROM api_keys WHERE user_id = $1", [SQLValue(user)]).first?.int("keys") ?? 0
    }

    /// The key of the data folder's file is kept as one that has expired, or the next start would take the file for a new one.
    package static func remove(_ id: String, now: Int64, on connection: any SQLConnection) throws {
        if id == APIKey.firstID {
            try connection.execute("UPDATE api_keys SET expires = $2 WHERE id = $1", [SQLValue(id), SQLValue(now)])
        } else {
            try connection.execute("DELETE FROM api_keys WHERE id = $1", [SQLValue(id)])
        }
    }

    /// All of a user, but for that of the data folder's file.
    static func removeAll(of user: String, on connection: any SQLConnection) throws {
        try connection.execute(
            "DELETE FROM api_keys WHERE user_id = $1 AND id <> $2", [SQLValue(user), SQLValue(APIKey.firstID)])
    }

    static func touch(_ id: String, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute("UPDATE api_keys SET last_used = $2 WHERE id = $1", [SQLValue(id), SQLValue(now)])
    }

    /// Takes in the text of the data folder's file: a key that may do all, unless it was revoked as it stands.
    package static func adopt(_ text: String, now: Int64, on connection: any SQLConnection) throws {
        let digest = try connection.query("SELECT digest FROM api_keys WHERE id = $1", [SQLValue(APIKey.firstID)]).first?.text("digest")
        guard digest != Digest.hex(text) else { return }
        try connection.execute("DELETE FROM api_keys WHERE id = $1", [SQLValue(APIKey.firstID)])
        let key = APIKey(
            id: APIKey.firstID, userID: User.firstID, name: "keys/api-token of the data folder", hint: APIKey.hint(of: text),
            scopes: Scopes.all, created: now, expires: nil, lastUsed: nil)
        try insert(key, text: text, on: connection)
    }
}
