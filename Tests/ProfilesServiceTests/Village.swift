import Events
import Foundation
import Logging
import Persistence
import ProfilesService
import Schemas
import ServiceTestSupport
import TestSupport
import WebAPI

/// Profiles with their users, over HTTP.
struct Village: Sendable {
    let bench: ServiceBench
    let address: String
    /// What is served.
    let routes: [Route]

    static let ana = Principal(subject: UUIDv7.make(), roles: [.specialist])
    static let vet = Principal(subject: UUIDv7.make(), roles: [.specialist, .businessman])
    static let eva = Principal(subject: UUIDv7.make(), roles: [.consumer])
    static let staff = Principal(subject: UUIDv7.make(), roles: [.staff])
    static let reader = Principal(subject: ana.subject, roles: [.specialist], scopes: ["profiles:read"])

    /// A specialist; another, who has a company too; a consumer; who runs the place; may look but not touch; nobody.
    var ana: HTTPTestClient { HTTPTestClient(address, token: "ana") }
    var vet: HTTPTestClient { HTTPTestClient(address, token: "vet") }
    var eva: HTTPTestClient { HTTPTestClient(address, token: "eva") }
    var staff: HTTPTestClient { HTTPTestClient(address, token: "staff") }
    var reader: HTTPTestClient { HTTPTestClient(address, token: "reader") }
    var nobody: HTTPTestClient { HTTPTestClient(address) }

    static func open(
        _ dialect: SQLDialect, settings: ProfilesSettings = ProfilesSettings(), users: Int = 0,
        _ body: @escaping @Sendable (Village) async throws -> Void
    ) async throws {
        let bench = try await ServiceBench(dialect, service: "profiles", ProfilesService.migrations)
        let logger = Logger(label: "profiles")
        let relay = OutboxRelay(database: bench.database, log: bench.log, logger: logger)
        let profiles = ProfilesService(
            database: bench.database, log: bench.log, settings: settings, logger: logger, wakeRelay: { relay.wake() })
        var keys = ["ana": ana, "vet": vet, "eva": eva, "staff": staff, "reader": reader]
        for number in 0..<users { keys["user-\(number)"] = Principal(subject: UUIDv7.make(), roles: [.specialist, .consumer]) }
        try await TestServer.run(profiles.routes, keys: keys, services: [relay] + profiles.services) { (server: TestServer) in
            try await body(Village(bench: bench, address: server.address, routes: profiles.routes))
        }
        await bench.database.close()
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Creates a specialist's profile; its JSON.
    @discardableResult
    func create(_ json: String, by client: HTTPTestClient? = nil) async throws -> [String: Any] {
        try await create("specialists", json, by: client)
    }

    @discardableResult
    func create(_ kind: String, _ json: String, by client: HTTPTestClient? = nil) async throws -> [String: Any] {
        let answer = try await (client ?? ana).send(.POST, "/api/profiles/\(kind)/", json: json)
        guard answer.status == 201 else { throw Failure(description: "\(answer.status) \(answer.text)") }
        return answer.json
    }

    /// Names of a list's page.
    func names(_ query: String = "", _ kind: String = "specialists", by client: HTTPTestClient? = nil) async throws -> [String] {
        let answer = try await (client ?? nobody).get("/api/profiles/\(kind)/?" + query)
        guard answer.status == 200 else { throw Failure(description: "\(answer.status) \(answer.text)") }
        return (answer.json["results"] as? [[String: Any]] ?? []).compactMap { $0["display_name"] as? String }
    }

    func patch(_ path: String, _ json: String, by client: HTTPTestClient, match: String? = nil) async throws -> HTTPTestClient.Answer {
        var headers = ["Content-Type": "application/json"]
        headers["If-Match"] = match
        return try await client.request(.PATCH, path, headers: headers, body: Data(json.utf8))
    }

    func tellMedia(_ type: String, _ id: String, owner: Principal = ana, status: String = "ready", visibility: String = "public")
        async throws
    {
        let record: JSONValue = [
            "id": .string(id), "owner": .string(owner.subject), "kind": "image", "status": .string(status),
            "visibility": .string(visibility),
            "width": 800, "height": 600, "placeholder": "abc", "color": "#102030", "url": .string("/media/\(id)/original"),
            "renditions": [["name": "thumb", "width": 160, "height": 160, "format": "webp", "url": .string("/media/\(id)/thumb.webp")]],
        ]
        try await bench.tell(type, "media.events", id, type == "media.deleted" ? ["id": .string(id)] : record)
    }

    func tellUser(_ type: String, _ user: Principal, name: String = "ana", active: Bool = true) async throws {
        let data: JSONValue = [
            "id": .string(user.subject), "username": .string(name), "display_name": .string(name.capitalized),
            "roles": .array(user.roles.map { .string($0.rawValue) }), "is_active": .bool(active),
        ]
        try await bench.tell(type, "user.events", user.subject, type == "user.deleted" ? ["id": .string(user.subject)] : data)
    }

    /// Types of the events that were told of a profile.
    func told(_ id: String) async throws -> [String] {
        try await bench.events("user.events").filter { $0.subject == id }.map(\.type)
    }
}
