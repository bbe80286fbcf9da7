import Foundation
import HTTPTypes
import Hummingbird

/// Tells from a request's credentials who makes it: a bearer token (RFC 6750), which is an access token or an API key, or the page's
/// session cookie.
public struct Authenticator: Sendable {
    private let tokens: AccessTokenVerifier
    private let directory: any CredentialDirectory

    public init(tokens: AccessTokenVerifier, directory: any CredentialDirectory) {
        self.tokens = tokens
        self.directory = directory
    }

    /// Whom a bearer token stands for; nil where it is not valid.
    /// - Throws: `APIError` 503 where it cannot be told now.
    public func principal(ofToken token: String) async throws -> Principal? {
        // A key of ours has no dots, a token has two.
        if token.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 2 { return try await tokens.claims(of: token)?.principal }
        return try await directory.principal(ofKey: token)
    }

    /// The principal of a request; nil for an anonymous one.
    ///
    /// - Throws: `APIError` 401 where a token is given and wrong; 403 where a page of another site may have sent the cookie:
    ///   a request that changes something must carry `X-Requested-With`, which no cross-site form can.
    public func principal(of request: Request) async throws -> Principal? {
        if let header = request.headers[.authorization] {
            let parts = header.split(separator: " ", maxSplits: 1)
            // Clients of OAuth name themselves by Basic (RFC 6749 section 2.3.1): those few routes look at it themselves.
            if parts.first?.lowercased() == "basic", request.uri.path.hasPrefix(Self.clientPaths) { return nil }
            guard parts.count == 2, parts[0].lowercased() == "bearer", let principal = try await principal(ofToken: String(parts[1])) else {
                throw APIError(
                    .unauthorized, code: "authentication_failed", detail: "The token is not valid.",
                    headers: [.wwwAuthenticate: "Bearer error=\"invalid_token\""])
            }
            return principal
        }
        guard let principal = try await principal(ofCookies: Self.cookies(SessionCookie.name, of: request)) else { return nil }
        if !Self.isSafe(request.method), request.headers[Self.requestedWith] == nil, !request.uri.path.hasPrefix(Self.clientPaths) {
            throw APIError(
                .forbidden, code: "csrf_failed", detail: "A change made with the session cookie needs the header X-Requested-With.")
        }
        return principal
    }

    /// Routes of OAuth, whose forms carry a proof of their own against other sites.
    private static let clientPaths = "/oauth/"

    private static let requestedWith = HTTPField.Name("X-Requested-With")!

    private static func isSafe(_ method: HTTPRequest.Method) -> Bool {
        method == .get || method == .head || method == .options
    }

    /// The first that is good. Another server of the same host, or a page that it shows, may have set one of that name, too: cookies know
    /// no port.
    private func principal(ofCookies cookies: [String]) async throws -> Principal? {
        for cookie in cookies.prefix(Self.mostCookies) {
            if let principal = try await directory.principal(ofCookie: cookie) { return principal }
        }
        return nil
    }

    private static let mostCookies = 4

    private static func cookies(_ name: String, of request: Request) -> [String] {
        request.headers[values: .cookie].flatMap { $0.split(separator: ";") }.compactMap { pair in
            let pair = pair.drop { $0 == " " }
            return pair.hasPrefix(name + "=") ? String(pair.dropFirst(name.count + 1)) : nil
        }
    }
}

/// Puts the principal into the context, and refuses wrong credentials: too many of them from one address by 429, for who tries keys must not
/// try them as fast as the line carries.
struct AuthenticationMiddleware: RouterMiddleware {
    let authenticator: Authenticator
    let throttle: Throttle?

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        do { context.principal = try await authenticator.principal(of: request) } catch {
            if let refusal = error as? APIError, refusal.status == .unauthorized { try throttle?.admitRefused(context) }
            throw error
        }
        return try await next(request, context)
    }
}
