import Foundation
import Persistence
import WebAPI

/// An application that acts for users, or for itself (RFC 6749 section 2).
package struct OAuthClient: Sendable, Equatable {
    package enum Grant: String, Sendable, CaseIterable {
        case authorizationCode = "authorization_code"
        case refreshToken = "refresh_token"
        case clientCredentials = "client_credentials"
        /// No grant of RFC 6749: the client is a service that may ask about every token (RFC 7662).
        case introspection
    }

    package let id: String
    package let name: String
    /// Digest of its secret; empty for a public client, which cannot keep one.
    package let secretDigest: String
    package let redirectURIs: [String]
    package let grants: Set<Grant>
    /// What it may ask for at most.
    package let scopes: [String]
    package let created: Int64

    package init(
        id: String, name: String, secretDigest: String, redirectURIs: [String], grants: Set<Grant>, scopes: [String], created: Int64
    ) {
        self.id = id
        self.name = name
        self.secretDigest = secretDigest
        self.redirectURIs = redirectURIs
        self.grants = grants
        self.scopes = scopes
        self.created = created
    }

    package var isConfidential: Bool { !secretDigest.isEmpty }

    package static let nameLength = 100
    package static let redirectLimit = 20

    /// What is wrong with an address to go back to; nil where nothing is. Fragments are forbidden (RFC 6749 section 3.1.2), plain HTTP
    /// but for a program on the user's own machine (RFC 8252 section 8.3).
    package static func problem(redirectURI text: String) -> String? {
        guard text.utf8.count <= 2000, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x3c && $0 != 0x3e }),
            let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(), url.fragment == nil, url.user == nil
        else { return "Enter a valid URL, without a fragment." }
        switch scheme {
        case "https": return url.host?.isEmpty == false ? nil : "Enter a valid URL, without a fragment."
        case "http":
            let isLocal = ["localhost", "127.0.0.1", "[::1]"].contains(url.host ?? "")
            return isLocal ? nil : "Only https:// is taken, but for localhost."
        default:
            // An app's own scheme has to be a name that it owns (RFC 8252 section 7.1).
            return scheme.contains(".") ? nil : "The scheme has to be https, or a reversed domain name such as org.example.app."
        }
    }

    func accepts(secret: String) -> Bool {
        isConfidential && ConstantTime.areEqual(Array(Digest.hex(secret).utf8), Array(secretDigest.utf8))
    }
}

/// The tables of OAuth's clients and of what users have allowed them.
package enum OAuthClientTable {
    private static let columns = "id, name, secret_digest, redirect_uris, grants, scopes, created"

    private static func client(_ row: SQLRow) throws -> OAuthClient {
        OAuthClient(
            id: try row.text("id"), name: try row.text("name"), secretDigest: try row.text("secret_digest"),
            redirectURIs: try row.text("redirect_uris").split(separator: "\n").map(String.init),
            grants: Set(try row.text("grants").split(separator: " ").compactMap { OAuthClient.Grant(rawValue: String($0)) }),
            scopes: try row.text("scopes").split(separator: " ").map(String.init), created: Int64(try row.int("created")))
    }

    static func insert(_ client: OAuthClient, on connection: any SQLConnection) throws {
        try connection.execute(
            "INSERT INTO oauth_clients (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [
                SQLValue(client.id), SQLValue(client.name), SQLValue(client.secretDigest),
                SQLValue(client.redirectURIs.joined(separator: "\n")),
                SQLValue(client.grants.map(\.rawValue).sorted().joined(separator: " ")), SQLValue(client.scopes.joined(separator: " ")),
                SQLValue(client.created),
            ])
    }

    package static func find(_ id: String, on connection: any SQLConnection) throws -> OAuthClient? {
        try connection.query("SELECT \(columns) FROM oauth_clients WHERE id = $1", [SQLValue(id)]).first.map(client)
    }

    package static func list(limit: Int, offset: Int, on connection: any SQLConnection) throws -> [OAuthClient] {
        try connection.query("SELECT \(columns) FROM oauth_clients ORDER BY created DESC, id DESC LIMIT \(limit) OFFSET \(offset)").map(
            client)
    }

    static func count(on connection: any SQLConnection) throws -> Int {
        try connection.query("SELECT COUNT(*) AS clients FROM oauth_clients").first?.int("clients") ?? 0
    }

    static func delete(_ id: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM oauth_clients WHERE id = $1", [SQLValue(id)])
    }

    /// What the user has allowed the client before.
    static func consent(_ user: String, _ client: String, on connection: any SQLConnection) throws -> Set<String> {
        let row = try connection.query(
            "SELECT scopes FROM oauth_consents WHERE user_id = $1 AND client_id = $2", [SQLValue(user), SQLValue(client)]
        ).first
        return Set(try row?.text("scopes").split(separator: " ").map(String.init) ?? [])
    }

    static func setConsent(_ user: String, _ client: String, _ scopes: Set<String>, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO oauth_consents (user_id, client_id, scopes, given) VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id, client_id) DO UPDATE SET scopes = excluded.scopes, given = excluded.given
            """, [SQLValue(user), SQLValue(client), SQLValue(scopes.sorted().joined(separator: " ")), SQLValue(now)])
    }

    static func forgetConsents(of user: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM oauth_consents WHERE user_id = $1", [SQLValue(user)])
    }
}
