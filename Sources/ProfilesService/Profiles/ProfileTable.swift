import Foundation
import Persistence
import WebAPI

/// Profiles in the database, with the tables that lists choose by.
enum ProfileTable {
    /// - Parameter clauses: what stands behind FROM; `p` is the profile, `r` its rating.
    static func list(_ clauses: String, _ arguments: [SQLValue], on connection: any SQLConnection) throws -> [Profile] {
        try connection.query("SELECT \(Profile.columns) FROM \(Profile.source) \(clauses)", arguments).map(Profile.init)
    }

    static func find(_ id: String, _ kind: ProfileKind, on connection: any SQLConnection) throws -> Profile? {
        try list("WHERE p.id = $1 AND p.kind = $2", [SQLValue(id), SQLValue(kind.rawValue)], on: connection).first
    }

    static func find(of user: String, _ kind: ProfileKind, on connection: any SQLConnection) throws -> Profile? {
        try list("WHERE p.user_id = $1 AND p.kind = $2", [SQLValue(user), SQLValue(kind.rawValue)], on: connection).first
    }

    /// Those that refer to a media item.
    static func showing(_ media: String, on connection: any SQLConnection) throws -> [Profile] {
        try list(
            "WHERE p.id IN (SELECT profile_id FROM profile_media WHERE media_id = $1) ORDER BY p.id", [SQLValue(media)], on: connection)
    }

    /// False where the user has a profile of the kind already.
    static func insert(_ profile: Profile, on connection: any SQLConnection) throws -> Bool {
        let inserted = try connection.execute(
            """
            INSERT INTO profiles (id, kind, user_id, fields, name_key, city_key, country, latitude, longitude, location_visibility,
                licence_state, licence_document, licence_reason, version, created, updated)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            ON CONFLICT (kind, user_id) DO NOTHING
            """,
            [SQLValue(profile.id), SQLValue(profile.kind.rawValue), SQLValue(profile.user)] + written(profile) + [
                SQLValue(profile.version), SQLValue(profile.created), SQLValue(profile.updated),
            ])
        guard inserted == 1 else { return false }
        try writeLists(profile, on: connection)
        return true
    }

    /// Stores the profile as its next version.
    static func update(_ profile: inout Profile, on connection: any SQLConnection) throws {
        profile.version += 1
        profile.updated = Timestamp.now()
        try connection.execute(
            """
            UPDATE profiles SET fields = $2, name_key = $3, city_key = $4, country = $5, latitude = $6, longitude = $7,
                location_visibility = $8, licence_state = $9, licence_document = $10, licence_reason = $11, version = $12, updated = $13
            WHERE id = $1
            """, [SQLValue(profile.id)] + written(profile) + [SQLValue(profile.version), SQLValue(profile.updated)])
        for table in ["profile_specialties", "profile_languages", "profile_hours", "profile_media"] {
            try connection.execute("DELETE FROM \(table) WHERE profile_id = $1", [SQLValue(profile.id)])
        }
        try writeLists(profile, on: connection)
    }

    static func delete(_ id: String, on connection: any SQLConnection) throws {
        try ProfileSearch.index.remove(id, on: connection)
        // What refers to it goes with it.
        try connection.execute("DELETE FROM profiles WHERE id = $1", [SQLValue(id)])
    }

    /// From `fields` to `licence_reason`, in the order of the statements above.
    private static func written(_ profile: Profile) -> [SQLValue] {
        let (fields, location) = (profile.fields, profile.fields.location)
        return [
            SQLValue(ProfileJSON.stored(fields)), SQLValue(ProfileSearch.key(fields.displayName)),
            SQLValue(ProfileSearch.key(location.city)),
            SQLValue(location.country), location.point.map { SQLValue($0.latitude) } ?? .null,
            location.point.map { SQLValue($0.longitude) } ?? .null, SQLValue(fields.visibility("location").rawValue),
            SQLValue(profile.verification.state.rawValue), SQLValue(profile.verification.document), SQLValue(profile.verification.reason),
        ]
    }

    private static func writeLists(_ profile: Profile, on connection: any SQLConnection) throws {
        let (id, fields) = (SQLValue(profile.id), profile.fields)
        for slug in fields.specialties {
            try connection.execute("INSERT INTO profile_specialties (profile_id, slug) VALUES ($1, $2)", [id, SQLValue(slug)])
        }
        for language in fields.languages {
            try connection.execute("INSERT INTO profile_languages (profile_id, language) VALUES ($1, $2)", [id, SQLValue(language)])
        }
        if let zone = fields.timeZone {
            for span in fields.hours.spans {
                try connection.execute(
                    "INSERT INTO profile_hours (profile_id, time_zone, opens, closes) VALUES ($1, $2, $3, $4)",
                    [id, SQLValue(zone), SQLValue(span.opens), SQLValue(span.closes)])
            }
        }
        for item in fields.media.sorted() {
            try connection.execute("INSERT INTO profile_media (profile_id, media_id) VALUES ($1, $2)", [id, SQLValue(item)])
        }
        try ProfileSearch.put(profile, on: connection)
    }
}
