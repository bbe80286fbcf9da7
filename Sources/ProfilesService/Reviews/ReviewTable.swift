import Foundation
import Persistence
import Projections
import Schemas
import WebAPI

/// What a user says of a specialist.
struct Review: Sendable {
    let id: String
    let profile: String
    /// Nil where the account is gone.
    let author: String?
    var rating: Int
    var text: String
    let created: Int64
    var updated: Int64
    var version = 1

    var tag: String { "\"\(version)\"" }

    func json(_ users: [String: UserAccount]) -> JSONValue {
        [
            "id": .string(id), "author": author.map { UserAccount.json($0, users[$0]) } ?? .null, "rating": .number(Decimal(rating)),
            "text": .string(text), "created": .string(Timestamp.text(milliseconds: created)),
            "updated": .string(Timestamp.text(milliseconds: updated)),
        ]
    }

    static let schema = JSONSchema.object(
        .required("id", .uuid), .required("author", UserAccount.schema.nullable.described("Null where the account is gone")),
        .required("rating", .integer(1...5)), .required("text", .string()), .required("created", .dateTime), .required("updated", .dateTime)
    ).named("Review")
}

enum ReviewTable {
    private static let columns = "id, profile_id, author, rating, text, created, updated, version"

    static func list(_ clauses: String, _ arguments: [SQLValue], on connection: any SQLConnection) throws -> [Review] {
        try connection.query("SELECT \(columns) FROM reviews \(clauses)", arguments).map { row in
            Review(
                id: try row.text("id"), profile: try row.text("profile_id"), author: try row.optionalText("author"),
                rating: try row.int("rating"), text: try row.text("text"), created: Int64(try row.int("created")),
                updated: Int64(try row.int("updated")), version: try row.int("version"))
        }
    }

    static func find(_ id: String, of profile: String, on connection: any SQLConnection) throws -> Review? {
        try list("WHERE id = $1 AND profile_id = $2", [SQLValue(id), SQLValue(profile)], on: connection).first
    }

    /// False where the author has reviewed the profile already.
    static func insert(_ review: Review, on connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO reviews (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (profile_id, author) DO NOTHING
            """,
            [
                SQLValue(review.id), SQLValue(review.profile), SQLValue(review.author), SQLValue(review.rating), SQLValue(review.text),
                SQLValue(review.created), SQLValue(review.updated), SQLValue(review.version),
            ]) == 1
    }

    static func update(_ review: inout Review, on connection: any SQLConnection) throws {
        review.version += 1
        review.updated = Timestamp.now()
        try connection.execute(
            "UPDATE reviews SET rating = $2, text = $3, updated = $4, version = $5 WHERE id = $1",
            [SQLValue(review.id), SQLValue(review.rating), SQLValue(review.text), SQLValue(review.updated), SQLValue(review.version)])
    }

    static func delete(_ id: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM reviews WHERE id = $1", [SQLValue(id)])
    }
}

/// The sums that ratings are told from. Whoever rates profiles, a later service's events among them, adds here in the transaction of the
/// rating.
enum RatingProjection {
    /// - Parameters:
    ///   - stars: more, or fewer, than before.
    ///   - count: ratings that came (1), went (-1) or changed (0).
    static func add(stars: Int, count: Int, to profile: String, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO profile_ratings (profile_id, stars, ratings) VALUES ($1, $2, $3)
            ON CONFLICT (profile_id) DO UPDATE SET stars = profile_ratings.stars + excluded.stars,
                ratings = profile_ratings.ratings + excluded.ratings
            """, [SQLValue(profile), SQLValue(stars), SQLValue(count)])
    }
}
