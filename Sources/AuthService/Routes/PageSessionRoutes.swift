import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/session/`: how the page signs in, asks who it is, and signs out.
struct PageSessionRoutes: Sendable {
    let core: AuthCore

    private static let path = "/api/session/"

    private static let state = JSONSchema.object(
        .required("signed_in", .boolean), .required("subject", .string().nullable), .required("user", UserJSON.schema.nullable)
    ).named("PageSession")

    private static let body = JSONSchema.object(
        .optional("code", .string(0...200).described("The one-time code of the address that the server prints at its start")),
        .optional("token", .string(0...500).described("An API key of the scope admin")),
        .optional("username", .string(0...254).described("A username, or an e-mail address that is confirmed")),
        .optional("password", .string(0...1024, format: .password)), .optional("otp", UserFields.code)
    ).named("PageSignIn")

    var routes: [Route] {
        [
            Route(.get, Self.path, "Who is signed in", Endpoint("session", access: .anyone, answers: [.ok(Self.state)])) { call in
                let subject = call.principal?.subject
                let user = try await core.database.read { connection in
                    try subject.flatMap { try UserTable.find($0, on: connection) }.map { try UserJSON.value($0, on: connection) }
                }
                return Self.answer(subject, user)
            },
            Route(
                .post, Self.path, "Sign in with a password, a one-time code, or an API key",
                Endpoint("session", access: .anyone, body: .json(Self.body), answers: [.ok(Self.state)])
            ) { call in try await signIn(call) },
            Route(.delete, Self.path, "Sign out", Endpoint("session", access: .anyone, answers: [.noContent])) { call in
                let current = call.principal?.session
                try await core.change { connection, endings, time in
                    guard let session = try current.flatMap({ try SessionTable.find($0, on: connection) }), session.kind == .page else {
                        return
                    }
                    try endings.end(session, now: time, on: connection)
                }
                var response = Response.noContent
                response.headers[.setCookie] = core.cookie("", maxAge: 0)
                return response
            },
        ]
    }

    private static let refusal = APIError(
        .unauthorized, code: "authentication_failed", detail: "The code or token is not valid, or was used already.",
        headers: [.wwwAuthenticate: "Bearer"])

    private func signIn(_ call: Call) async throws -> Response {
        let trace = call.trace(core)
        let grant: AuthCore.Grant
        if let login = call.body["username"]?.string {
            let credentials = AuthCore.Credentials(
                login: login, password: call.body["password"]?.string ?? "", code: call.body["otp"]?.string)
            grant = try await core.signInPage(credentials, trace)
        } else if let code = call.body["code"]?.string {
            guard let subject = core.pageSessions.redeem(code, now: core.clock()) else { throw Self.refusal }
            grant = try await open(trace) { connection in try UserTable.find(subject, on: connection).map { ($0, nil) } }
        } else {
            let token = call.body["token"]?.string ?? ""
            grant = try await open(trace) { [core] connection in
                guard let key = try APIKeyTable.find(text: token, on: connection), key.expires.map({ core.now < $0 }) ?? true,
                    key.scopes.contains(Scopes.admin)
                else { return nil }
                return try UserTable.find(key.userID, on: connection).map { ($0, key.id) }
            }
        }
        guard let user = grant.user else { throw Self.refusal }
        var response = Self.answer(user.id, try await core.describe(user))
        response.headers[.setCookie] = core.cookie(of: grant)
        return response
    }

    /// - Parameter find: whose session it is, and by which key; nil where nobody's.
    private func open(
        _ trace: ClientTrace, _ find: @escaping @Sendable (any SQLConnection) throws -> (User, key: String?)?
    ) async throws -> AuthCore.Grant {
        try await core.change { [core] connection, _, time in
            guard let (user, key) = try find(connection), user.isActive else { throw Self.refusal }
            return try core.open(.init(kind: .page, keyID: key), for: user, trace, now: Timestamp.milliseconds(time), on: connection)
        }
    }

    private static func answer(_ subject: String?, _ user: JSONValue?) -> Response {
        .secret(
            .ok, ["signed_in": .bool(subject != nil), "subject": subject.map { .string($0) } ?? .null, "user": user ?? .null])
    }
}

extension AuthCore {
    /// Signs in for the page.
    func signInPage(_ credentials: Credentials, _ trace: ClientTrace) async throws -> Grant {
        try await signIn(credentials, trace) { user, connection, now in
            try open(.init(kind: .page), for: user, trace, now: now, on: connection)
        }
    }

    /// The header that gives the page its session.
    func cookie(of grant: Grant) -> String {
        let expires = Date(timeIntervalSince1970: Double(grant.session.expires) / 1000)
        return cookie(pageSessions.cookie(for: grant.session.id, expires: expires), maxAge: Int(pageSessions.lifetime))
    }
}
