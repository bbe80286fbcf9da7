import Foundation
import Persistence
import Projections
import Schemas
import WebAPI

/// What a seller says of an ad, applied to what there is. The body's form was checked by its schema; here is checked what a schema cannot
/// say: that an amount fits its currency, that a category is there.
struct AddDraft: Sendable {
    let body: JSONValue

    private var errors: [String: [String]] = [:]

    init(_ body: JSONValue) { self.body = body }

    /// - Parameters:
    ///   - defaults: currency and days of a new ad.
    /// - Throws: `APIError` 400.
    mutating func apply(to add: inout AddRecord, on connection: any SQLConnection) throws {
        if let title = body["title"]?.string { add.title = Self.trimmed(title) }
        if let description = body["description"]?.string { add.description = Self.trimmed(description) }
        if let category = body["category"]?.string {
            if try CategoryTable.exists(category, on: connection) {
                add.category = category
            } else {
                errors["category"] = ["Object with slug=\(category) does not exist."]
            }
        }
        if let condition = body["condition"]?.string.flatMap(AddCondition.init) { add.condition = condition }
        if let currency = body["currency"]?.string.flatMap({ Currency($0) }), currency != add.currency {
            // Prices would mean something else: they have to be said anew.
            if body["variants"] == nil, body["price"] == nil, !add.variants.isEmpty {
                errors["price"] = ["This field is required with currency."]
            }
            add.currency = currency
        }
        applyVariants(to: &add)
        if let media = body["media"] { add.media = try checkedMedia(media.elements.compactMap(\.string), of: add.seller, on: connection) }
        if let location = body["location"] { applyLocation(location, to: &add) }
        if let expires = body["expires"] {
            add.expires = expires.string.flatMap { Timestamp.milliseconds($0) }
            if let time = add.expires, time <= Timestamp.now() { errors["expires"] = ["This time has passed."] }
        }
        if !errors.isEmpty { throw APIError(invalid: errors) }
    }

    private mutating func applyVariants(to add: inout AddRecord) {
        if let list = body["variants"] {
            var variants: [Variant] = []
            for (index, item) in list.elements.enumerated() {
                let known = item["id"]?.string.flatMap { id in add.variants.first { $0.id == id.lowercased() } }
                if item["id"] != nil, known == nil { errors["variants.\(index).id"] = ["This variant does not exist."] }
                if let variant = variant(item, known, add.currency, "variants.\(index).") {
                    if variants.contains(where: { $0.id == variant.id }) {
                        errors["variants.\(index).id"] = ["This variant stands here twice."]
                    }
                    variants.append(variant)
                }
            }
            add.variants = variants
            return
        }
        guard body["price"] != nil || body["unit"] != nil || body["stock"] != nil || add.variants.isEmpty else { return }
        guard add.variants.count <= 1 else {
            errors["variants"] = ["This ad has several variants: price, unit and stock are theirs."]
            return
        }
        if let variant = variant(body, add.variants.first, add.currency, "") { add.variants = [variant] }
    }

    private mutating func variant(_ item: JSONValue, _ known: Variant?, _ currency: Currency, _ path: String) -> Variant? {
        guard let unit = item["unit"]?.string.flatMap(SaleUnit.init) ?? known?.unit ?? (path.isEmpty ? .piece : nil) else {
            errors[path + "unit"] = [SchemaProblem.required.message]
            return nil
        }
        var price = known?.price
        if let amount = item["price"]?.string.flatMap({ Decimal(string: $0) }) {
            price = Money(amount, currency)?.minorUnits
            if price == nil {
                errors[path + "price"] = ["Ensure that this is an amount of \(currency), with \(currency.exponent) decimal places at most."]
            }
        } else if price == nil {
            errors[path + "price"] = [SchemaProblem.required.message]
        }
        var stock = known?.stock ?? (path.isEmpty ? Quantity(thousandths: 1000) : nil)
        if let given = item["stock"] {
            stock = (given.number ?? given.string.flatMap { Decimal(string: $0) }).flatMap { Quantity($0, unit) }
            if stock == nil {
                errors[path + "stock"] = ["Ensure that this is a quantity in \(unit.rawValue), with \(unit.places) decimal places at most."]
            }
        } else if let known, known.unit != unit {
            // So many kilograms are not so many head.
            errors[path + "stock"] = [SchemaProblem.required.message]
        }
        guard let price, let stock else { return nil }
        // In another unit it is another thing: what open orders took of the old one must not come back as so many of the new one.
        let kept = known.flatMap { $0.unit == unit ? $0.id : nil }
        return Variant(
            id: kept ?? UUIDv7.make(), name: Self.trimmed(item["name"]?.string ?? known?.name ?? ""),
            sku: Self.trimmed(item["sku"]?.string ?? known?.sku ?? ""), unit: unit, price: price, stock: stock)
    }

    private mutating func checkedMedia(_ ids: [String], of seller: String, on connection: any SQLConnection) throws -> [String] {
        let ids = ids.map { $0.lowercased() }
        if Set(ids).count < ids.count { errors["media"] = ["An item stands here twice."] }
        let problems = try MediaProjection.problems(with: ids, of: seller, on: connection)
        if !problems.isEmpty { errors["media", default: []] += problems }
        return ids
    }

    private mutating func applyLocation(_ location: JSONValue, to add: inout AddRecord) {
        if location["latitude"] != nil || location["longitude"] != nil {
            let degrees = [location["latitude"], location["longitude"]].map { $0?.number.map { NSDecimalNumber(decimal: $0).doubleValue } }
            switch (degrees[0], degrees[1]) {
            case (let latitude?, let longitude?): add.location.point = GeoPoint(latitude: latitude, longitude: longitude)
            case (nil, nil): add.location.point = nil
            default: errors["location"] = ["Latitude and longitude go together."]
            }
        }
        if let place = location["place"]?.string { add.location.place = Self.trimmed(place) }
        if let region = location["region"]?.string { add.location.region = Self.trimmed(region) }
        if let country = location["country"]?.string {
            let code = country.uppercased()
            if code.isEmpty || (code.utf8.count == 2 && code.utf8.allSatisfy { (0x41...0x5A).contains($0) }) {
                add.location.country = code
            } else {
                errors["location.country"] = ["\"\(country)\" is not a valid choice."]
            }
        }
    }

    private static func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
}
