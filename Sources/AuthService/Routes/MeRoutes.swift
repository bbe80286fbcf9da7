import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/auth/me/`: one's own account.
struct MeRoutes: Sendable {
    let core: AuthCore

    private static let path = "/api/auth/me/"

    private static let patch = JSONSchema.object(
        .optional("username", UserFields.username), .optional("first_name", UserFields.name), .optional("last_name", UserFields.name),
        .optional("email", UserFields.email.described("Takes the place of the confirmed one when the link sent to it has been followed")),
        .optional("roles", .array(UserFields.openRole, count: 1...3).described("Staff stay staff")),
        .optional("language", UserFields.language),
        .optional("current_password", .string(0...1024, format: .password).described("For another e-mail address"))
    ).named("UserChange")

    private static let deletion = JSONSchema.object(.optional("current_password", .string(0...1024, format: .password)))

    var routes: [Route] {
        [
            Route(.get, Self.path, "Who is signed in", Endpoint("auth", answers: [.ok(UserJSON.schema)]).tagged) { call in
                let user = try await core.account(call)
                return call.answer(try await core.describe(user).json, tag: UserJSON.tag(user))
            },
            Route(
                .patch, Self.path, "Change one's own account",
                Endpoint("auth", parameters: [.ifMatch], body: .json(Self.patch), answers: [.ok(UserJSON.schema)])
            ) { call in try await change(call) },
            Route(
                .delete, Self.path, "Delete one's own account, with all that belongs to it",
                Endpoint(
                    "auth", body: .optionalJSON(Self.deletion),
                    answers: [.noContent, .conflict("The account that the installation began with stays")])
            ) { call in try await delete(call) },
        ]
    }

    private func change(_ call: Call) async throws -> Response {
        let known = try await core.account(call)
        let email = call.body["email"]?.string
        let changesEmail = email != nil && email != known.email
        if changesEmail { try await confirm(call.body["current_password"]?.string, of: known) }
        try call.requireMatch(UserJSON.tag(known))
        var wanted = known
        try UserFields.apply(call.body, to: &wanted)
        // In a transaction of its own: what refuses the change must not take the count back.
        if Username.key(wanted.username) != Username.key(known.username) { try await core.countUsername(call.trace(core), now: core.now) }
        let (user, json) = try await core.change { [core] connection, endings, time in
            guard let before = try UserTable.find(known.id, on: connection) else { throw APIError.notFound }
            try call.requireMatch(UserJSON.tag(before))
            var user = before
            try UserFields.apply(call.body, to: &user)
            if let roles = call.body["roles"]?.elements.compactMap({ $0.string.flatMap { Role(rawValue: $0) } }) {
                user.roles = Set(roles).union(before.roles.intersection([.staff]))
            }
            if changesEmail, let email {
                if email.isEmpty || !before.isEmailVerified { (user.email, user.isEmailVerified) = (email, false) }
            }
            try UserChanges.update(&user, from: before, &endings, now: time, on: connection)
            if changesEmail, let email { try core.writeToClaimed(email, of: user, now: Timestamp.milliseconds(time), on: connection) }
            return (user, try UserJSON.value(user, on: connection))
        }
        return call.answer(json.json, tag: UserJSON.tag(user))
    }

    private func delete(_ call: Call) async throws -> Response {
        let known = try await core.account(call)
        try await confirm(call.body["current_password"]?.string, of: known)
        try await core.change { connection, endings, time in
            guard let user = try UserTable.find(known.id, on: connection) else { throw APIError.notFound }
            try UserChanges.delete(user, &endings, now: time, on: connection)
        }
        var response = Response.noContent
        response.headers[.setCookie] = core.cookie("", maxAge: 0)
        return response
    }

    /// Who has a password shows that they know it.
    private func confirm(_ password: String?, of user: User) async throws {
        guard user.password.isUsable else { return }
        guard let password else { throw APIError.invalid("current_password", SchemaProblem.required.message) }
        try await core.confirm(password, of: user, field: "current_password")
    }
}
