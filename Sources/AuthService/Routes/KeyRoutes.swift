import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/auth/keys/`: API keys of one's own.
struct KeyRoutes: Sendable {
    let core: AuthCore

    private static let path = "/api/auth/keys/"

    private static let members: [JSONSchema.Property] = [
        .required("id", .string()), .required("name", .string()), .required("hint", .string().described("How the key begins")),
        .required("scopes", .array(.choice(Scopes.all))), .required("created", .dateTime), .required("expires", .dateTime.nullable),
        .required("last_used", .dateTime.nullable),
    ]
    private static let schema = JSONSchema.object(members).named("APIKey")
    private static let withText = JSONSchema.object(members + [.required("key", .string().described("Shown this once"))]).named("NewAPIKey")

    private static let body = JSONSchema.object(
        .required("name", .string(1...APIKey.nameLength).described("What it is for")),
        .required("scopes", .array(.choice(Scopes.all), count: 1...50).described("`admin` may do all that its user may")),
        .optional("expires", .dateTime.nullable)
    ).named("APIKeyFields")

    var routes: [Route] {
        [
            Route(
                .get, Self.path, "One's API keys, without their secrets",
                Endpoint("auth", parameters: Parameter.paging(), answers: [.page(of: Self.schema)])
            ) { call in try await list(call) },
            Route(
                .post, Self.path, "Make an API key, which is shown this once",
                Endpoint("auth", body: .json(Self.body), answers: [.created(Self.withText), .conflict("There are too many already")])
            ) { call in try await make(call) },
            Route(
                .delete, Self.path + "{id}/", "Revoke an API key, with the sessions it has opened",
                Endpoint("auth", parameters: [Parameter(.path, "id", .string(1...64), "Id")], answers: [.noContent])
            ) { call in
                let (user, id) = (try await core.account(call), try call.path("id"))
                guard try await core.removeKey(id, of: user.id) else { throw APIError.notFound }
                return .noContent
            },
        ]
    }

    private func list(_ call: Call) async throws -> Response {
        let user = try await core.account(call)
        let page = try PageRequest(call.request)
        let (keys, count) = try await core.database.read { connection in
            (
                try APIKeyTable.list(of: user.id, limit: page.pageSize, offset: page.offset, on: connection),
                try APIKeyTable.count(of: user.id, on: connection)
            )
        }
        let base = call.request.base(publicURL: core.settings.publicURL)
        return .json(
            .ok, try page.body(keys.map { JSONValue.object(Self.json($0)).json }, count: count, request: call.request, base: base))
    }

    private func make(_ call: Call) async throws -> Response {
        let user = try await core.account(call)
        let scopes = Set(call.body["scopes"]?.elements.compactMap(\.string) ?? [])
        let expires = call.body["expires"]?.string.flatMap { Timestamp.milliseconds($0) }
        if let expires, expires <= core.now { throw APIError.invalid("expires", "The time has passed already.") }
        let (key, text) = try await core.addKey(
            of: user.id, name: call.body["name"]?.string ?? "", scopes: Scopes.all.filter { scopes.contains($0) }, expires: expires)
        return .secret(.created, .object(Self.json(key).merging(["key": .string(text)]) { $1 }))
    }

    private static func json(_ key: APIKey) -> [String: JSONValue] {
        func time(_ milliseconds: Int64?) -> JSONValue { milliseconds.map { .string(Timestamp.text(milliseconds: $0)) } ?? .null }
        return [
            "id": .string(key.id), "name": .string(key.name), "hint": .string(key.hint), "scopes": .array(key.scopes.map { .string($0) }),
            "created": time(key.created), "expires": time(key.expires), "last_used": time(key.lastUsed),
        ]
    }
}

extension AuthCore {
    /// - Returns: the key, and its text, which is nowhere else.
    /// - Throws: `APIError` 409 where the user has as many as the setting allows.
    package func addKey(of user: String, name: String, scopes: [String], expires: Int64?) async throws -> (APIKey, text: String) {
        let text = APIKey.makeText()
        let key = APIKey(userID: user, name: name, hint: APIKey.hint(of: text), scopes: scopes, created: now, expires: expires)
        let limit = settings.keysPerUser
        try await change { connection, endings, _ in
            guard try APIKeyTable.count(of: user, on: connection) < limit else {
                throw APIError(
                    .conflict, code: "too_many_keys",
                    detail: "There are \(limit) keys already, as many as the setting keys-per-user allows.")
            }
            try APIKeyTable.insert(key, text: text, on: connection)
        }
        return (key, text)
    }

    /// - Parameter user: whose it has to be; nil for anybody's.
    /// - Returns: false where there is no such key.
    package func removeKey(_ id: String, of user: String?) async throws -> Bool {
        try await change { connection, endings, time in
            guard let key = try APIKeyTable.find(id, on: connection), user == nil || key.userID == user else { return false }
            for session in try SessionTable.active(ofKey: id, on: connection) { try endings.end(session, now: time, on: connection) }
            try APIKeyTable.remove(id, now: Timestamp.milliseconds(time), on: connection)
            endings.forgetLookUps()
            return true
        }
    }
}
