import Persistence
import Schemas
import WebAPI

/// An account as its owner, and staff, see it.
enum UserJSON {
    static let schema = JSONSchema.object(
        .required("id", .string().described("A UUID; `admin` for the account that the installation began with")),
        .required("username", .string()), .required("email", .string().described("Empty where none is known")),
        .required("email_verified", .boolean.described("Whether the owner has shown that they read it; one signs in by it only then")),
        .required("first_name", .string()), .required("last_name", .string()),
        .required("display_name", .string().described("What others see")), .required("roles", .array(.choice(Role.self))),
        .required("language", .choice(MailLanguage.self)), .required("is_active", .boolean), .required("totp_enabled", .boolean),
        .required("has_password", .boolean), .required("created", .dateTime), .required("last_login", .dateTime.nullable),
        .required("version", .integer())
    ).named("User")

    static func value(_ user: User, hasTOTP: Bool) -> JSONValue {
        [
            "id": .string(user.id), "username": .string(user.username), "email": .string(user.email),
            "email_verified": .bool(user.isEmailVerified), "first_name": .string(user.firstName), "last_name": .string(user.lastName),
            "display_name": .string(user.displayName), "roles": .array(user.sortedRoles.map { .string($0) }),
            "language": .string(user.language.rawValue), "is_active": .bool(user.isActive), "totp_enabled": .bool(hasTOTP),
            "has_password": .bool(user.password.isUsable), "created": .string(Timestamp.text(milliseconds: user.created)),
            "last_login": user.lastLogin.map { .string(Timestamp.text(milliseconds: $0)) } ?? .null,
            "version": .number(.init(user.version)),
        ]
    }

    static func value(_ user: User, on connection: any SQLConnection) throws -> JSONValue {
        value(user, hasTOTP: try SecondFactor.isOn(user.id, on: connection))
    }

    static func tag(_ user: User) -> String { "\"\(user.version)\"" }
}

/// What a sign-in hands out.
enum TokenJSON {
    private static let members: [JSONSchema.Property] = [
        .required("access", .string().described("A JWT: the header `Authorization: Bearer …` carries it")),
        .required("refresh", .string().described("Exchanged for the next two at /api/auth/refresh/, once")),
        .required("token_type", .choice(["Bearer"])), .required("expires_in", .integer().described("Seconds that the access token works")),
    ]

    static let schema = JSONSchema.object(members).named("Tokens")
    static let schemaWithUser = JSONSchema.object(members + [.required("user", UserJSON.schema)]).named("SignIn")
}

extension AuthCore {
    func tokens(_ grant: Grant, user: JSONValue? = nil) async throws -> JSONValue {
        var members: [String: JSONValue] = [
            "access": .string(try await accessToken(grant)), "refresh": .string(grant.refreshToken ?? ""),
            "token_type": "Bearer", "expires_in": .number(.init(Int(settings.accessLifetime / .seconds(1)))),
        ]
        if let user { members["user"] = user }
        return .object(members)
    }
}
