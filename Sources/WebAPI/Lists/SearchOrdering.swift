import Persistence

/// What a list that can be searched, and looked at from a place, is ordered by: as asked for; else by distance where it is near a place, by
/// how well it fits where it is searched, and newest first.
public struct SearchOrdering: Sendable {
    /// The API's field names and the SQL behind them.
    private let columns: [String: String]
    private let newest: String
    private let index: SearchIndex
    private let id: String
    private let place: (latitude: String, longitude: String)

    /// - Parameters:
    ///   - columns: the API's field names and the SQL behind them, of this program's own.
    ///   - newest: the one of them that is newest first where nothing else is asked for.
    ///   - index: what searches.
    ///   - id: the things' unique column.
    ///   - latitude: column of degrees.
    ///   - longitude: column of degrees.
    public init(
        columns: [String: String], newest: String, index: SearchIndex, id: String, latitude: String, longitude: String
    ) {
        self.columns = columns
        self.newest = newest
        self.index = index
        self.id = id
        place = (latitude, longitude)
    }

    /// What the parameter `ordering` may name; `distance` only of a list that is near a place.
    public var names: [String] { columns.keys + ["distance", "relevance"] }

    /// - Parameter near: the place to order by distance from.
    /// - Returns: a JOIN that the order needs, which may be empty, and the ORDER BY clause's text. What they take is placed in `filter`, behind
    ///   what counts the list: PostgreSQL refuses values that a statement does not use.
    /// - Throws: `APIError` 400 for a field that is not among the names.
    public func clauses(_ call: Call, near: GeoPoint?, _ filter: inout SQLFilter) throws(APIError) -> (join: String, order: String) {
        let search = call.parameters.string("search")
        var join = ""
        let ordering = try Ordering(
            call.request, names: near == nil ? names.filter { $0 != "distance" } : names,
            fallback: near != nil ? "distance" : search != nil ? "relevance" : "-" + newest, tieBreaker: id
        ) { name in
            switch (name, near) {
            case ("distance", let near?):
                return Ordering.Column(near.distance(latitude: place.latitude, longitude: place.longitude, &filter))
            case ("relevance", _):
                // Where nothing is searched everything fits as well, and the newest is first.
                guard let rank = index.rank(search ?? "", column: id, &filter) else { break }
                join = rank.join
                return Ordering.Column(rank.score, isDownward: true)
            default: break
            }
            return Ordering.Column(columns[name] ?? columns[newest] ?? id, isDownward: columns[name] == nil)
        }
        return (join, ordering.clause)
    }
}

extension ParameterValues {
    /// A place of the form that `Parameter.near` asks for.
    /// - Throws: `APIError` 400 where it is nowhere.
    public func point(_ name: String) throws(APIError) -> GeoPoint? {
        guard let text = string(name) else { return nil }
        let degrees = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0.filter { $0 != " " }) }
        guard degrees.count == 2, let latitude = degrees[0], let longitude = degrees[1],
            let point = GeoPoint(latitude: latitude, longitude: longitude)
        else { throw .invalid(name, "Enter latitude and longitude in degrees, such as 4.711,-74.072.") }
        return point
    }
}
