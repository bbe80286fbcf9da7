import Foundation
import Persistence
import Schemas

/// One profile of a user.
struct Profile: Sendable {
    let id: String
    let kind: ProfileKind
    /// Its owner.
    let user: String
    var fields: ProfileFields
    var verification = Verification()
    /// Sums over all ratings, as they were read.
    var rating = Rating()
    /// Goes up with each change that the owner, staff or a vanished photo makes.
    var version = 1
    /// Milliseconds since 1970, UTC.
    let created: Int64
    var updated: Int64

    init(kind: ProfileKind, user: String, fields: ProfileFields, now: Int64) {
        id = UUIDv7.make()
        self.kind = kind
        self.user = user
        self.fields = fields
        created = now
        updated = now
    }

    /// Of the version alone; answers add a digest of what they show (`EntityTag`).
    var tag: String { "\"\(version)\"" }

    /// What is selected of profiles and of the tables joined to them.
    static let columns = """
        p.id, p.kind, p.user_id, p.fields, p.licence_state, p.licence_document, p.licence_reason, p.version, p.created, p.updated,
        COALESCE(r.stars, 0) AS stars, COALESCE(r.ratings, 0) AS ratings
        """
    static let source = "profiles p LEFT JOIN specialist_ratings r ON r.user_id = p.user_id AND p.kind = 'specialist'"

    init(_ row: SQLRow) throws {
        id = try row.text("id")
        user = try row.text("user_id")
        guard let kind = ProfileKind(rawValue: try row.text("kind")), let state = LicenceState(rawValue: try row.text("licence_state"))
        else {
            throw DatabaseError.decoding("a profile's kind or state is unknown")
        }
        self.kind = kind
        fields = ProfileFields(try JSONValue(parsing: Data(try row.text("fields").utf8)).members)
        verification = Verification(
            state: state, document: try row.optionalText("licence_document"), reason: try row.text("licence_reason"))
        rating = Rating(stars: try row.int("stars"), count: try row.int("ratings"))
        version = try row.int("version")
        created = Int64(try row.int("created"))
        updated = Int64(try row.int("updated"))
    }
}

/// What a profile was rated, summed up.
struct Rating: Sendable, Hashable {
    var stars = 0
    var count = 0

    /// From 1 to 5, to two digits; nil where nobody has rated.
    var average: Decimal? {
        guard count > 0 else { return nil }
        return Decimal((stars * 100 + count / 2) / count) / 100
    }

    var json: JSONValue { ["average": average.map { .number($0) } ?? .null, "count": .number(Decimal(count))] }

    static let schema = JSONSchema.object(
        .required("average", .number(1, 5).nullable.described("Null where nobody has rated")),
        .required("count", .integer(0...Int(Int32.max)))
    ).named("Rating")
}
