import Hummingbird
import Persistence
import Schemas
import WebAPI

enum FavouriteTable {
    /// Which of the ads are among a user's favourites.
    static func among(_ adds: [String], of owner: String?, on connection: any SQLConnection) throws -> Set<String> {
        guard let owner, !adds.isEmpty else { return [] }
        let places = adds.indices.map { "$\($0 + 2)" }.joined(separator: ", ")
        let rows = try connection.query(
            "SELECT add_id FROM favourites WHERE owner = $1 AND add_id IN (\(places))", [SQLValue(owner)] + adds.map { SQLValue($0) })
        return Set(try rows.map { try $0.text("add_id") })
    }
}

/// `/api/favourites/` and `/api/adds/{id}/favourite/`: ads that a user keeps an eye on.
struct FavouriteRoutes: Sendable {
    let core: MarketplaceCore

    var routes: [Route] {
        [
            Route(
                .get, "/api/favourites/", "The user's favourites, newest first",
                Endpoint("favourites", scope: AddRoutes.read, parameters: Parameter.paging(), answers: [.page(of: AddSchemas.add)])
            ) { try await list($0) },
            Route(
                .put, "/api/adds/{id}/favourite/", "Make an ad a favourite",
                Endpoint("favourites", scope: AddRoutes.write, answers: [.noContent])
            ) { try await set($0) },
            Route(
                .delete, "/api/adds/{id}/favourite/", "A favourite no longer",
                Endpoint("favourites", scope: AddRoutes.write, answers: [.noContent])
            ) { try await unset($0) },
        ]
    }

    private func list(_ call: Call) async throws -> Response {
        let user = try call.user()
        let page = try PageRequest(call.request)
        // What was taken from the lists is not shown to others, here either.
        let clause = """
            JOIN favourites ON favourites.add_id = adds.id
            WHERE favourites.owner = $1 AND (adds.state IN ('published', 'sold') OR adds.seller = $1)
            """
        let (found, count) = try await core.database.read { connection in
            let count = try connection.query("SELECT COUNT(*) AS adds FROM adds \(clause)", [SQLValue(user.subject)])[0].int("adds")
            let adds = try AddTable.list(
                "\(clause) ORDER BY favourites.created DESC, adds.id LIMIT \(page.pageSize) OFFSET \(page.offset)",
                [SQLValue(user.subject)], on: connection)
            return (try AddPage(adds, reader: user, on: connection), count)
        }
        let items = found.json(mediaBase: core.mediaBase(call)).map(\.json)
        return .json(.ok, try page.body(items, count: count, request: call.request, base: core.base(call)))
    }

    private func set(_ call: Call) async throws -> Response {
        let (user, id) = (try call.user(), try call.id())
        try await core.write { connection in
            guard let add = try AddTable.find(id, on: connection), add.isPublic || add.seller == user.subject else {
                throw APIError.notFound
            }
            try connection.execute(
                "INSERT INTO favourites (owner, add_id, created) VALUES ($1, $2, $3) ON CONFLICT (owner, add_id) DO NOTHING",
                [SQLValue(user.subject), SQLValue(id), SQLValue(Timestamp.now())])
        }
        return .noContent
    }

    private func unset(_ call: Call) async throws -> Response {
        let (user, id) = (try call.user(), try call.id())
        try await core.write { connection in
            try connection.execute("DELETE FROM favourites WHERE owner = $1 AND add_id = $2", [SQLValue(user.subject), SQLValue(id)])
        }
        return .noContent
    }
}
