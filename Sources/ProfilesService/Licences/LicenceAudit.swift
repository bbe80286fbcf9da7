import Persistence
import Schemas
import WebAPI

/// Who did what about a licence, and when: appended to, never changed, but for what a deleted user leaves behind.
enum LicenceAudit {
    /// Appends what has just happened to the profile.
    static func append(_ action: LicenceAction, _ profile: Profile, actor: String, on connection: any SQLConnection) throws {
        let licence = profile.fields.licence
        try connection.execute(
            """
            INSERT INTO licence_audit (id, profile_id, user_id, actor, action, licence_number, licensing_body, document, reason, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            [
                SQLValue(UUIDv7.make()), SQLValue(profile.id), SQLValue(profile.user), SQLValue(actor), SQLValue(action.rawValue),
                SQLValue(licence.number), SQLValue(licence.body), SQLValue(profile.verification.document),
                SQLValue(profile.verification.reason), SQLValue(Timestamp.now()),
            ])
    }

    /// The last entries of a profile, newest first, at most `limit`.
    static func list(_ profile: String, limit: Int, on connection: any SQLConnection) throws -> [JSONValue] {
        try connection.query(
            """
            SELECT actor, action, licence_number, licensing_body, document, reason, at FROM licence_audit WHERE profile_id = $1
            ORDER BY id DESC LIMIT \(limit)
            """, [SQLValue(profile)]
        ).map { row in
            [
                "actor": .string(try row.text("actor")), "action": .string(try row.text("action")),
                "licence_number": .string(try row.text("licence_number")), "licensing_body": .string(try row.text("licensing_body")),
                "document_id": try row.optionalText("document").map { .string($0) } ?? .null, "reason": .string(try row.text("reason")),
                "at": .string(Timestamp.text(milliseconds: Int64(try row.int("at")))),
            ]
        }
    }

    /// What tells of a deleted user goes; that something was decided, by whom and when, stays.
    static func forget(_ user: String, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE licence_audit SET licence_number = '', licensing_body = '', document = NULL, reason = '' WHERE user_id = $1",
            [SQLValue(user)])
    }

    static let schema = JSONSchema.object(
        .required("actor", .string().described("Id of the user")),
        .required("action", .choice(["requested", "verified", "rejected", "reset"])),
        .required("licence_number", .string()), .required("licensing_body", .string()), .required("document_id", .uuid.nullable),
        .required("reason", .string()), .required("at", .dateTime)
    ).named("LicenceAuditEntry")
}
