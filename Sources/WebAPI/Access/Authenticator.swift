import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// Tells from a request's credentials who makes it: a bearer token (RFC 6750), or the console page's session cookie.
public struct Authenticator: Sendable {
    private let tokenDigest: SHA256.Digest
    private let owner: Principal
    public let sessions: Sessions

    /// - Parameters:
    ///   - token: the API token of the installation.
    ///   - subject: whom the token stands for.
    public init(token: String, subject: String, sessions: Sessions) {
        tokenDigest = SHA256.hash(data: Data(token.utf8))
        owner = Principal(subject: subject, roles: [.staff])
        self.sessions = sessions
    }

    /// Whom a token stands for; nil where it is not valid. Digests are compared, in constant time.
    public func subject(ofToken token: String) -> String? {
        SHA256.hash(data: Data(token.utf8)) == tokenDigest ? owner.subject : nil
    }

    /// The principal of a request; nil for an anonymous one.
    ///
    /// - Throws: `APIError` 401 where a token is given and wrong; 403 where a page of another site may have sent the cookie:
    ///   a request that changes something must carry `X-Requested-With`, which no cross-site form can.
    public func principal(of request: Request) throws(APIError) -> Principal? {
        if let header = request.headers[.authorization] {
            let parts = header.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer", let subject = subject(ofToken: String(parts[1])) else {
                throw APIError(
                    .unauthorized, code: "authentication_failed", detail: "The token is not valid.",
                    headers: [.wwwAuthenticate: "Bearer error=\"invalid_token\""])
            }
            return principal(subject)
        }
        guard let cookie = Self.cookie(Sessions.cookie, of: request), let subject = sessions.subject(ofCookie: cookie) else { return nil }
        if !Self.isSafe(request.method), request.headers[Self.requestedWith] == nil {
            throw APIError(
                .forbidden, code: "csrf_failed", detail: "A change made with the session cookie needs the header X-Requested-With.")
        }
        return principal(subject)
    }

    private func principal(_ subject: String) -> Principal { subject == owner.subject ? owner : Principal(subject: subject) }

    private static let requestedWith = HTTPField.Name("X-Requested-With")!

    private static func isSafe(_ method: HTTPRequest.Method) -> Bool {
        method == .get || method == .head || method == .options
    }

    private static func cookie(_ name: String, of request: Request) -> String? {
        for field in request.headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let pair = pair.drop { $0 == " " }
                if pair.hasPrefix(name + "=") { return String(pair.dropFirst(name.count + 1)) }
            }
        }
        return nil
    }
}

/// Puts the principal into the context, and refuses wrong credentials.
struct AuthenticationMiddleware: RouterMiddleware {
    let authenticator: Authenticator

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.principal = try authenticator.principal(of: request)
        return try await next(request, context)
    }
}
