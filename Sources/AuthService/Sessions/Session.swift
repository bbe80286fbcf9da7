import Foundation
import Persistence
import WebAPI

/// A sign-in, by whatever way. What is handed out for it — access and refresh tokens, the page's cookie — ends with it.
package struct Session: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// By the API, with tokens.
        case api
        /// Of the page, with a cookie.
        case page
        /// Of a client of OAuth.
        case oauth
    }

    package let id: String
    /// Nil for a client of OAuth that acts for itself.
    package let userID: String?
    package let kind: Kind
    package var clientID: String?
    /// The API key that opened it, with which it ends.
    package var keyID: String?
    /// Nil for all that the user may do.
    package var scopes: [String]?
    /// What the client says of itself, cut to size.
    package let agent: String
    package let address: String
    /// Milliseconds since 1970, as all times.
    package let created: Int64
    package var lastUsed: Int64
    package var expires: Int64
    package var revoked: Int64?

    /// Whom tokens of it name.
    package var subject: String { userID ?? clientID ?? "" }

    func isActive(now: Int64) -> Bool { revoked == nil && now < expires }

    /// Roles and scopes that what is handed out for it has: who gives a client less than `admin` gives it no power over others.
    func principal(_ user: User?) -> Principal {
        Scopes.principal(subject: subject, roles: user?.roles ?? [], scopes: scopes, session: id)
    }
}

extension Scopes {
    /// - Parameter scopes: nil for all.
    static func principal(subject: String, roles: Set<Role>, scopes: [String]?, session: String?) -> Principal {
        guard let scopes, !scopes.contains(admin) else {
            return Principal(subject: subject, roles: roles, scopes: nil, session: session)
        }
        return Principal(subject: subject, roles: roles.subtracting([.staff]), scopes: Set(scopes), session: session)
    }
}

/// Who asks, as a session shows it to its owner.
package struct ClientTrace: Sendable {
    package let agent: String
    package let address: String

    package init(agent: String?, address: String?) {
        // Nothing that a terminal or a log would obey.
        self.agent = String(
            String.UnicodeScalarView((agent ?? "").unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }).prefix(200))
        self.address = address ?? ""
    }
}
