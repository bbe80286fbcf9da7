import Foundation
import Persistence
import WebAPI

/// What a list of profiles can be asked for, and the conditions that it becomes. Whatever is private is no part of it: it cannot be found
/// out by asking.
enum ProfileSearch {
    static let index = SearchIndex(table: "profiles_search")

    /// Words folded, to compare names of people and towns by.
    static func key(_ text: String) -> String { SearchIndex.fold(text).joined(separator: " ") }

    static func parameters(_ kind: ProfileKind) -> [Parameter] {
        let shared: [Parameter] = [
            .search, .query("user", .string(1...64), "Id of the user whose profile it is"),
            .query("language", LanguageTag.schema, "BCP 47; es finds es-CO too"),
            .query("city", .string(1...100), "Town; accents do not count"),
            .query("country", .choice(Country.codes), "ISO 3166-1 alpha-2"),
            .query("min_rating", .number(1, 5), "At least this on average"),
            .query("open_now", .boolean, "Whether somebody is there now; who tells no hours is neither"),
            .near(": those whose place is shown"),
            .query("within", .number(0, 20_100), "Kilometres around near"),
        ]
        guard kind == .specialist else { return shared }
        return shared + [
            .query("specialty", .string(1...64), "A specialty with all below it"),
            .query("verified", .boolean, "Whether staff have verified the licence"),
        ]
    }

    static let ordering = SearchOrdering(
        columns: [
            "created": "p.created", "updated": "p.updated", "name": "p.name_key",
            "rating": "COALESCE(r.stars * 1.0 / NULLIF(r.ratings, 0), 0)",
        ], newest: "created", index: index, id: "p.id", latitude: "p.latitude", longitude: "p.longitude")

    /// - Returns: the place to tell distances from.
    /// - Throws: `APIError` 400.
    static func apply(_ values: ParameterValues, viewer: Viewer, on connection: any SQLConnection, _ filter: inout SQLFilter) throws
        -> GeoPoint?
    {
        index.filter(values.string("search") ?? "", column: "p.id", &filter)
        if let user = values.string("user") { filter.add("p.user_id = ?", SQLValue(user)) }
        if let tag = values.string("language").flatMap({ LanguageTag($0)?.text }) {
            filter.add(
                "p.id IN (SELECT profile_id FROM profile_languages WHERE language = ? OR language LIKE ?)", SQLValue(tag),
                SQLValue(tag + "-%"))
        }
        if let city = values.string("city") { filter.add("p.city_key = ?", SQLValue(key(city))) }
        if let country = values.string("country") { filter.add("p.country = ?", SQLValue(country)) }
        if let rating = values.number("min_rating") {
            filter.add("r.ratings > 0")
            filter.add("r.stars >= CAST(? AS DOUBLE PRECISION) * r.ratings", SQLValue(NSDecimalNumber(decimal: rating).doubleValue))
        }
        if let specialty = values.string("specialty") { SpecialtyTable.filter(specialty, &filter) }
        if let isVerified = values.bool("verified") {
            filter.add(isVerified ? "p.licence_state = ?" : "p.licence_state <> ?", SQLValue(LicenceState.verified.rawValue))
        }
        if let isOpen = values.bool("open_now") { try addOpen(isOpen, on: connection, &filter) }
        return try near(values, viewer, &filter)
    }

    /// Each time zone that there is has one minute of the week now; zones of the same minute are asked for together.
    private static func addOpen(_ isOpen: Bool, now: Date = Date(), on connection: any SQLConnection, _ filter: inout SQLFilter) throws {
        let zones = try connection.query("SELECT DISTINCT time_zone FROM profile_hours").map { try $0.text("time_zone") }
        let byMinute = Dictionary(grouping: zones) { name in
            WeeklyHours.zone(name).map { WeeklyHours.minuteOfWeek(now, in: $0) } ?? -1
        }
        var conditions: [String] = []
        for (minute, zones) in byMinute.sorted(by: { $0.key < $1.key }) {
            let places = zones.map { filter.place(SQLValue($0)) }.joined(separator: ", ")
            conditions.append("(time_zone IN (\(places)) AND opens <= \(minute) AND closes > \(minute))")
        }
        let open = "SELECT profile_id FROM profile_hours" + (conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " OR "))
        filter.add("p.id IN (SELECT profile_id FROM profile_hours)")
        filter.add("p.id \(isOpen ? "IN" : "NOT IN") (\(open))")
    }

    private static func near(_ values: ParameterValues, _ viewer: Viewer, _ filter: inout SQLFilter) throws(APIError) -> GeoPoint? {
        guard let point = try values.point("near") else {
            if values.number("within") != nil { throw .invalid("near", "This field is required with within.") }
            return nil
        }
        filter.add("p.latitude IS NOT NULL")
        // Who may not see a place must not find it by narrowing circles either.
        if !viewer.isStaff {
            let visible = Visibility.admitting(viewer).map { "'\($0.rawValue)'" }.joined(separator: ", ")
            filter.add("(p.location_visibility IN (\(visible)) OR p.user_id = ?)", SQLValue(viewer.subject ?? ""))
        }
        if let within = values.number("within") {
            point.filter(
                within: NSDecimalNumber(decimal: within).doubleValue, latitude: "p.latitude", longitude: "p.longitude", &filter)
        }
        return point
    }

    /// Whom a viewer may know of. Who is switched off, or no longer what the profile presents, is not shown.
    static func addVisible(_ kind: ProfileKind, to viewer: Viewer, _ filter: inout SQLFilter) {
        guard !viewer.isStaff else { return }
        let own = "p.user_id = ?"
        guard kind.isPublic else { return filter.add(own, SQLValue(viewer.subject ?? "")) }
        filter.add(
            """
            (\(own) OR NOT EXISTS (SELECT 1 FROM user_accounts u WHERE u.id = p.user_id AND (u.is_active = 0
                OR (' ' || u.roles || ' ' NOT LIKE '% \(kind.role.rawValue) %' AND ' ' || u.roles || ' ' NOT LIKE '% Staff %'))))
            """, SQLValue(viewer.subject ?? ""))
    }

    /// Makes a profile found by what it says to everybody.
    static func put(_ profile: Profile, on connection: any SQLConnection) throws {
        let fields = profile.fields
        try index.put(
            profile.id, title: [fields.displayName, fields.companyName],
            details: try SpecialtyTable.names(fields.specialties, on: connection) + [fields.location.city], description: [fields.bio],
            on: connection)
    }

    /// Indexes profiles anew whose words have changed elsewhere.
    /// - Returns: whether there may be more.
    static func refresh(_ database: any Database) async throws -> Bool {
        try await index.refresh(database) { id, connection in
            if let profile = try ProfileTable.list("WHERE p.id = $1", [SQLValue(id)], on: connection).first {
                try put(profile, on: connection)
            }
        }
    }
}
