import Foundation
import Persistence
import Projections
import WebAPI

/// What a list of ads can be asked for: the parameters of `GET /api/adds/`, of saved searches, and the conditions that they become.
enum AddSearch {
    static let index = SearchIndex(table: "adds_search")

    static let ordering = SearchOrdering(
        columns: ["created": "adds.created", "published": "adds.published", "price": "adds.price", "title": "adds.title"],
        newest: "published", index: index, id: "adds.id", latitude: "adds.latitude", longitude: "adds.longitude")

    /// Words folded, to compare names of places by.
    private static func key(_ text: String) -> String { SearchIndex.fold(text).joined(separator: " ") }

    /// Those that choose, without those that order and page.
    static let filters: [Parameter] = [
        .search,
        .query("category", .string(1...64), "A category with all below it"),
        .query("currency", .choice(Currency.codes), "Currency of the prices"),
        .query("min_price", .string(format: .decimal), "With currency: at least this price"),
        .query("max_price", .string(format: .decimal), "With currency: at most this price"),
        .query("condition", .choice(AddCondition.self), "Condition"),
        .query("unit", .choice(SaleUnit.self), "Sold by this unit"),
        .query("seller", .string(1...64), "Id of the seller"),
        .query("verified", .boolean, "Whether staff have verified the seller's licence"),
        .query("place", .string(1...120), "City or village; case and accents do not count"),
        .query("region", .string(1...120), "Region; case and accents do not count"),
        .query("country", .string(2...2), "ISO 3166-1 alpha-2"),
        .query("has_photo", .boolean, "Whether it shows a photo or a video"),
        .query("in_stock", .boolean, "Whether something is left"),
        .near(),
        .query("within", .number(0, 20_100), "Kilometres around near; 100 where it is not said"),
    ]

    /// Adds what a search asks for to a list's conditions.
    /// - Returns: the place to order by distance from.
    /// - Throws: `APIError` 400.
    static func apply(_ values: ParameterValues, _ filter: inout SQLFilter) throws(APIError) -> GeoPoint? {
        index.filter(values.string("search") ?? "", column: "adds.id", &filter)
        if let category = values.string("category") {
            filter.add(
                """
                adds.category IN (WITH RECURSIVE below (slug) AS (
                    SELECT CAST(? AS TEXT) UNION SELECT categories.slug FROM categories JOIN below ON categories.parent = below.slug)
                    SELECT slug FROM below)
                """, SQLValue(category))
        }
        let currency = values.string("currency").flatMap { Currency($0) }
        if let currency { filter.add("adds.currency = ?", SQLValue(currency.code)) }
        for (name, comparison) in [("min_price", ">="), ("max_price", "<=")] {
            guard let text = values.string(name), let amount = Decimal(string: text) else { continue }
            guard let currency else { throw .invalid("currency", "This field is required with \(name).") }
            guard let money = Money(amount, currency) else { throw .invalid(name, "A valid number is required.") }
            filter.add("adds.price \(comparison) ?", SQLValue(money.minorUnits))
        }
        for name in ["condition", "seller"] {
            if let value = values.string(name) { filter.add("adds.\(name) = ?", SQLValue(value)) }
        }
        if let country = values.string("country") { filter.add("adds.country = ?", SQLValue(country.uppercased())) }
        for name in ["place", "region"] {
            if let value = values.string(name) { filter.add("adds.\(name)_key = ?", SQLValue(key(value))) }
        }
        if let isVerified = values.bool("verified") {
            filter.add("adds.seller \(isVerified ? "IN" : "NOT IN") (\(ProfileProjection.verifiedUsers))")
        }
        if let unit = values.string("unit") {
            filter.add("adds.id IN (SELECT add_id FROM variants WHERE unit = ?)", SQLValue(unit))
        }
        if let hasPhoto = values.bool("has_photo") { filter.add(hasPhoto ? "adds.photos > 0" : "adds.photos = 0") }
        if let inStock = values.bool("in_stock") { filter.add(inStock ? "adds.stock > 0" : "adds.stock = 0") }
        guard let point = try values.point("near") else { return nil }
        let kilometres = values.number("within").map { NSDecimalNumber(decimal: $0).doubleValue } ?? 100
        point.filter(within: kilometres, latitude: "adds.latitude", longitude: "adds.longitude", &filter)
        return point
    }

    /// Makes an ad found by what it says.
    static func put(_ add: AddRecord, on connection: any SQLConnection) throws {
        let category = try connection.query(
            """
            WITH RECURSIVE above (slug, parent, name_en, name_es) AS (
                SELECT slug, parent, name_en, name_es FROM categories WHERE slug = $1
                UNION SELECT categories.slug, categories.parent, categories.name_en, categories.name_es
                FROM categories JOIN above ON categories.slug = above.parent)
            SELECT name_en, name_es FROM above
            """, [SQLValue(add.category)])
        let names = try category.flatMap { [try $0.text("name_en"), try $0.text("name_es")] }
        try index.put(
            add.id, title: [add.title],
            details: [add.location.place, add.location.region] + names + add.variants.flatMap { [$0.name, $0.sku] },
            description: [add.description], on: connection)
        try connection.execute(
            "UPDATE adds SET place_key = $2, region_key = $3 WHERE id = $1",
            [SQLValue(add.id), SQLValue(key(add.location.place)), SQLValue(key(add.location.region))])
    }

    /// Has all ads of a category, and of those below it, found by its names of now.
    static func renamed(_ category: String, on connection: any SQLConnection) throws {
        try index.markStale(
            """
            SELECT id FROM adds WHERE category IN (WITH RECURSIVE below (slug) AS (
                SELECT CAST($1 AS TEXT) UNION SELECT categories.slug FROM categories JOIN below ON categories.parent = below.slug)
                SELECT slug FROM below)
            """, [SQLValue(category)], on: connection)
    }

    /// Indexes ads anew whose words have changed elsewhere.
    /// - Returns: whether there may be more.
    static func refresh(_ database: any Database) async throws -> Bool {
        try await index.refresh(database) { id, connection in
            if let add = try AddTable.find(id, on: connection) { try put(add, on: connection) }
        }
    }
}
