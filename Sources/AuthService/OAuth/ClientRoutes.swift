import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/auth/clients/`: clients of OAuth, for staff.
struct ClientRoutes: Sendable {
    let core: AuthCore

    private static let path = "/api/auth/clients/"
    private static let members: [JSONSchema.Property] = [
        .required("id", .uuid), .required("name", .string()), .required("confidential", .boolean),
        .required("redirect_uris", .array(.string())), .required("grants", .array(.choice(OAuthClient.Grant.self))),
        .required("scopes", .array(.string())), .required("created", .dateTime),
    ]
    private static let schema = JSONSchema.object(members).named("OAuthClient")
    private static let withSecret = JSONSchema.object(
        members + [.required("secret", .string().nullable.described("Shown this once; null for a public client"))]
    ).named("NewOAuthClient")
    private static let body = JSONSchema.object(
        .required("name", .string(1...OAuthClient.nameLength).described("Users see it when they are asked")),
        .optional("confidential", .boolean.described("Whether it can keep a secret").defaulting(to: true)),
        .optional("redirect_uris", .array(.string(1...2000), count: 0...OAuthClient.redirectLimit).described("Compared as texts")),
        .required("grants", .array(.choice(OAuthClient.Grant.self), count: 1...4)),
        .optional("scopes", .array(.choice(Scopes.all + Scopes.identity), count: 0...50).described("What it may ask for at most"))
    ).named("OAuthClientFields")

    var routes: [Route] {
        [
            Route(
                .get, Self.path, "List clients",
                Endpoint("oauth", access: .staff, parameters: Parameter.paging(), answers: [.page(of: Self.schema)])
            ) { call in
                let page = try PageRequest(call.request)
                let (clients, count) = try await core.database.read { connection in
                    (
                        try OAuthClientTable.list(limit: page.pageSize, offset: page.offset, on: connection),
                        try OAuthClientTable.count(on: connection)
                    )
                }
                let base = call.request.base(publicURL: core.settings.publicURL)
                let texts = clients.map { JSONValue.object(Self.json($0)).json }
                return .json(.ok, try page.body(texts, count: count, request: call.request, base: base))
            },
            Route(
                .post, Self.path, "Make a client; its secret is shown this once",
                Endpoint("oauth", access: .staff, body: .json(Self.body), answers: [.created(Self.withSecret)])
            ) { call in
                let (client, secret) = try await core.addClient(
                    name: call.body["name"]?.string ?? "", isConfidential: call.body["confidential"]?.bool ?? true,
                    redirectURIs: call.body["redirect_uris"]?.elements.compactMap(\.string) ?? [],
                    grants: Set((call.body["grants"]?.elements ?? []).compactMap { $0.string.flatMap { OAuthClient.Grant(rawValue: $0) } }),
                    scopes: call.body["scopes"]?.elements.compactMap(\.string) ?? [])
                return .secret(.created, .object(Self.json(client).merging(["secret": secret.map { .string($0) } ?? .null]) { $1 }))
            },
            Route(
                .delete, Self.path + "{id}/", "Delete a client; what it was given ends",
                Endpoint("oauth", access: .staff, answers: [.noContent])
            ) { call in
                guard try await core.removeClient(try call.id()) else { throw APIError.notFound }
                return .noContent
            },
        ]
    }

    private static func json(_ client: OAuthClient) -> [String: JSONValue] {
        func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        return [
            "id": .string(client.id), "name": .string(client.name), "confidential": .bool(client.isConfidential),
            "redirect_uris": list(client.redirectURIs), "grants": list(client.grants.map(\.rawValue).sorted()),
            "scopes": list(client.scopes), "created": .string(Timestamp.text(milliseconds: client.created)),
        ]
    }
}

extension AuthCore {
    /// - Returns: the client, and its secret, which is nowhere else; nil for a public one.
    /// - Throws: `APIError` 400.
    package func addClient(
        name: String, isConfidential: Bool, redirectURIs: [String], grants: Set<OAuthClient.Grant>, scopes: [String]
    ) async throws -> (OAuthClient, secret: String?) {
        var errors: [String: [String]] = [:]
        for address in redirectURIs { if let problem = OAuthClient.problem(redirectURI: address) { errors["redirect_uris"] = [problem] } }
        if grants.contains(.authorizationCode), redirectURIs.isEmpty { errors["redirect_uris"] = ["This list may not be empty."] }
        if !isConfidential, !grants.isDisjoint(with: [.clientCredentials, .introspection]) {
            errors["grants"] = ["A client without a secret cannot use client_credentials or introspection."]
        }
        guard let known = Scopes.parse(scopes.joined(separator: " ")) else { throw APIError.invalid("scopes", "Not a valid choice.") }
        if !errors.isEmpty { throw APIError(invalid: errors) }
        let secret = isConfidential ? SecretFile.random() : nil
        let client = OAuthClient(
            id: UUIDv7.make(), name: name, secretDigest: secret.map(Digest.hex) ?? "", redirectURIs: redirectURIs, grants: grants,
            scopes: known, created: now)
        try await database.write { try OAuthClientTable.insert(client, on: $0) }
        return (client, secret)
    }

    /// - Returns: false where there is none of that id.
    package func removeClient(_ id: String) async throws -> Bool {
        try await change { connection, endings, time in
            guard try OAuthClientTable.find(id, on: connection) != nil else { return false }
            for session in try SessionTable.active(ofClient: id, on: connection) { try endings.end(session, now: time, on: connection) }
            try OAuthClientTable.delete(id, on: connection)
            return true
        }
    }
}
