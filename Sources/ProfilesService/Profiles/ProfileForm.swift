import Foundation
import Schemas
import WebAPI

/// What a profile of a kind may say: it checks bodies and documents them.
struct ProfileForm: Sendable {
    let kind: ProfileKind
    let properties: [JSONSchema.Property]

    init(_ kind: ProfileKind, _ settings: ProfilesSettings) {
        self.kind = kind
        properties = Self.shared(settings) + Self.own(kind)
    }

    /// What a POST and a PUT send.
    var whole: JSONSchema { .object(properties).named(kind.title + "Fields") }
    /// What a PATCH sends.
    var part: JSONSchema { whole.partial.named(kind.title + "Changes") }

    private static func visibility(_ fallback: Visibility) -> JSONSchema {
        JSONSchema.choice(Visibility.self).defaulting(to: .string(fallback.rawValue))
    }

    private static func list(_ element: JSONSchema, _ most: Int) -> JSONSchema {
        JSONSchema.array(element, count: 0...most).defaulting(to: [])
    }

    private static func line(_ most: Int) -> JSONSchema { JSONSchema.string(0...most).defaulting(to: "") }

    private static let phone = JSONSchema.string(
        5...32, matching: .init("^[+]?[ ().-]*([0-9][ ().-]*){5,15}$", or: "Enter a valid phone number."))

    private static func shared(_ settings: ProfilesSettings) -> [JSONSchema.Property] {
        [
            .required("display_name", .string(1...120)), .optional("bio", line(settings.bioLength)),
            .optional("phone", phone.nullable.described("Digits, with spaces, hyphens, brackets and a + in front")),
            .optional("phone_visibility", visibility(.nobody)), .optional("email", .string(format: .email).nullable),
            .optional("email_visibility", visibility(.nobody)), .optional("location", Location.schema.nullable),
            .optional("location_visibility", visibility(.everyone).described("Of point and address; town and country are for everybody")),
            .optional("service_area_km", .number(0, 20_100).nullable.described("How far from the location they come")),
            .optional("languages", list(LanguageTag.schema, 20)),
            .optional("time_zone", .string(1...64).nullable.described("IANA name; hours need it")),
            .optional("hours", WeeklyHours.schema.defaulting(to: [:])),
            .optional("photo_id", .uuid.nullable.described("A media item of the owner's")),
            .optional("gallery_ids", list(.uuid, settings.gallery).described("Media items of the owner's, in order")),
        ]
    }

    private static func own(_ kind: ProfileKind) -> [JSONSchema.Property] {
        switch kind {
        case .specialist:
            [
                .optional("specialties", list(.string(1...64).described("Slugs of /api/profiles/specialties/"), 20)),
                .optional("licence_number", line(60)), .optional("licensing_body", line(120)),
            ]
        case .businessman:
            [
                .required("company_name", .string(1...160)),
                .optional("tax_id", line(40).described("Shown to the owner and staff only")),
                .optional("company_type", .choice(CompanyType.self).nullable), .optional("website", .string(format: .uri).nullable),
                .optional("founded", .integer(1000...9999).nullable.described("Year")),
            ]
        case .consumer:
            [
                .optional("interests", list(.string(1...60), 30)), .optional("farm_name", line(120)),
                .optional("farm_hectares", .number(0, 10_000_000).nullable),
            ]
        }
    }

    /// The fields of a new profile, or of one that is replaced: what the body leaves out is what it was at first.
    func fields(_ body: JSONValue) throws(APIError) -> ProfileFields {
        var members: [String: JSONValue] = [:]
        for property in properties { members[property.name] = body[property.name] ?? property.schema.defaultValue ?? .null }
        return try checked(members)
    }

    /// The fields of a profile after a change.
    func fields(_ body: JSONValue, changing fields: ProfileFields) throws(APIError) -> ProfileFields {
        var members: [String: JSONValue] = [:]
        for property in properties { members[property.name] = body[property.name] ?? fields[property.name] }
        return try checked(members)
    }

    /// What the schema cannot say.
    private func checked(_ members: [String: JSONValue]) throws(APIError) -> ProfileFields {
        var (members, problems) = (members, [String: [String]]())
        let location = Location.canonical(members["location"] ?? .null)
        members["location"] = location
        if !location.isNull, location["latitude"]?.isNull != location["longitude"]?.isNull {
            problems["location"] = ["Latitude and longitude go together."]
        }
        let languages = (members["languages"]?.elements ?? []).compactMap(\.string)
        members["languages"] = Self.distinct(languages.compactMap { LanguageTag($0)?.text })
        members["gallery_ids"] = Self.distinct((members["gallery_ids"]?.elements ?? []).compactMap { $0.string?.lowercased() })
        if let photo = members["photo_id"]?.string { members["photo_id"] = .string(photo.lowercased()) }
        if let specialties = members["specialties"] { members["specialties"] = Self.distinct(specialties.elements.compactMap(\.string)) }

        var ofHours: [String: [String]] = [:]
        let hours = WeeklyHours(members["hours"] ?? [:], problems: &ofHours)
        for (path, messages) in ofHours { problems["hours." + path] = messages }
        if let zone = members["time_zone"]?.string {
            if WeeklyHours.zone(zone) == nil { problems["time_zone"] = ["Enter a time zone, such as America/Bogota."] }
        } else if !hours.spans.isEmpty {
            problems["time_zone"] = ["Hours need a time zone."]
        }
        if let founded = members["founded"]?.integer, founded > Calendar(identifier: .gregorian).component(.year, from: Date()) {
            problems["founded"] = ["The year is in the future."]
        }
        if !problems.isEmpty { throw APIError(invalid: problems) }
        return ProfileFields(members)
    }

    /// Each once, where it first stands.
    private static func distinct(_ texts: [String]) -> JSONValue {
        var seen: Set<String> = []
        return .array(texts.filter { seen.insert($0).inserted }.map { .string($0) })
    }
}

/// What a company does. The names are on the wire.
enum CompanyType: String, Sendable, CaseIterable {
    case farm, clinic, laboratory, pharmacy, shop, supplier, cooperative, transport, other
}
