import Events
import Foundation
import Persistence
import Schemas

/// What a service that is not the profiles service knows of profiles that everybody sees, in a table of its own database, fed by the events
/// of profiles. It keeps no more than what stands beside a name.
public enum ProfileProjection {
    public static let topic = "user.events"
    public static let types = ["profile.created", "profile.updated", "profile.deleted"]

    public static let migration = Migration(
        "0001-profile-projection",
        """
        CREATE TABLE profile_cards (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id TEXT NOT NULL, display_name TEXT NOT NULL, photo_id TEXT, city TEXT NOT NULL,
            region TEXT NOT NULL, country TEXT NOT NULL, is_verified BIGINT NOT NULL,
            -- In hundredths of a star; null where nobody has rated.
            rating BIGINT, ratings BIGINT NOT NULL);
        CREATE INDEX profile_cards_user ON profile_cards (user_id, kind);
        """)

    /// Takes an event of the topic in; those of consumers, whose profiles are private, tell nothing.
    public static func apply(_ event: CloudEvent, on connection: any SQLConnection) throws {
        guard types.contains(event.type) else { return }
        let data = try JSONValue(parsing: Data(event.data.utf8))
        guard event.type != "profile.deleted", let card = ProfileCard(data) else {
            try connection.execute("DELETE FROM profile_cards WHERE id = $1", [SQLValue(event.subject)])
            return
        }
        try connection.execute(
            """
            INSERT INTO profile_cards (id, kind, user_id, display_name, photo_id, city, region, country, is_verified, rating, ratings)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, user_id = excluded.user_id, display_name = excluded.display_name,
                photo_id = excluded.photo_id, city = excluded.city, region = excluded.region, country = excluded.country,
                is_verified = excluded.is_verified, rating = excluded.rating, ratings = excluded.ratings
            """,
            [
                SQLValue(event.subject), SQLValue(card.kind), SQLValue(card.user), SQLValue(card.displayName), SQLValue(card.photo),
                SQLValue(card.city), SQLValue(card.region), SQLValue(card.country), SQLValue(card.isVerified), SQLValue(card.rating),
                SQLValue(card.ratings),
            ])
    }

    /// The profiles of users, by user; that of a business before that of a specialist.
    public static func find(_ users: some Collection<String>, on connection: any SQLConnection) throws -> [String: [ProfileCard]] {
        var found: [String: [ProfileCard]] = [:]
        try connection.forEachChunk(of: users) { places, values in
            let rows = try connection.query(
                """
                SELECT id, kind, user_id, display_name, photo_id, city, region, country, is_verified, rating, ratings FROM profile_cards
                WHERE user_id IN (\(places)) ORDER BY user_id, kind, id
                """, values)
            for row in rows {
                let card = try ProfileCard(row)
                found[card.user, default: []].append(card)
            }
        }
        return found
    }

    /// What is known of a user who is gone.
    public static func forget(_ user: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM profile_cards WHERE user_id = $1", [SQLValue(user)])
    }

    /// SQL of the users whose licence staff have verified, and whose profile is shown: `IN (…)` takes it. The service's database has
    /// `UserProjection.migration` too.
    public static let verifiedUsers = """
        SELECT c.user_id FROM profile_cards c WHERE c.is_verified = 1 AND NOT EXISTS (
            SELECT 1 FROM user_accounts u WHERE u.id = c.user_id AND (u.is_active = 0
                OR (' ' || u.roles || ' ' NOT LIKE '% Specialist %' AND ' ' || u.roles || ' ' NOT LIKE '% Staff %')))
        """
}

/// A profile that everybody sees, as another service knows it.
public struct ProfileCard: Sendable, Hashable {
    public let id: String
    /// `specialist` or `businessman`.
    public let kind: String
    /// Its owner.
    public let user: String
    public let displayName: String
    /// A media item of the owner's.
    public let photo: String?
    public let city: String
    public let region: String
    /// ISO 3166-1 alpha-2, or empty.
    public let country: String
    /// Whether staff have verified the licence.
    public let isVerified: Bool
    /// In hundredths of a star; nil where nobody has rated.
    public let rating: Int?
    public let ratings: Int

    /// What a user has to be for the profile to be shown.
    private var role: String { kind.capitalized }

    /// Who is switched off, or no longer what the profile presents, is not shown by it; nor is who is gone.
    func isShown(of account: UserAccount?) -> Bool {
        guard let account else { return true }
        return account.isActive && !account.isDeleted && (account.roles.contains(role) || account.roles.contains("Staff"))
    }

    /// Nil where the event tells no more than that there is one.
    fileprivate init?(_ data: JSONValue) {
        guard let id = data["id"]?.string, let kind = data["kind"]?.string, let user = data["user"]?["id"]?.string,
            let name = data["display_name"]?.string
        else { return nil }
        self.id = id
        self.kind = kind
        self.user = user
        displayName = name
        photo = data["photo_id"]?.string
        city = data["location"]?["city"]?.string ?? ""
        region = data["location"]?["region"]?.string ?? ""
        country = data["location"]?["country"]?.string ?? ""
        isVerified = data["verification"]?["status"]?.string == "verified"
        rating = (data["rating"]?["average"]?.number).map { NSDecimalNumber(decimal: $0 * 100).intValue }
        ratings = data["rating"]?["count"]?.integer ?? 0
    }

    fileprivate init(_ row: SQLRow) throws {
        id = try row.text("id")
        kind = try row.text("kind")
        user = try row.text("user_id")
        displayName = try row.text("display_name")
        photo = try row.optionalText("photo_id")
        city = try row.text("city")
        region = try row.text("region")
        country = try row.text("country")
        isVerified = try row.bool("is_verified")
        rating = try row.optionalInt("rating")
        ratings = try row.int("ratings")
    }
}
