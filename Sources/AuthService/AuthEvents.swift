import Events
import Schemas
import WebAPI

/// The events of the auth service, as they are declared to those who listen. Neither address nor hash is ever among them.
public enum AuthEvents {
    private static let user = JSONSchema.object(
        .required("id", .string(1...64)), .required("username", .string(1...254)), .required("display_name", .string(0...400)),
        .required("roles", .array(.choice(Role.self))), .required("is_active", .boolean),
        .required("version", .integer(0...Int(Int32.max)).described("Grows with each change"))
    ).named("UserOfEvents")

    public static let types: [EventType] = [
        EventType("user.created", topic: AuthService.topic, "An account was made.", data: user),
        EventType("user.updated", topic: AuthService.topic, "Name, roles or state of an account changed.", data: user),
        EventType("user.deleted", topic: AuthService.topic, "An account is gone.", data: .object(.required("id", .string(1...64)))),
        EventType(
            RevocationList.eventType, topic: AuthService.topic,
            "Access tokens are worth nothing any more: those of a session, or those of a user that are older than a change of the account.",
            data: .object(
                .required("user", .string(1...64)), .required("session", .string(1...64).nullable),
                .required("minimum_version", .integer(0...Int(Int32.max)).nullable))),
    ]
}
