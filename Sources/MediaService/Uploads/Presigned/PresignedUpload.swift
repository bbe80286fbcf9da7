import Persistence

/// One row of `presigned_uploads`: what may be uploaded once, by whoever has the address.
package struct PresignedUpload: Sendable, Equatable {
    package let id: UploadID
    package let owner: String
    /// Bytes of the file at the most.
    package let size: Int
    package let contentType: String?
    package let filename: String
    package let fields: MediaFields
    package var mediaID: MediaID?
    /// Milliseconds since 1970, UTC.
    package let expires: Int64

    package init(_ request: PresignRequest, owner: String, expires: Int64) {
        id = UploadID()
        self.owner = owner
        size = request.size
        contentType = request.contentType
        filename = request.filename
        fields = request.fields
        self.expires = expires
    }

    package var path: String { Self.path(id) }

    /// What is signed. Without a slash at its end, behind which curl would put the file's name.
    package static func path(_ id: UploadID) -> String { "/api/media/presigned/\(id)" }

    // MARK: The statements on its table. Each runs within the caller's transaction.

    private static let columns = "id, owner, size, content_type, filename, title, alt, visibility, purpose, media_id, expires"

    /// How long a row outlives its address, in milliseconds: an upload that began in time may end later.
    private static let grace: Int64 = 3_600_000

    /// Also takes away what has long expired: the signature of such an address is refused without a look at its row.
    package func insert(now: Int64, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM presigned_uploads WHERE expires <= $1", [SQLValue(now - Self.grace)])
        try connection.execute(
            "INSERT INTO presigned_uploads (\(Self.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10)",
            [
                SQLValue(id.description), SQLValue(owner), SQLValue(size), SQLValue(contentType ?? ""), SQLValue(filename),
                SQLValue(fields.title ?? ""), SQLValue(fields.alt ?? ""),
                SQLValue((fields.visibility ?? .public).rawValue), SQLValue(fields.purpose ?? ""), SQLValue(expires),
            ])
    }

    package static func find(_ id: UploadID, on connection: any SQLConnection) throws -> PresignedUpload? {
        try connection.query("SELECT \(columns) FROM presigned_uploads WHERE id = $1", [SQLValue(id.description)]).first.map(Self.init)
    }

    /// Uses the address up; false where that has happened before.
    package func consume(for mediaID: MediaID, on connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            "UPDATE presigned_uploads SET media_id = $2 WHERE id = $1 AND media_id IS NULL",
            [SQLValue(id.description), SQLValue(mediaID.description)]) == 1
    }

    static func deleteAll(of owner: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM presigned_uploads WHERE owner = $1", [SQLValue(owner)])
    }

    private init(_ row: SQLRow) throws {
        guard let id = UploadID(try row.text("id")), let visibility = Visibility(rawValue: try row.text("visibility")) else {
            throw DatabaseError.decoding("a presigned upload has a value that this version does not know")
        }
        self.id = id
        owner = try row.text("owner")
        size = try row.int("size")
        let type = try row.text("content_type")
        contentType = type.isEmpty ? nil : type
        filename = try row.text("filename")
        fields = MediaFields(
            title: try row.text("title"), alt: try row.text("alt"), visibility: visibility, purpose: try row.text("purpose"))
        mediaID = try row.optionalText("media_id").flatMap { MediaID($0) }
        expires = Int64(try row.int("expires"))
    }
}
