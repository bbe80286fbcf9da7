import Events
import Schemas
import WebAPI

/// The events of the auth service (`UserEvents`), as they are declared to those who listen.
public enum UserEventTypes {
    public static let all: [EventType] = [
        EventType("user.created", topic: AuthService.topic, "An account was made.", data: account),
        EventType("user.updated", topic: AuthService.topic, "Name, roles or state of an account changed.", data: account),
        EventType("user.deleted", topic: AuthService.topic, "An account is gone.", data: .object(.required("id", id))),
        EventType(
            RevocationList.eventType, topic: AuthService.topic, "A sign-in has ended, or all tokens older than a version of the account.",
            data: .object(
                .required("user", id), .required("session", JSONSchema.string(1...200).nullable),
                .required("minimum_version", JSONSchema.integer(0...9_007_199_254_740_991).nullable))),
    ]

    private static let id = JSONSchema.string(1...200).described("The user's.")

    private static let account = JSONSchema.object(
        .required("id", id), .required("username", .string(1...1000)), .required("display_name", .string()),
        .required("roles", .array(.choice(Role.self))), .required("is_active", .boolean),
        .required("version", .integer(0...9_007_199_254_740_991).described("Grows with each change that ends tokens."))
    ).named("UserOfEvents")
}
