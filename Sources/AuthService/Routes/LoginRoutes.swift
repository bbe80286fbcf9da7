import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/auth/login/`, `refresh/`, `logout/`.
struct LoginRoutes: Sendable {
    let core: AuthCore

    private static let credentials = JSONSchema.object(
        .optional("username", .string(1...254).described("A username, or an e-mail address that is confirmed")),
        .optional("email", .string(1...254).described("In place of the username")),
        .required("password", .string(1...1024, format: .password)),
        .optional("otp", UserFields.code)
    ).named("Credentials")

    private static let refreshBody = JSONSchema.object(.required("refresh", .string(1...200)))

    var routes: [Route] {
        [
            Route(
                .post, "/api/auth/login/", "Sign in for tokens",
                Endpoint(
                    "auth",
                    details: """
                        401 `no_active_account` says nothing of whether there is such an account. 401 `otp_required` and `otp_invalid` ask \
                        for the code of the second factor. Attempts that fail make the next ones wait: 429.
                        """, access: .anyone, body: .json(Self.credentials), answers: [.ok(TokenJSON.schemaWithUser)])
            ) { call in try await login(call) },
            Route(
                .post, "/api/auth/refresh/", "Exchange a refresh token for the next tokens",
                Endpoint(
                    "auth", details: "A token that was used before ends its session: somebody has copied it.", access: .anyone,
                    body: .json(Self.refreshBody), answers: [.ok(TokenJSON.schema)])
            ) { call in
                .secret(.ok, try await core.tokens(try await core.refresh(call.body["refresh"]?.string ?? "", client: nil)))
            },
            Route(
                .post, "/api/auth/logout/", "End the session of the credentials, or of a refresh token",
                Endpoint(
                    "auth", access: .anyone, body: .optionalJSON(.object(.optional("refresh", .string(0...200)))), answers: [.noContent])
            ) { call in try await logout(call) },
        ]
    }

    private func login(_ call: Call) async throws -> Response {
        let trace = call.trace(core)
        let (grant, user) = try await core.signIn(try Self.credentials(call.body), trace) { [core] user, connection, now in
            (try core.open(.init(), for: user, trace, now: now, on: connection), try UserJSON.value(user, on: connection))
        }
        return .secret(.ok, try await core.tokens(grant, user: user))
    }

    /// - Throws: `APIError` 400 where nobody is named.
    static func credentials(_ body: JSONValue) throws(APIError) -> AuthCore.Credentials {
        guard let login = body["username"]?.string ?? body["email"]?.string else {
            throw APIError.invalid("username", SchemaProblem.required.message)
        }
        return AuthCore.Credentials(
            login: login, password: body["password"]?.string ?? "", code: body["otp"]?.string)
    }

    private func logout(_ call: Call) async throws -> Response {
        let token = call.body["refresh"]?.string
        let current = call.principal?.session
        try await core.change { connection, endings, time in
            for id in [current, try token.flatMap({ try RefreshTokens.find($0, on: connection)?.session })] {
                // Of the API and the page: clients of OAuth have an endpoint of their own.
                guard let id, let session = try SessionTable.find(id, on: connection), session.kind != .oauth || id == current else {
                    continue
                }
                try endings.end(session, now: time, on: connection)
            }
        }
        var response = Response.noContent
        response.headers[.setCookie] = core.cookie("", maxAge: 0)
        return response
    }
}

extension AuthCore {
    /// The page's cookie as a header has it.
    func cookie(_ value: String, maxAge: Int) -> String {
        "\(SessionCookie.name)=\(value); Path=/; Max-Age=\(maxAge); HttpOnly; SameSite=Strict" + (settings.secureCookies ? "; Secure" : "")
    }
}
