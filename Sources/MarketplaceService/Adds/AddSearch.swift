import Foundation
import Persistence
import WebAPI

/// What a list of ads can be asked for: the parameters of `GET /api/adds/`, of saved searches, and the conditions that they become.
enum AddSearch {
    static let index = SearchIndex(table: "adds_search")

    static let orderings = ["created": "created", "published": "published", "price": "price", "title": "title"]

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
        if let unit = values.string("unit") {
            filter.add("adds.id IN (SELECT add_id FROM variants WHERE unit = ?)", SQLValue(unit))
        }
        if let hasPhoto = values.bool("has_photo") { filter.add(hasPhoto ? "adds.photos > 0" : "adds.photos = 0") }
        if let inStock = values.bool("in_stock") { filter.add(inStock ? "adds.stock > 0" : "adds.stock = 0") }
        guard let near = values.string("near") else { return nil }
        let degrees = near.split(separator: ",", omittingEmptySubsequences: false).map { Double($0.trimmingCharacters(in: .whitespaces)) }
        guard degrees.count == 2, let latitude = degrees[0], let longitude = degrees[1],
            let point = GeoPoint(latitude: latitude, longitude: longitude)
        else { throw .invalid("near", "Enter latitude and longitude in degrees, such as 4.711,-74.072.") }
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
            add.id,
            [add.title, add.location.place, add.location.region] + names + add.variants.flatMap { [$0.name, $0.sku] } + [add.description],
            on: connection)
    }
}
