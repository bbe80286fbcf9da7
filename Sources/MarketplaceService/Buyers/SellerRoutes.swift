import Persistence
import Projections
import Schemas
import WebAPI

/// `GET /api/sellers/{id}/`: who sells, and what; the ads themselves are `/api/adds/?seller=`.
struct SellerRoutes: Sendable {
    let core: MarketplaceCore

    private static let schema = JSONSchema.object(
        .required("id", .string()), .required("username", .string()), .required("display_name", .string()),
        .required("roles", .array(.string())), .required("adds", .integer(0...Int(Int32.max)).described("On sale")),
        .required("sold", .integer(0...Int(Int32.max)).described("Orders that were delivered")),
        .required("since", .dateTime.nullable.described("First ad"))
    ).named("Seller")

    var routes: [Route] {
        [
            Route(
                .get, "/api/sellers/{id}/", "A seller",
                Endpoint(
                    "sellers", access: .anyone, scope: AddRoutes.read, parameters: [Parameter(.path, "id", .string(1...64), "User's id")],
                    answers: [.ok(Self.schema)])
            ) { call in
                let id = try call.path("id")
                let json = try await core.database.read { connection -> JSONValue in
                    guard let user = try UserProjection.find([id], on: connection)[id], !user.isDeleted else { throw APIError.notFound }
                    let adds = try connection.query(
                        "SELECT COUNT(*) AS n FROM adds WHERE seller = $1 AND state = 'published'", [SQLValue(id)])[0].int("n")
                    let sold = try connection.query(
                        "SELECT COUNT(*) AS n FROM orders WHERE seller = $1 AND state = 'delivered'", [SQLValue(id)])[0].int("n")
                    let since = try connection.query("SELECT MIN(created) AS first FROM adds WHERE seller = $1", [SQLValue(id)])[0]
                    return [
                        "id": .string(id), "username": .string(user.username),
                        "display_name": .string(user.displayName.isEmpty ? user.username : user.displayName),
                        "roles": .array(user.roles.map { .string($0) }), "adds": .number(.init(adds)), "sold": .number(.init(sold)),
                        "since": AddRecord.time(try since.optionalInt("first").map(Int64.init)),
                    ]
                }
                return .json(.ok, json.json)
            }
        ]
    }
}
