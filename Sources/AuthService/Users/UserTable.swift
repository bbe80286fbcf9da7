import Persistence
import WebAPI

/// The table of accounts.
package enum UserTable {
    static let columns = """
        id, username, email, email_verified, first_name, last_name, roles, active, password, created, last_login, version, language
        """

    static func user(_ row: SQLRow) throws -> User {
        User(
            id: try row.text("id"), username: try row.text("username"), email: try row.text("email"),
            isEmailVerified: try row.bool("email_verified"), firstName: try row.text("first_name"), lastName: try row.text("last_name"),
            roles: Set(try row.text("roles").split(separator: ",").compactMap { Role(rawValue: String($0)) }),
            isActive: try row.bool("active"), password: StoredPassword(try row.text("password")), created: Int64(try row.int("created")),
            lastLogin: try row.optionalInt("last_login").map(Int64.init), version: try row.int("version"),
            language: MailLanguage(rawValue: try row.text("language")) ?? .english)
    }

    package static func find(_ id: String, on connection: any SQLConnection) throws -> User? {
        try connection.query("SELECT \(columns) FROM users WHERE id = $1", [SQLValue(id)]).first.map(user)
    }

    package static func find(username: String, on connection: any SQLConnection) throws -> User? {
        try connection.query("SELECT \(columns) FROM users WHERE username_key = $1", [SQLValue(Username.key(username))]).first.map(user)
    }

    /// The account that has verified the address.
    package static func find(verifiedEmail email: String, on connection: any SQLConnection) throws -> User? {
        try connection.query("SELECT \(columns) FROM users WHERE email_owned = $1", [SQLValue(EmailAddress.key(email))]).first.map(user)
    }

    /// Accounts that say that the address is theirs; the oldest first.
    static func claiming(email: String, limit: Int, on connection: any SQLConnection) throws -> [User] {
        try connection.query(
            "SELECT \(columns) FROM users WHERE email_key = $1 ORDER BY created, id LIMIT \(limit)", [SQLValue(EmailAddress.key(email))]
        ).map(user)
    }

    /// Whom a login names: an address that is verified, or a username.
    package static func find(login: String, on connection: any SQLConnection) throws -> User? {
        if login.contains("@"), let user = try find(verifiedEmail: login, on: connection) { return user }
        return try find(username: login, on: connection)
    }

    /// - Throws: `DatabaseError.uniqueViolation` where the username, or a verified address, is another's.
    static func insert(_ user: User, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO users (id, username, email, email_verified, first_name, last_name, roles, active, password, created, last_login,
                version, language, username_key, email_key, email_owned)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            """, arguments(user))
        try PasswordKindTable.note(user.password, on: connection)
    }

    /// Writes all of a user, whose version rises by this.
    static func update(_ user: inout User, on connection: any SQLConnection) throws {
        user.version += 1
        try connection.execute(
            """
            UPDATE users SET username = $2, email = $3, email_verified = $4, first_name = $5, last_name = $6, roles = $7, active = $8,
                password = $9, created = $10, last_login = $11, version = $12, language = $13, username_key = $14, email_key = $15,
                email_owned = $16
            WHERE id = $1
            """, arguments(user))
        try PasswordKindTable.note(user.password, on: connection)
    }

    /// What is no change of the account: the version stays.
    static func touch(_ user: User, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE users SET last_login = $2, password = $3 WHERE id = $1",
            [SQLValue(user.id), user.lastLogin.map { SQLValue($0) } ?? .null, SQLValue(user.password.text)])
        try PasswordKindTable.note(user.password, on: connection)
    }

    static func delete(_ id: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM users WHERE id = $1", [SQLValue(id)])
    }

    private static func arguments(_ user: User) -> [SQLValue] {
        let emailKey = user.email.isEmpty ? SQLValue.null : SQLValue(EmailAddress.key(user.email))
        return [
            SQLValue(user.id), SQLValue(user.username), SQLValue(user.email), SQLValue(user.isEmailVerified), SQLValue(user.firstName),
            SQLValue(user.lastName), SQLValue(user.sortedRoles.joined(separator: ",")), SQLValue(user.isActive),
            SQLValue(user.password.text), SQLValue(user.created), user.lastLogin.map { SQLValue($0) } ?? .null, SQLValue(user.version),
            SQLValue(user.language.rawValue), SQLValue(Username.key(user.username)), emailKey, user.isEmailVerified ? emailKey : .null,
        ]
    }
}
