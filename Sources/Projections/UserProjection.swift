import Events
import Foundation
import Persistence
import Schemas

/// What a service that is not the auth service knows of users, in a table of its own database, fed by `user.events`.
public enum UserProjection {
    public static let topic = "user.events"

    /// Events that are about accounts' state.
    public static let types = ["user.created", "user.updated", "user.deleted"]

    public static let migration = Migration(
        "0001-user-projection",
        """
        CREATE TABLE user_accounts (
            id TEXT PRIMARY KEY, username TEXT NOT NULL, display_name TEXT NOT NULL, roles TEXT NOT NULL, is_active BIGINT NOT NULL,
            is_deleted BIGINT NOT NULL);
        """)

    /// What an event did to a user.
    public struct Change: Sendable {
        /// Nil where the user was not known.
        public let before: UserAccount?
        public let after: UserAccount

        /// Whether the user is gone for good.
        public var isDeletion: Bool { after.isDeleted && before?.isDeleted != true }
    }

    /// Takes an event of the topic in.
    /// - Returns: nil where it is about no account's state.
    public static func apply(_ event: CloudEvent, on connection: any SQLConnection) throws -> Change? {
        guard types.contains(event.type) else { return nil }
        let before = try find([event.subject], on: connection)[event.subject]
        let data = try JSONValue(parsing: Data(event.data.utf8))
        let isDeleted = event.type == "user.deleted" || before?.isDeleted == true
        let after = UserAccount(
            id: event.subject,
            // A user who is gone leaves no name behind.
            username: isDeleted ? "" : data["username"]?.string ?? before?.username ?? "",
            displayName: isDeleted ? "" : data["display_name"]?.string ?? before?.displayName ?? "",
            roles: isDeleted ? [] : data["roles"].map { $0.elements.compactMap(\.string) } ?? before?.roles ?? [],
            isActive: !isDeleted && (data["is_active"]?.bool ?? before?.isActive ?? true), isDeleted: isDeleted)
        try connection.execute(
            """
            INSERT INTO user_accounts (id, username, display_name, roles, is_active, is_deleted) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (id) DO UPDATE SET username = excluded.username, display_name = excluded.display_name, roles = excluded.roles,
                is_active = excluded.is_active, is_deleted = excluded.is_deleted
            """,
            [
                SQLValue(after.id), SQLValue(after.username), SQLValue(after.displayName), SQLValue(after.roles.joined(separator: " ")),
                SQLValue(after.isActive), SQLValue(after.isDeleted),
            ])
        return Change(before: before, after: after)
    }

    /// The users of the ids that are known, deleted ones among them.
    public static func find(_ ids: some Collection<String>, on connection: any SQLConnection) throws -> [String: UserAccount] {
        var found: [String: UserAccount] = [:]
        try connection.forEachChunk(of: ids) { places, values in
            let rows = try connection.query(
                "SELECT id, username, display_name, roles, is_active, is_deleted FROM user_accounts WHERE id IN (\(places))", values)
            for row in rows {
                let id = try row.text("id")
                found[id] = UserAccount(
                    id: id, username: try row.text("username"), displayName: try row.text("display_name"),
                    roles: try row.text("roles").split(separator: " ").map(String.init), isActive: try row.bool("is_active"),
                    isDeleted: try row.bool("is_deleted"))
            }
        }
        return found
    }
}

/// A user as another service knows it.
public struct UserAccount: Sendable, Hashable {
    public let id: String
    public let username: String
    /// What others see; the user's name where nothing else was said.
    public let displayName: String
    public let roles: [String]
    public let isActive: Bool
    public let isDeleted: Bool

    /// The user in an answer; one that is not known yet has an id only.
    public static func json(_ id: String, _ account: UserAccount?) -> JSONValue {
        [
            "id": .string(id), "username": account.map { .string($0.username) } ?? .null,
            "display_name": account.map { .string($0.displayName.isEmpty ? $0.username : $0.displayName) } ?? .null,
        ]
    }

    public static let schema = JSONSchema.object(
        .required("id", .string()), .required("username", .string().nullable), .required("display_name", .string().nullable)
    ).named("UserReference")
}
