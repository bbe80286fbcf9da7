import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/auth/users/`: all accounts, for staff.
struct UserRoutes: Sendable {
    let core: AuthCore

    private static let path = "/api/auth/users/"
    private static let orderings = ["created": "created", "username": "username_key", "last_login": "last_login"]
    private static let id = Parameter(.path, "id", .string(1...64), "Id")

    private static let fields: [JSONSchema.Property] = [
        .optional("email", UserFields.email), .optional("email_verified", .boolean), .optional("first_name", UserFields.name),
        .optional("last_name", UserFields.name), .optional("roles", .array(.choice(Role.self), count: 1...4)),
        .optional("is_active", .boolean), .optional("password", UserFields.password), .optional("language", UserFields.language),
    ]
    private static let body = JSONSchema.object([.required("username", UserFields.username)] + fields).named("NewUser")
    private static let patch = JSONSchema.object([.optional("username", UserFields.username)] + fields).named("UserChangeByStaff")

    var routes: [Route] {
        [
            Route(
                .get, Self.path, "List accounts",
                Endpoint(
                    "users", access: .staff,
                    parameters: Parameter.paging() + [
                        .search, .ordering(Self.orderings.keys), .query("role", .choice(Role.self), "Accounts of a role"),
                        .query("is_active", .boolean, "Whether they can sign in"),
                    ], answers: [.page(of: UserJSON.schema)])
            ) { call in try await list(call) },
            Route(
                .post, Self.path, "Make an account",
                Endpoint("users", access: .staff, body: .json(Self.body), answers: [.created(UserJSON.schema)])
            ) { call in try await make(call) },
            Route(
                .get, Self.path + "{id}/", "An account",
                Endpoint("users", access: .staff, parameters: [Self.id], answers: [.ok(UserJSON.schema)]).tagged
            ) { call in
                let user = try await found(call)
                return call.answer(try await core.describe(user).json, tag: UserJSON.tag(user))
            },
            Route(
                .patch, Self.path + "{id}/", "Change an account, disable and enable it",
                Endpoint(
                    "users", access: .staff, parameters: [Self.id, .ifMatch], body: .json(Self.patch),
                    answers: [.ok(UserJSON.schema), .conflict("Not one's own roles, nor whether one is active")])
            ) { call in try await change(call) },
            Route(
                .delete, Self.path + "{id}/", "Delete an account, with all that belongs to it",
                Endpoint(
                    "users", access: .staff, parameters: [Self.id],
                    answers: [.noContent, .conflict("The account that the installation began with stays")])
            ) { call in
                let known = try await found(call)
                try await core.change { connection, endings, time in
                    guard let user = try UserTable.find(known.id, on: connection) else { throw APIError.notFound }
                    try UserChanges.delete(user, &endings, now: time, on: connection)
                }
                return .noContent
            },
        ]
    }

    private func found(_ call: Call) async throws -> User {
        let id = try call.path("id")
        guard let user = try await core.database.read({ try UserTable.find(id, on: $0) }) else { throw APIError.notFound }
        return user
    }

    private func list(_ call: Call) async throws -> Response {
        let page = try PageRequest(call.request)
        let ordering = try Ordering(call.request, columns: Self.orderings, fallback: "-created", tieBreaker: "id")
        let filter = UserFilter(
            search: call.parameters.string("search"), role: call.parameters.string("role").flatMap { Role(rawValue: $0) },
            isActive: call.parameters.bool("is_active"))
        let (users, count) = try await core.database.read { connection in
            (
                try UserTable.list(filter, ordering: ordering.clause, limit: page.pageSize, offset: page.offset, on: connection).map {
                    try UserJSON.value($0, on: connection).json
                }, try UserTable.count(filter, on: connection)
            )
        }
        let base = call.request.base(publicURL: core.settings.publicURL)
        return .json(.ok, try page.body(users, count: count, request: call.request, base: base))
    }

    private func make(_ call: Call) async throws -> Response {
        var draft = User(id: UUIDv7.make(), username: "", created: core.now)
        try UserFields.apply(call.body, to: &draft)
        try Self.apply(call.body, to: &draft)
        if let password = call.body["password"]?.string {
            try core.check(password, for: draft, field: "password")
            draft.password = try await core.hasher.hash(password)
        }
        let user = draft
        try await core.create(user)
        return .created(
            UserJSON.value(user, hasTOTP: false).json,
            location: call.request.base(publicURL: core.settings.publicURL) + Self.path + user.id + "/", tag: UserJSON.tag(user))
    }

    private func change(_ call: Call) async throws -> Response {
        let known = try await found(call)
        // Whose account it is has the keys of the storage, which staff have not: nobody takes it over by a new password.
        guard try known.id != User.firstID || call.user().subject == User.firstID else { throw APIError.permissionDenied }
        var hash: StoredPassword?
        if let password = call.body["password"]?.string {
            try core.check(password, for: known, field: "password")
            hash = try await core.hasher.hash(password)
        }
        let own = try call.user().subject == known.id
        let (user, json) = try await core.change { [core, hash] connection, endings, time in
            guard let before = try UserTable.find(known.id, on: connection) else { throw APIError.notFound }
            try call.requireMatch(UserJSON.tag(before))
            var user = before
            try UserFields.apply(call.body, to: &user)
            try Self.apply(call.body, to: &user)
            if own, user.roles != before.roles || user.isActive != before.isActive {
                throw APIError(
                    .conflict, code: "own_account", detail: "Nobody takes away their own rights; ask another member of the staff.")
            }
            try UserChanges.requireFree(user, on: connection)
            try UserChanges.update(&user, from: before, &endings, now: time, on: connection)
            if let hash {
                try UserChanges.setPassword(hash, of: &user, keeping: nil, &endings, core: core, now: time, on: connection)
            }
            return (user, try UserJSON.value(user, on: connection))
        }
        return call.answer(json.json, tag: UserJSON.tag(user))
    }

    /// What staff alone may say of an account.
    private static func apply(_ body: JSONValue, to user: inout User) throws(APIError) {
        if let email = body["email"]?.string, email != user.email { (user.email, user.isEmailVerified) = (email, false) }
        if let isVerified = body["email_verified"]?.bool { user.isEmailVerified = isVerified }
        if user.email.isEmpty { user.isEmailVerified = false }
        if let roles = body["roles"]?.elements { user.roles = Set(roles.compactMap { $0.string.flatMap { Role(rawValue: $0) } }) }
        if let isActive = body["is_active"]?.bool { user.isActive = isActive }
    }
}

extension AuthCore {
    /// - Throws: `APIError` 400 where the username, or an address that is said to be verified, is another's.
    package func create(_ user: User) async throws {
        try await change { connection, _, time in
            try UserChanges.requireFree(user, on: connection)
            try UserChanges.create(user, now: time, on: connection)
        }
    }
}
