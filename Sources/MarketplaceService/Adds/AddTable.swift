import Foundation
import Persistence

/// The tables of ads.
enum AddTable {
    private static let columns = """
        adds.id, adds.seller, adds.title, adds.description, adds.category, adds.condition, adds.currency, adds.latitude, adds.longitude, \
        adds.place, adds.region, adds.country, adds.state, adds.published, adds.expires, adds.created, adds.updated, adds.version
        """

    static func find(_ id: String, on connection: any SQLConnection) throws -> AddRecord? {
        try list("WHERE adds.id = $1", [SQLValue(id)], on: connection).first
    }

    /// - Parameter clauses: behind FROM adds.
    static func list(_ clauses: String, _ arguments: [SQLValue], on connection: any SQLConnection) throws -> [AddRecord] {
        let rows = try connection.query("SELECT \(columns) FROM adds \(clauses)", arguments)
        let ids = try rows.map { try $0.text("id") }
        let variants = try variants(of: ids, on: connection)
        let media = try media(of: ids, on: connection)
        return try rows.map { try AddRecord($0, variants: variants, media: media) }
    }

    static func insert(_ add: AddRecord, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO adds (id, seller, title, description, category, condition, currency, price, stock, latitude, longitude, place, region,
                country, photos, state, published, expires, created, updated, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, $16, $17, $18, $19, $20)
            """,
            [SQLValue(add.id), SQLValue(add.seller)] + described(add) + [
                SQLValue(Int(add.created)), SQLValue(add.updated), SQLValue(add.version),
            ])
        try putVariants(add, on: connection)
        try putMedia(add, on: connection)
    }

    /// Writes all of an ad but who sells it.
    static func update(_ add: AddRecord, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE adds SET title = $2, description = $3, category = $4, condition = $5, currency = $6, price = $7, stock = $8, latitude = $9,
                longitude = $10, place = $11, region = $12, country = $13, state = $14, published = $15, expires = $16, updated = $17,
                version = $18
            WHERE id = $1
            """, [SQLValue(add.id)] + described(add) + [SQLValue(add.updated), SQLValue(add.version)])
        try connection.execute("DELETE FROM variants WHERE add_id = $1", [SQLValue(add.id)])
        try putVariants(add, on: connection)
        try connection.execute("DELETE FROM add_media WHERE add_id = $1", [SQLValue(add.id)])
        try putMedia(add, on: connection)
    }

    static func delete(_ id: String, on connection: any SQLConnection) throws {
        for table in ["variants", "add_media", "favourites"] {
            try connection.execute("DELETE FROM \(table) WHERE add_id = $1", [SQLValue(id)])
        }
        try connection.execute("DELETE FROM adds WHERE id = $1", [SQLValue(id)])
        try AddSearch.index.remove(id, on: connection)
    }

    /// Ads that show an item, oldest first.
    static func showing(_ media: String, on connection: any SQLConnection) throws -> [AddRecord] {
        try list(
            "JOIN add_media ON add_media.add_id = adds.id WHERE add_media.media_id = $1 ORDER BY adds.id", [SQLValue(media)], on: connection
        )
    }

    /// Takes from a variant's stock.
    /// - Parameter change: in thousandths; negative to take.
    /// - Returns: false where there is not so much, and nothing was changed.
    static func changeStock(_ variant: String, of add: String, by change: Int64, on connection: any SQLConnection) throws -> Bool {
        let changed = try connection.execute(
            "UPDATE variants SET stock = stock + $1 WHERE id = $2 AND add_id = $3 AND stock + $1 >= 0",
            [SQLValue(change), SQLValue(variant), SQLValue(add)])
        guard changed == 1 else { return false }
        try connection.execute("UPDATE adds SET stock = stock + $1 WHERE id = $2", [SQLValue(change), SQLValue(add)])
        return true
    }

    /// Counts anew how many of an ad's items are shown.
    static func countPhotos(_ id: String, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE adds SET photos = (
                SELECT COUNT(*) FROM add_media LEFT JOIN media_items ON media_items.id = add_media.media_id
                WHERE add_media.add_id = $1 AND (media_items.id IS NULL OR (media_items.is_deleted = 0
                    AND media_items.visibility = 'public' AND media_items.status <> 'failed' AND media_items.owner = adds.seller)))
            WHERE id = $1
            """, [SQLValue(id)])
    }

    private static func described(_ add: AddRecord) -> [SQLValue] {
        let point = add.location.point
        return [
            SQLValue(add.title), SQLValue(add.description), SQLValue(add.category), SQLValue(add.condition.rawValue),
            SQLValue(add.currency.code), SQLValue(add.price), SQLValue(add.stock), point.map { SQLValue($0.latitude) } ?? .null,
            point.map { SQLValue($0.longitude) } ?? .null, SQLValue(add.location.place), SQLValue(add.location.region),
            SQLValue(add.location.country), SQLValue(add.state.rawValue), SQLValue(add.published.map(Int.init)),
            SQLValue(add.expires.map(Int.init)),
        ]
    }

    private static func putVariants(_ add: AddRecord, on connection: any SQLConnection) throws {
        for (position, variant) in add.variants.enumerated() {
            try connection.execute(
                "INSERT INTO variants (id, add_id, position, name, sku, unit, price, stock) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                [
                    SQLValue(variant.id), SQLValue(add.id), SQLValue(position), SQLValue(variant.name), SQLValue(variant.sku),
                    SQLValue(variant.unit.rawValue), SQLValue(variant.price), SQLValue(variant.stock.thousandths),
                ])
        }
    }

    private static func putMedia(_ add: AddRecord, on connection: any SQLConnection) throws {
        for (position, media) in add.media.enumerated() {
            try connection.execute(
                "INSERT INTO add_media (add_id, media_id, position) VALUES ($1, $2, $3)",
                [SQLValue(add.id), SQLValue(media), SQLValue(position)])
        }
        try countPhotos(add.id, on: connection)
    }

    private static func variants(of ids: [String], on connection: any SQLConnection) throws -> [String: [Variant]] {
        var found: [String: [Variant]] = [:]
        for row in try rows("SELECT id, add_id, name, sku, unit, price, stock FROM variants", of: ids, on: connection) {
            guard let unit = SaleUnit(rawValue: try row.text("unit")) else { throw DatabaseError.decoding("unit") }
            found[try row.text("add_id"), default: []].append(
                Variant(
                    id: try row.text("id"), name: try row.text("name"), sku: try row.text("sku"), unit: unit,
                    price: Int64(try row.int("price")),
                    stock: Quantity(thousandths: Int64(try row.int("stock")))))
        }
        return found
    }

    private static func media(of ids: [String], on connection: any SQLConnection) throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for row in try rows("SELECT add_id, media_id FROM add_media", of: ids, on: connection) {
            found[try row.text("add_id"), default: []].append(try row.text("media_id"))
        }
        return found
    }

    /// Rows of a page's ads, in their order.
    private static func rows(_ select: String, of ids: [String], on connection: any SQLConnection) throws -> [SQLRow] {
        guard !ids.isEmpty else { return [] }
        let places = ids.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        return try connection.query("\(select) WHERE add_id IN (\(places)) ORDER BY add_id, position", ids.map { SQLValue($0) })
    }
}

extension AddRecord {
    fileprivate init(_ row: SQLRow, variants: [String: [Variant]], media: [String: [String]]) throws {
        id = try row.text("id")
        seller = try row.text("seller")
        title = try row.text("title")
        description = try row.text("description")
        category = try row.text("category")
        guard let condition = AddCondition(rawValue: try row.text("condition")), let currency = Currency(try row.text("currency")),
            let state = AddState(rawValue: try row.text("state"))
        else { throw DatabaseError.decoding("an ad's condition, currency or state") }
        self.condition = condition
        self.currency = currency
        self.state = state
        self.variants = variants[id] ?? []
        self.media = media[id] ?? []
        location = AddLocation(place: try row.text("place"), region: try row.text("region"), country: try row.text("country"))
        if row["latitude"] != .null, row["longitude"] != .null {
            location.point = GeoPoint(latitude: try row.double("latitude"), longitude: try row.double("longitude"))
        }
        published = try row.optionalInt("published").map(Int64.init)
        expires = try row.optionalInt("expires").map(Int64.init)
        created = Int64(try row.int("created"))
        updated = Int64(try row.int("updated"))
        version = try row.int("version")
    }
}
