import Persistence
import Projections
import Schemas
import WebAPI

/// `GET /api/sellers/{id}/`: who sells, and what; the ads themselves are `/api/adds/?seller=`.
struct SellerRoutes: Sendable {
    let core: MarketplaceCore

    private static let schema = JSONSchema.object(
        People.schema.properties + [
            .required(
                "profiles",
                .array(.object(.required("id", .uuid), .required("kind", .choice(["businessman", "specialist"]))))
                    .described("Those that everybody sees")),
            .required("adds", .integer(0...Int(Int32.max)).described("On sale")),
            .required("sold", .integer(0...Int(Int32.max)).described("Orders that were delivered")),
            .required("since", .dateTime.nullable.described("First ad")),
        ]
    ).named("Seller")

    var routes: [Route] {
        [
            Route(
                .get, "/api/sellers/{id}/", "A seller",
                Endpoint(
                    "sellers", access: .anyone, scope: AddRoutes.read, parameters: [Parameter(.path, "id", .string(1...64), "User's id")],
                    answers: [.ok(Self.schema)])
            ) { call in
                let (id, mediaBase) = (try call.path("id"), core.mediaBase(call))
                let json = try await core.database.read { connection -> JSONValue in
                    let people = try People([id], on: connection)
                    guard people.account(id) != nil else { throw APIError.notFound }
                    let adds = try connection.query(
                        "SELECT COUNT(*) AS n FROM adds WHERE seller = $1 AND state = 'published'", [SQLValue(id)])[0].int("n")
                    let sold = try connection.query(
                        "SELECT COUNT(*) AS n FROM orders WHERE seller = $1 AND state = 'delivered'", [SQLValue(id)])[0].int("n")
                    let since = try connection.query("SELECT MIN(created) AS first FROM adds WHERE seller = $1", [SQLValue(id)])[0]
                    var members = people.json(id, mediaBase: mediaBase).members
                    members["profiles"] = .array(people.profiles(of: id).map { ["id": .string($0.id), "kind": .string($0.kind)] })
                    members["adds"] = .number(.init(adds))
                    members["sold"] = .number(.init(sold))
                    members["since"] = AddRecord.time(try since.optionalInt("first").map(Int64.init))
                    return .object(members)
                }
                return .json(.ok, json.json)
            }
        ]
    }
}
