import Events
import Foundation
import Logging
import MarketplaceService
import Persistence
import Schemas
import ServiceTestSupport
import TestSupport
import WebAPI

/// A marketplace with its users, over HTTP.
struct Fair: Sendable {
    let bench: ServiceBench
    let address: String

    static let ana = Principal(subject: UUIDv7.make(), roles: [.businessman])
    static let vet = Principal(subject: UUIDv7.make(), roles: [.specialist])
    static let eva = Principal(subject: UUIDv7.make(), roles: [.consumer])
    static let staff = Principal(subject: UUIDv7.make(), roles: [.staff])
    static let reader = Principal(subject: ana.subject, scopes: ["marketplace:read"])

    /// Sells; buys; looks on; runs the place; may look but not touch; nobody.
    var ana: HTTPTestClient { HTTPTestClient(address, token: "ana") }
    var vet: HTTPTestClient { HTTPTestClient(address, token: "vet") }
    var eva: HTTPTestClient { HTTPTestClient(address, token: "eva") }
    var staff: HTTPTestClient { HTTPTestClient(address, token: "staff") }
    var reader: HTTPTestClient { HTTPTestClient(address, token: "reader") }
    var nobody: HTTPTestClient { HTTPTestClient(address) }

    /// - Parameter before: what an earlier version left in its database.
    static func open(
        _ dialect: SQLDialect, settings: MarketplaceSettings = MarketplaceSettings(), payments: any PaymentProvider = OfflinePayment(),
        buyers: Int = 0, before: (@Sendable (any SQLConnection) throws -> Void)? = nil,
        _ body: @escaping @Sendable (Fair) async throws -> Void
    ) async throws {
        let old = MarketplaceService.migrations.prefix { $0.name != "0007-adds-search-rank" }
        let bench = try await ServiceBench(dialect, service: "marketplace", before == nil ? MarketplaceService.migrations : Array(old))
        if let before {
            try await bench.database.write(before)
            try await Migrator.migrate(bench.database, service: "marketplace", MarketplaceService.migrations)
        }
        let logger = Logger(label: "marketplace")
        let relay = OutboxRelay(database: bench.database, log: bench.log, logger: logger)
        let marketplace = MarketplaceService(
            database: bench.database, log: bench.log, payments: payments, settings: settings, logger: logger, wakeRelay: { relay.wake() })
        var keys = ["ana": ana, "vet": vet, "eva": eva, "staff": staff, "reader": reader]
        for number in 0..<buyers { keys["buyer-\(number)"] = Principal(subject: UUIDv7.make(), roles: [.consumer]) }
        try await TestServer.run(marketplace.routes, keys: keys, services: [relay] + marketplace.services) { (server: TestServer) in
            try await body(Fair(bench: bench, address: server.address))
        }
        await bench.database.close()
    }

    /// Posts an ad; its JSON.
    func post(_ json: String, by client: HTTPTestClient? = nil) async throws -> [String: Any] {
        let answer = try await (client ?? ana).send(.POST, "/api/adds/", json: json)
        guard answer.status == 201 else { throw Failure(description: "\(answer.status) \(answer.text)") }
        return answer.json
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let heifers =
        #"{"title":"Novillas Holstein","category":"cattle","price":"1200.00","unit":"head","stock":10,"condition":"live","description":"Vacunadas"}"#

    func buy(
        _ add: String, by client: HTTPTestClient? = nil, key: String = UUIDv7.make(), _ json: String = "{}"
    ) async throws -> HTTPTestClient.Answer {
        try await (client ?? vet).request(
            .POST, "/api/adds/\(add)/purchase/", headers: ["Content-Type": "application/json", "Idempotency-Key": key],
            body: Data(json.utf8))
    }

    func move(_ order: String, _ verb: String, by client: HTTPTestClient, _ json: String = "{}") async throws -> HTTPTestClient.Answer {
        try await client.send(.POST, "/api/orders/\(order)/\(verb)/", json: json)
    }

    func add(_ id: String, by client: HTTPTestClient? = nil) async throws -> [String: Any] {
        try await (client ?? ana).get("/api/adds/\(id)/").json
    }

    /// Titles of a list's page.
    func titles(_ query: String, by client: HTTPTestClient? = nil) async throws -> [String] {
        let answer = try await (client ?? nobody).get("/api/adds/?" + query)
        guard answer.status == 200 else { throw Failure(description: "\(answer.status) \(answer.text)") }
        return (answer.json["results"] as? [[String: Any]] ?? []).compactMap { $0["title"] as? String }
    }

    func tellUser(_ type: String, _ user: Principal, name: String, roles: [String]? = nil, active: Bool = true) async throws {
        let data: JSONValue = [
            "id": .string(user.subject), "username": .string(name), "display_name": .string(name.capitalized),
            "roles": .array((roles ?? user.roles.map(\.rawValue).sorted()).map { .string($0) }), "is_active": .bool(active),
        ]
        try await bench.tell(type, "user.events", user.subject, type == "user.deleted" ? ["id": .string(user.subject)] : data)
    }

    /// Tells of a profile what its service tells of those that everybody sees.
    func tellProfile(
        _ type: String, _ id: String, _ user: Principal, kind: String = "specialist", name: String, photo: String? = nil,
        rating: JSONValue = ["average": .null, "count": 0], location: JSONValue = .null, verification: String = "none"
    ) async throws {
        let bare: JSONValue = ["id": .string(id), "kind": .string(kind), "user": ["id": .string(user.subject)]]
        let shown: JSONValue = [
            "id": .string(id), "kind": .string(kind), "user": ["id": .string(user.subject), "username": .null, "display_name": .null],
            "display_name": .string(name), "photo_id": photo.map { .string($0) } ?? .null, "rating": rating, "location": location,
            "verification": ["status": .string(verification)],
        ]
        try await bench.tell(type, "user.events", id, type == "profile.deleted" || kind == "consumer" ? bare : shown)
    }

    func tellMedia(_ type: String, _ id: String, owner: Principal = ana, status: String = "processing", visibility: String = "public")
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
}
