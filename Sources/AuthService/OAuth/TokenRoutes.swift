import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/oauth/token/` and `/oauth/revoke/`: what clients exchange and give back (RFC 6749 section 3.2, RFC 7009).
struct TokenRoutes: Sendable {
    let core: AuthCore
    let verifier: AccessTokenVerifier

    private static let form = "application/x-www-form-urlencoded"
    static let errorSchema = JSONSchema.object(
        .required("error", .string()), .optional("error_description", .string())
    ).named("OAuthError")
    static let errors = [
        Endpoint.Answer(400, "What is wrong (RFC 6749 section 5.2)", errorSchema),
        Endpoint.Answer(401, "The client is not known, or its secret is wrong", errorSchema),
    ]

    private static let tokens = JSONSchema.object(
        .required("access_token", .string()), .required("token_type", .choice(["Bearer"])), .required("expires_in", .integer()),
        .optional("refresh_token", .string()), .optional("id_token", .string()), .optional("scope", .string())
    ).named("OAuthTokens")

    private static let tokenForm = JSONSchema.object(
        .required("grant_type", .choice(["authorization_code", "refresh_token", "client_credentials"])), .optional("code", .string()),
        .optional("redirect_uri", .string()), .optional("code_verifier", .string()), .optional("refresh_token", .string()),
        .optional("scope", .string()), .optional("client_id", .string()), .optional("client_secret", .string(format: .password)))

    private static let revokeForm = JSONSchema.object(
        .required("token", .string()), .optional("token_type_hint", .string()), .optional("client_id", .string()),
        .optional("client_secret", .string(format: .password)))

    var routes: [Route] {
        [
            Route(
                .post, "/oauth/token/", "Exchange a code, a refresh token, or a client's own credentials for tokens",
                Endpoint("oauth", access: .anyone, body: .raw(Self.form, Self.tokenForm), answers: [.ok(Self.tokens)] + Self.errors)
            ) { request, context in
                try await Self.answering { try await token(request, ClientTrace(request, context, core)) }
            },
            Route(
                .post, "/oauth/revoke/", "Give a token back; its session ends",
                Endpoint(
                    "oauth", access: .anyone, body: .raw(Self.form, Self.revokeForm),
                    answers: [Endpoint.Answer(200, "It is worth nothing now")] + Self.errors)
            ) { request, _ in try await Self.answering { try await revoke(request) } },
        ]
    }

    /// Errors in OAuth's form.
    static func answering(_ body: () async throws -> Response) async throws -> Response {
        do { return try await body() } catch let error as OAuthError { return error.response() }
    }

    private func token(_ request: Request, _ trace: ClientTrace) async throws -> Response {
        let form = try await ClientForm(request)
        let client = try await core.client(of: form)
        let name = try form.require("grant_type")
        guard let grant = OAuthClient.Grant(rawValue: name), grant != .introspection else {
            throw OAuthError(.unsupportedGrantType, "there is no grant of that type here")
        }
        guard client.grants.contains(grant) else { throw OAuthError(.unauthorizedClient, "the client may not use this grant") }
        switch grant {
        case .authorizationCode: return try await exchange(form, client, trace)
        case .refreshToken: return try await refresh(form, client)
        default: return try await own(form, client, trace)
        }
    }

    // MARK: Grants

    private enum Exchange: Sendable {
        case granted(AuthCore.Grant, AuthorizationCodes.Entry)
        case refused(String)
    }

    private func exchange(_ form: ClientForm, _ client: OAuthClient, _ trace: ClientTrace) async throws -> Response {
        let (code, redirect) = (try form.require("code"), try form.require("redirect_uri"))
        let verifier = try form.require("code_verifier")
        let outcome: Exchange = try await core.change { [core] connection, endings, time in
            let now = Timestamp.milliseconds(time)
            guard let entry = try AuthorizationCodes.find(code, on: connection), entry.clientID == client.id else {
                return .refused("the code is not known")
            }
            guard entry.sessionID.isEmpty else {
                // Somebody has copied it: what came of it is worth nothing (RFC 6749 section 4.1.2).
                if let session = try SessionTable.find(entry.sessionID, on: connection) {
                    try endings.end(session, now: time, on: connection)
                }
                return .refused("the code was used already")
            }
            guard now < entry.expires else { return .refused("the code has expired") }
            guard entry.redirectURI == redirect else { return .refused("redirect_uri is another than the code was asked with") }
            guard AuthorizationRequest.verify(verifier, challenge: entry.challenge) else { return .refused("code_verifier is wrong") }
            guard let user = try UserTable.find(entry.userID, on: connection), user.isActive else { return .refused("the user is gone") }
            let opening = AuthCore.Opening(
                kind: .oauth, clientID: client.id, scopes: entry.scopes, isRefreshable: client.grants.contains(.refreshToken))
            let grant = try core.open(opening, for: user, trace, now: now, on: connection)
            try AuthorizationCodes.use(code, for: grant.session.id, on: connection)
            return .granted(grant, entry)
        }
        guard case .granted(let grant, let entry) = outcome else {
            guard case .refused(let reason) = outcome else { throw OAuthError(.invalidGrant, "") }
            throw OAuthError(.invalidGrant, reason)
        }
        return try await tokens(grant, authenticated: entry.authenticated, nonce: entry.nonce)
    }

    private func refresh(_ form: ClientForm, _ client: OAuthClient) async throws -> Response {
        let token = try form.require("refresh_token")
        let unknown = OAuthError(.invalidScope, "a scope is not known, or was not given")
        // Less than was given will do (RFC 6749 section 6); looked at before the token is used up.
        let scopes = try form.values["scope"].map { text throws(OAuthError) in
            guard let scopes = Scopes.parse(text) else { throw unknown }
            return scopes
        }
        let grant: AuthCore.Grant
        do { grant = try await core.refresh(token, client: client.id, scopes: scopes) } catch is AuthCore.ScopeNotGiven {
            throw unknown
        } catch let error as APIError where error.status == .unauthorized {
            throw OAuthError(.invalidGrant, "the refresh token is not valid, or has expired")
        }
        return try await tokens(grant, authenticated: nil, nonce: nil)
    }

    /// A client that acts for itself (RFC 6749 section 4.4).
    private func own(_ form: ClientForm, _ client: OAuthClient, _ trace: ClientTrace) async throws -> Response {
        guard client.isConfidential else { throw OAuthError(.unauthorizedClient, "a client without a secret cannot act for itself") }
        let allowed = client.scopes.filter { !Scopes.identity.contains($0) }
        let scopes = form.values["scope"].map { Scopes.parse($0, among: Scopes.all) } ?? allowed
        guard let scopes, Set(scopes).isSubset(of: allowed) else {
            throw OAuthError(.invalidScope, "a scope is not known, or not for this client")
        }
        let grant = try await core.change { [core] connection, _, time in
            let opening = AuthCore.Opening(kind: .oauth, clientID: client.id, scopes: scopes, isRefreshable: false)
            return try core.open(opening, for: nil, trace, now: Timestamp.milliseconds(time), on: connection)
        }
        return try await tokens(grant, authenticated: nil, nonce: nil)
    }

    private func tokens(_ grant: AuthCore.Grant, authenticated: Int64?, nonce: String?) async throws -> Response {
        var members: [String: JSONValue] = [
            "access_token": .string(try await core.accessToken(grant)), "token_type": "Bearer",
            "expires_in": .number(.init(Int(core.settings.accessLifetime / .seconds(1)))),
            "scope": .string((grant.session.scopes ?? []).joined(separator: " ")),
        ]
        if let token = grant.refreshToken { members["refresh_token"] = .string(token) }
        if grant.user != nil, grant.session.scopes?.contains("openid") == true {
            members["id_token"] = .string(try await core.idToken(grant.session, authenticated: authenticated, nonce: nonce))
        }
        return .secret(.ok, .object(members))
    }

    // MARK: Revocation

    private func revoke(_ request: Request) async throws -> Response {
        let form = try await ClientForm(request)
        let client = try await core.client(of: form)
        let token = try form.require("token")
        let named = try await verifier.claims(of: token, now: core.clock())?.sid
        try await core.change { connection, endings, time in
            guard let id = try named ?? RefreshTokens.find(token, on: connection)?.session,
                let session = try SessionTable.find(id, on: connection), session.clientID == client.id
            else { return }
            try endings.end(session, now: time, on: connection)
        }
        return Response(status: .ok, headers: [.cacheControl: "no-store"])
    }
}

extension ClientTrace {
    init(_ request: Request, _ context: APIRequestContext, _ core: AuthCore) {
        self.init(agent: request.headers[.userAgent], address: context.clientAddress(trusting: core.settings.trustedProxies))
    }
}
