import Events
import Foundation
import Persistence
import WebAPI

/// What is told of users, on the topic `user.events`: never an e-mail address, never a hash.
enum UserEvents {
    static let source = "/agrovet/auth"

    enum Change: String {
        case created = "user.created"
        case updated = "user.updated"
        case deleted = "user.deleted"
    }

    /// Of a user that is deleted, the id alone.
    static func append(_ change: Change, _ user: User, now: Date, on connection: any SQLConnection) throws {
        var members = [("id", JSONText.string(user.id))]
        if change != .deleted {
            members += [
                ("username", JSONText.string(user.username)), ("display_name", JSONText.string(user.displayName)),
                ("roles", "[" + user.sortedRoles.map(JSONText.string).joined(separator: ",") + "]"),
                ("is_active", user.isActive ? "true" : "false"), ("version", "\(user.version)"),
            ]
        }
        try append(change.rawValue, subject: user.id, members, now: now, on: connection)
    }

    /// That a sign-in has ended.
    static func appendRevoked(session: String, of subject: String, now: Date, on connection: any SQLConnection) throws {
        try append(
            RevocationList.eventType, subject: subject,
            [("user", JSONText.string(subject)), ("session", JSONText.string(session)), ("minimum_version", "null")], now: now,
            on: connection)
    }

    /// That tokens of a user that are older than a change of the account are worth nothing.
    static func appendRevoked(olderThan version: Int, of subject: String, now: Date, on connection: any SQLConnection) throws {
        try append(
            RevocationList.eventType, subject: subject,
            [("user", JSONText.string(subject)), ("session", "null"), ("minimum_version", "\(version)")], now: now, on: connection)
    }

    private static func append(
        _ type: String, subject: String, _ members: [(String, String)], now: Date, on connection: any SQLConnection
    ) throws {
        let event = CloudEvent(
            id: UUIDv7.make(), source: source, type: type, subject: subject, time: now, data: JSONText.object(members))
        try Outbox.append(event, topic: AuthService.topic, on: connection)
    }
}
