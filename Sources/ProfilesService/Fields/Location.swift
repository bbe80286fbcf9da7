import Foundation
import Persistence
import Schemas

/// Where somebody works or lives. The point and the address are shown to whom the profile says, town and country to everybody.
struct Location: Sendable, Hashable {
    let point: GeoPoint?
    let city: String
    let country: String

    static let schema = JSONSchema.object(
        .optional("latitude", .number(-90, 90).nullable.described("Degrees, WGS 84")),
        .optional("longitude", .number(-180, 180).nullable),
        .optional("address", .string(0...200)), .optional("city", .string(0...100)), .optional("region", .string(0...100)),
        .optional("country", .choice(Country.codes).nullable.described("ISO 3166-1 alpha-2"))
    ).named("Location")

    /// What is hidden with the place.
    static let exact = ["latitude", "longitude", "address"]

    init(_ value: JSONValue) {
        func degrees(_ name: String) -> Double? { value[name]?.number.map { NSDecimalNumber(decimal: $0).doubleValue } }
        point = degrees("latitude").flatMap { latitude in
            degrees("longitude").flatMap { GeoPoint(latitude: latitude, longitude: $0) }
        }
        city = value["city"]?.string ?? ""
        country = value["country"]?.string ?? ""
    }

    /// The value with all members that there are, and no others.
    static func canonical(_ value: JSONValue) -> JSONValue {
        guard !value.isNull else { return .null }
        var members: [String: JSONValue] = [:]
        for name in ["latitude", "longitude", "country"] { members[name] = value[name] ?? .null }
        for name in ["address", "city", "region"] { members[name] = value[name] ?? "" }
        return .object(members)
    }
}
