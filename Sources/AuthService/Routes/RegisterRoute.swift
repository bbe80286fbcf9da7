import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `POST /api/auth/register/`.
struct RegisterRoute: Sendable {
    let core: AuthCore

    private static let body = JSONSchema.object(
        .required("username", UserFields.username), .required("password", UserFields.password), .optional("email", UserFields.email),
        .optional("first_name", UserFields.name), .optional("last_name", UserFields.name),
        .optional("role", UserFields.openRole.defaulting(to: .string(Role.consumer.rawValue))), .optional("language", UserFields.language)
    ).named("Registration")

    var routes: [Route] {
        [
            Route(
                .post, "/api/auth/register/", "Make an account, and sign in",
                Endpoint(
                    "auth",
                    details: """
                        The e-mail address is the account's when the link that is sent to it has been followed; an address that is another \
                        account's is answered alike, and its owner is told by mail.
                        """, access: .anyone, body: .json(Self.body), answers: [.created(TokenJSON.schemaWithUser)])
            ) { call in try await register(call) }
        ]
    }

    private func register(_ call: Call) async throws -> Response {
        guard core.settings.isRegistrationOpen else {
            throw APIError(.forbidden, code: "registration_closed", detail: "Accounts are made by the staff of this installation.")
        }
        let trace = call.trace(core)
        var draft = User(id: UUIDv7.make(), username: "", created: core.now, language: call.language)
        try UserFields.apply(call.body, to: &draft)
        draft.email = call.body["email"]?.string ?? ""
        draft.roles = [call.body["role"]?.string.flatMap { Role(rawValue: $0) } ?? .consumer]
        let password = call.body["password"]?.string ?? ""
        try core.check(password, for: draft, field: "password")
        let now = core.now
        try await core.countUsername(trace, now: now)
        // Looked at before the costly part, and again within the transaction.
        let name = draft.username
        let isTaken = try await core.database.read { try UserTable.find(username: name, on: $0) != nil }
        if isTaken { throw UserChanges.usernameTaken }
        draft.password = try await core.hasher.hash(password)
        let user = draft
        let grant = try await core.change { [core] connection, _, time in
            try UserChanges.create(user, now: time, on: connection)
            try core.writeToClaimed(user.email, of: user, now: now, on: connection)
            return try core.open(.init(), for: user, trace, now: now, on: connection)
        }
        return .secret(.created, try await core.tokens(grant, user: UserJSON.value(user, hasTOTP: false)))
    }
}
