import Foundation
import Persistence
import Projections
import Schemas
import WebAPI

/// What a user says of a specialist.
struct Review: Sendable {
    let id: String
    /// Whom it is about: it outlives the profile.
    let user: String
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
    private static let columns = "id, user_id, author, rating, text, created, updated, version"

    static func list(_ clauses: String, _ arguments: [SQLValue], on connection: any SQLConnection) throws -> [Review] {
        try connection.query("SELECT \(columns) FROM reviews \(clauses)", arguments).map { row in
            Review(
                id: try row.text("id"), user: try row.text("user_id"), author: try row.optionalText("author"),
                rating: try row.int("rating"), text: try row.text("text"), created: Int64(try row.int("created")),
                updated: Int64(try row.int("updated")), version: try row.int("version"))
        }
    }

    static func find(_ id: String, of user: String, on connection: any SQLConnection) throws -> Review? {
        try list("WHERE id = $1 AND user_id = $2", [SQLValue(id), SQLValue(user)], on: connection).first
    }

    /// False where the author has reviewed the specialist already.
    static func insert(_ review: Review, on connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO reviews (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (user_id, author) DO NOTHING
            """,
            [
                SQLValue(review.id), SQLValue(review.user), SQLValue(review.author), SQLValue(review.rating), SQLValue(review.text),
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

    /// A user is gone: what was said of them goes, what they said stays without a name.
    static func forget(_ user: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM reviews WHERE user_id = $1", [SQLValue(user)])
        try connection.execute("UPDATE reviews SET author = NULL WHERE author = $1", [SQLValue(user)])
        try RatingProjection.forget(user, on: connection)
    }
}

/// The sums that ratings of specialists are told from. Whoever rates them, a later service's events among them, adds here in the transaction of the
/// rating.
enum RatingProjection {
    /// - Parameters:
    ///   - stars: more, or fewer, than before.
    ///   - count: ratings that came (1), went (-1) or changed (0).
    ///   - user: the specialist.
    static func add(stars: Int, count: Int, to user: String, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO specialist_ratings (user_id, stars, ratings) VALUES ($1, $2, $3)
            ON CONFLICT (user_id) DO UPDATE SET stars = specialist_ratings.stars + excluded.stars,
                ratings = specialist_ratings.ratings + excluded.ratings
            """, [SQLValue(user), SQLValue(stars), SQLValue(count)])
    }

    static func forget(_ user: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM specialist_ratings WHERE user_id = $1", [SQLValue(user)])
    }
}
