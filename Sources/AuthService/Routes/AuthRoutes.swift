import Foundation
import Hummingbird
import Schemas
import WebAPI

extension AuthService {
    public var routes: [Route] {
        let verifier = AccessTokenVerifier(
            issuer: core.issuer, audience: core.settings.audience, keys: core.ring, revocations: core.revocations)
        return RegisterRoute(core: core).routes + LoginRoutes(core: core).routes + MeRoutes(core: core).routes
            + PasswordRoutes(core: core).routes
            + EmailRoutes(core: core).routes + SessionRoutes(core: core).routes + TOTPRoutes(core: core).routes
            + KeyRoutes(core: core).routes
            + UserRoutes(core: core).routes + PageSessionRoutes(core: core).routes + AuthorizeRoutes(core: core).routes
            + TokenRoutes(core: core, verifier: verifier).routes + IntrospectRoutes(core: core, verifier: verifier).routes
            + MetadataRoutes(core: core).routes + ClientRoutes(core: core).routes
    }
}

extension Call {
    /// Who asks, as a session shows it.
    func trace(_ core: AuthCore) -> ClientTrace {
        ClientTrace(agent: request.headers[.userAgent], address: context.clientAddress(trusting: core.settings.trustedProxies))
    }

    var language: MailLanguage { MailLanguage(acceptLanguage: request.headers[.acceptLanguage]) }
}

extension AuthCore {
    /// The account that asks.
    /// - Throws: `APIError` 401; 403 for a client of OAuth that acts for itself.
    func account(_ call: Call) async throws -> User {
        let subject = try call.user().subject
        guard let user = try await database.read({ try UserTable.find(subject, on: $0) }) else { throw APIError.permissionDenied }
        return user
    }

    func describe(_ user: User) async throws -> JSONValue { try await database.read { try UserJSON.value(user, on: $0) } }
}

extension Response {
    /// With secrets in it: no cache keeps it.
    static func secret(_ status: HTTPResponse.Status, _ value: JSONValue) -> Response {
        .json(status, value.json, headers: [.cacheControl: "no-store"])
    }
}
