import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/oauth/introspect/` (RFC 7662) and `/oauth/userinfo/` (OpenID Connect Core 1.0 section 5.3).
struct IntrospectRoutes: Sendable {
    let core: AuthCore
    let verifier: AccessTokenVerifier

    private static let form = JSONSchema.object(
        .required("token", .string()), .optional("token_type_hint", .string()), .optional("client_id", .string()),
        .optional("client_secret", .string(format: .password)))

    private static let answer = JSONSchema.object(
        .required("active", .boolean), .optional("sub", .string()), .optional("client_id", .string()), .optional("username", .string()),
        .optional("scope", .string().described("Absent for all that the user may do")), .optional("roles", .array(.string())),
        .optional("sid", .string()), .optional("token_type", .string()), .optional("exp", .integer()), .optional("iat", .integer()),
        .optional("iss", .string()), .optional("aud", .string()), .optional("jti", .string())
    ).named("Introspection")

    private static let claims = JSONSchema.object(
        .required("sub", .string()), .optional("name", .string()), .optional("given_name", .string()), .optional("family_name", .string()),
        .optional("preferred_username", .string()), .optional("locale", .string()), .optional("roles", .array(.string())),
        .optional("email", .string()), .optional("email_verified", .boolean)
    ).named("UserInfo")

    var routes: [Route] {
        let userInfo = Endpoint("oauth", scope: "openid", answers: [.ok(Self.claims)])
        return [
            Route(
                .post, "/oauth/introspect/", "What a token is good for, for services and the client that it was given to",
                Endpoint(
                    "oauth", access: .anyone, body: .raw("application/x-www-form-urlencoded", Self.form),
                    answers: [.ok(Self.answer)] + TokenRoutes.errors)
            ) { request, _ in try await TokenRoutes.answering { try await introspect(request) } },
            Route(.get, "/oauth/userinfo/", "Who the user of a token is", userInfo) { call in try await describe(call) },
            Route(.post, "/oauth/userinfo/", "Who the user of a token is", userInfo) { call in try await describe(call) },
        ]
    }

    private static let inactive: [String: JSONValue] = ["active": false]

    private func introspect(_ request: Request) async throws -> Response {
        let form = try await ClientForm(request)
        let client = try await core.client(of: form)
        guard client.isConfidential else { throw OAuthError(.unauthorizedClient, "only clients with a secret may ask") }
        let token = try form.require("token")
        let mayAskAll = client.grants.contains(.introspection)
        let found =
            if let claims = try await verifier.claims(of: token, now: core.clock()) {
                mayAskAll || claims.client_id == client.id ? try await describe(claims) : Self.inactive
            } else if token.hasPrefix(RefreshTokens.prefix) {
                try await describe(refreshToken: token, client: mayAskAll ? nil : client.id)
            } else if mayAskAll {
                try await describe(credential: token, isCookie: form.values["token_type_hint"] == "session_cookie")
            } else {
                // Whether a key or a cookie is right is no business of a client.
                Self.inactive
            }
        return .secret(.ok, .object(found))
    }

    private func describe(_ claims: AccessTokenClaims) async throws -> [String: JSONValue] {
        let now = core.now
        let (session, user) = try await core.database.read { connection in
            (try SessionTable.find(claims.sid, on: connection), try UserTable.find(claims.sub, on: connection))
        }
        guard let session, session.isActive(now: now), session.userID == nil || (user?.isActive == true && user?.version ?? 0 >= claims.ver)
        else { return Self.inactive }
        var members = Self.members(claims.principal)
        members.merge([
            "token_type": "Bearer", "exp": .number(.init(claims.exp)), "iat": .number(.init(claims.iat)), "iss": .string(claims.iss),
            "aud": .string(claims.aud), "jti": .string(claims.jti),
        ]) { $1 }
        if let id = claims.client_id { members["client_id"] = .string(id) }
        if let user { members["username"] = .string(user.username) }
        return members
    }

    private func describe(refreshToken token: String, client: String?) async throws -> [String: JSONValue] {
        let now = core.now
        return try await core.database.read { connection in
            guard let entry = try RefreshTokens.find(token, on: connection), entry.used == nil, now < entry.expires,
                let session = try SessionTable.find(entry.session, on: connection), session.isActive(now: now),
                client == nil || session.clientID == client
            else { return Self.inactive }
            let user = try session.userID.flatMap { try UserTable.find($0, on: connection) }
            var members = Self.members(session.principal(user))
            members["exp"] = .number(.init(entry.expires / 1000))
            if let id = session.clientID { members["client_id"] = .string(id) }
            if let user { members["username"] = .string(user.username) }
            return members
        }
    }

    private func describe(credential: String, isCookie: Bool) async throws -> [String: JSONValue] {
        let directory = AuthDirectory(core: core)
        let principal = isCookie ? try await directory.principal(ofCookie: credential) : try await directory.principal(ofKey: credential)
        return principal.map(Self.members) ?? Self.inactive
    }

    private static func members(_ principal: Principal) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "active": true, "sub": .string(principal.subject),
            "roles": .array(principal.roles.map(\.rawValue).sorted().map { .string($0) }),
        ]
        if let scopes = principal.scopes { members["scope"] = .string(scopes.sorted().joined(separator: " ")) }
        if let session = principal.session { members["sid"] = .string(session) }
        return members
    }

    private func describe(_ call: Call) async throws -> Response {
        let user = try await core.account(call)
        let scopes = try call.user().scopes
        var members: [String: JSONValue] = ["sub": .string(user.id)]
        if scopes?.contains("profile") ?? true {
            members["name"] = .string(user.displayName)
            members["preferred_username"] = .string(user.username)
            members["locale"] = .string(user.language.rawValue)
            members["roles"] = .array(user.sortedRoles.map { .string($0) })
            if !user.firstName.isEmpty { members["given_name"] = .string(user.firstName) }
            if !user.lastName.isEmpty { members["family_name"] = .string(user.lastName) }
        }
        if scopes?.contains("email") ?? true, !user.email.isEmpty {
            members["email"] = .string(user.email)
            members["email_verified"] = .bool(user.isEmailVerified)
        }
        return .secret(.ok, .object(members))
    }
}
