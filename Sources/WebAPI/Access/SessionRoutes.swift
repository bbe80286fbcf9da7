import Foundation
import Hummingbird

/// `/api/session/`: how the console page signs in, asks who it is, and signs out.
public struct SessionRoutes: Sendable {
    private let authenticator: Authenticator
    /// Whether the cookie is sent over TLS only.
    private let secureCookies: Bool

    public init(authenticator: Authenticator, secureCookies: Bool) {
        self.authenticator = authenticator
        self.secureCookies = secureCookies
    }

    public var routes: [Route] {
        [
            Route(.get, "/api/session/", "Who is signed in") { _, context in Self.state(context.principal?.subject) },
            Route(.post, "/api/session/", "Sign in with a one-time code or the API token") { request, _ in try await signIn(request) },
            Route(.delete, "/api/session/", "Sign out") { _, _ in
                var response = Response(status: .noContent)
                response.headers[.setCookie] = cookie("", maxAge: 0)
                return response
            },
        ]
    }

    private struct Credentials: Decodable {
        let code: String?
        let token: String?
    }

    private func signIn(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: 16 * 1024)
        guard let credentials = try? JSONDecoder().decode(Credentials.self, from: Data(buffer: body)) else {
            throw APIError(.badRequest, code: "parse_error", detail: "The body is not the JSON object that is expected here.")
        }
        let subject =
            credentials.code.flatMap { authenticator.sessions.redeem($0) } ?? credentials.token.flatMap(authenticator.subject(ofToken:))
        guard let subject else {
            throw APIError(
                .unauthorized, code: "authentication_failed", detail: "The code or token is not valid, or was used already.",
                headers: [.wwwAuthenticate: "Bearer"])
        }
        var response = Self.state(subject)
        response.headers[.setCookie] = cookie(authenticator.sessions.open(for: subject), maxAge: Int(authenticator.sessions.lifetime))
        return response
    }

    private func cookie(_ value: String, maxAge: Int) -> String {
        "\(Sessions.cookie)=\(value); Path=/; Max-Age=\(maxAge); HttpOnly; SameSite=Strict" + (secureCookies ? "; Secure" : "")
    }

    private static func state(_ subject: String?) -> Response {
        let body = JSONText.object([
            ("signed_in", subject == nil ? "false" : "true"), ("subject", subject.map(JSONText.string) ?? "null"),
        ])
        var response = Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
        response.headers[.contentType] = "application/json"
        response.headers[.cacheControl] = "no-store"
        return response
    }
}
