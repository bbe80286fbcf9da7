import Foundation
import Persistence
import Projections
import Schemas
import WebAPI

/// Ads with what an answer needs of others: media, sellers, favourites.
struct AddPage: Sendable {
    private(set) var adds: [AddRecord]
    private let media: [String: MediaItem]
    private let sellers: People
    private let favourites: Set<String>
    private let reader: Principal?

    init(_ adds: [AddRecord], reader: Principal?, on connection: any SQLConnection) throws {
        self.adds = adds
        self.reader = reader
        media = try MediaProjection.find(adds.flatMap(\.media), on: connection)
        sellers = try People(adds.map(\.seller), on: connection)
        favourites = try FavouriteTable.among(adds.map(\.id), of: reader?.subject, on: connection)
        // Pages of several have no tags.
        if adds.count == 1 { self.adds[0].shown = json(mediaBase: "")[0].json }
    }

    /// - Parameters:
    ///   - mediaBase: what links to media begin with.
    ///   - near: the place that distances are from.
    func json(mediaBase: String, near: GeoPoint? = nil) -> [JSONValue] {
        adds.map { add in
            var members = add.members
            members["seller"] = sellers.json(add.seller, mediaBase: mediaBase)
            members["media"] = .array(add.media.compactMap { shown($0, of: add, mediaBase) })
            members["is_favourite"] = .bool(favourites.contains(add.id))
            if let near, let point = add.location.point {
                members["distance"] = .number(Decimal(Int(near.distance(to: point) * 1000)) / 1000)
            }
            return .object(members)
        }
    }

    /// The seller sees also what failed, to know why others do not.
    private func shown(_ id: String, of add: AddRecord, _ base: String) -> JSONValue? {
        guard let item = media[id] else { return MediaItem.expected(id) }
        guard item.owner == add.seller else { return nil }
        let isOwn = reader?.subject == add.seller && !item.isDeleted
        return item.isShown || isOwn ? item.json(base: base) : nil
    }
}

extension AddRecord {
    /// What the record itself knows, as the API and the events show it.
    var members: [String: JSONValue] {
        let places = variants.first { $0.price == price } ?? variants.first
        return [
            "id": .string(id), "title": .string(title), "description": .string(description), "category": .string(category),
            "condition": .string(condition.rawValue), "currency": .string(currency.code),
            "price": .string(Money(minorUnits: price, currency: currency).text), "unit": .string((places?.unit ?? .piece).rawValue),
            "stock": .string(Quantity(thousandths: stock).text), "variants": .array(variants.map { $0.json(currency) }),
            "location": location.json, "state": .string(state.rawValue), "published": Self.time(published), "expires": Self.time(expires),
            "created": Self.time(created), "updated": Self.time(updated),
        ]
    }

    /// The data of the events `add.created` and `add.updated`.
    var event: JSONValue {
        var members = members
        members["seller"] = .string(seller)
        members["media"] = .array(media.map { .string($0) })
        return .object(members)
    }

    static func time(_ milliseconds: Int64?) -> JSONValue { milliseconds.map { .string(Timestamp.text(milliseconds: $0)) } ?? .null }
}

extension Variant {
    func json(_ currency: Currency) -> JSONValue {
        [
            "id": .string(id), "name": .string(name), "sku": .string(sku), "unit": .string(unit.rawValue),
            "price": .string(Money(minorUnits: price, currency: currency).text), "stock": .string(stock.text),
        ]
    }
}

extension AddLocation {
    fileprivate var json: JSONValue {
        [
            "latitude": point.map { .number(Self.decimal($0.latitude)) } ?? .null,
            "longitude": point.map { .number(Self.decimal($0.longitude)) } ?? .null, "place": .string(place), "region": .string(region),
            "country": .string(country),
        ]
    }

    /// The shortest text that is this number, and no binary fraction behind it.
    private static func decimal(_ degrees: Double) -> Decimal { Decimal(string: "\(degrees)") ?? Decimal(degrees) }
}
