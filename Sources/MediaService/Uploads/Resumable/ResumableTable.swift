import Persistence

/// The statements on `tus_uploads`. Each runs within the caller's transaction.
package enum ResumableTable {
    private static let columns = "id, owner, length, received, part, metadata, media_id, expires"

    package static func insert(_ upload: ResumableUpload, on connection: any SQLConnection) throws {
        try connection.execute(
            "INSERT INTO tus_uploads (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                SQLValue(upload.id.description), SQLValue(upload.owner), SQLValue(upload.length), SQLValue(upload.received),
                SQLValue(upload.part.text), SQLValue(upload.metadata), SQLValue(upload.mediaID?.description), SQLValue(upload.expires),
            ])
    }

    /// Nil also where it is another's.
    package static func find(_ id: UploadID, of owner: String, on connection: any SQLConnection) throws -> ResumableUpload? {
        try connection.query(
            "SELECT \(columns) FROM tus_uploads WHERE id = $1 AND owner = $2", [SQLValue(id.description), SQLValue(owner)]
        ).first.map(ResumableUpload.init)
    }

    /// The one that was made of the same by the same words and is kept still.
    static func find(
        _ part: ResumableUpload.Part, metadata: String, of owner: String, now: Int64, on connection: any SQLConnection
    ) throws -> ResumableUpload? {
        try connection.query(
            "SELECT \(columns) FROM tus_uploads WHERE owner = $1 AND part = $2 AND metadata = $3 AND expires > $4 ORDER BY id LIMIT 1",
            [SQLValue(owner), SQLValue(part.text), SQLValue(metadata), SQLValue(now)]
        ).first.map(ResumableUpload.init)
    }

    /// What came, and until when the upload is kept.
    package static func update(_ upload: ResumableUpload, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE tus_uploads SET length = $2, received = $3, expires = $4 WHERE id = $1",
            [SQLValue(upload.id.description), SQLValue(upload.length), SQLValue(upload.received), SQLValue(upload.expires)])
    }

    /// False where it has become an item before, or is gone.
    package static func settle(_ id: UploadID, as mediaID: MediaID, on connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            "UPDATE tus_uploads SET media_id = $2 WHERE id = $1 AND media_id IS NULL",
            [SQLValue(id.description), SQLValue(mediaID.description)]) == 1
    }

    package static func delete(_ id: UploadID, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM tus_uploads WHERE id = $1", [SQLValue(id.description)])
    }

    /// False where it is to be kept longer than was thought.
    static func delete(_ id: UploadID, expiredBefore time: Int64, on connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            "DELETE FROM tus_uploads WHERE id = $1 AND expires <= $2", [SQLValue(id.description), SQLValue(time)]) == 1
    }

    package static func unfinished(of owner: String, now: Int64, on connection: any SQLConnection) throws -> Int {
        try connection.query(
            "SELECT COUNT(*) AS uploads FROM tus_uploads WHERE owner = $1 AND media_id IS NULL AND expires > $2",
            [SQLValue(owner), SQLValue(now)]
        ).first?.int("uploads") ?? 0
    }

    /// All of an owner's, those that have become items among them.
    static func ids(of owner: String, on connection: any SQLConnection) throws -> [UploadID] {
        try connection.query("SELECT id FROM tus_uploads WHERE owner = $1", [SQLValue(owner)]).compactMap { UploadID(try $0.text("id")) }
    }

    package static func expired(before time: Int64, limit: Int, on connection: any SQLConnection) throws -> [ResumableUpload] {
        try connection.query(
            "SELECT \(columns) FROM tus_uploads WHERE expires <= $1 ORDER BY expires LIMIT \(limit)", [SQLValue(time)]
        ).map(ResumableUpload.init)
    }

    /// All bytes are there, and no item was made of them: what a crash leaves between the two.
    package static func awaitingIntake(now: Int64, limit: Int, on connection: any SQLConnection) throws -> [ResumableUpload] {
        try connection.query(
            """
            SELECT \(columns) FROM tus_uploads
            WHERE media_id IS NULL AND length = received AND part <> 'partial' AND expires > $1 ORDER BY expires LIMIT \(limit)
            """, [SQLValue(now)]
        ).map(ResumableUpload.init)
    }

    /// Those of `ids` whose file is still needed.
    static func unsettled(_ ids: [UploadID], on connection: any SQLConnection) throws -> Set<UploadID> {
        guard !ids.isEmpty else { return [] }
        let places = (1...ids.count).map { "$\($0)" }.joined(separator: ", ")
        let rows = try connection.query(
            "SELECT id FROM tus_uploads WHERE media_id IS NULL AND id IN (\(places))", ids.map { SQLValue($0.description) })
        return Set(try rows.compactMap { UploadID(try $0.text("id")) })
    }
}

extension ResumableUpload {
    fileprivate init(_ row: SQLRow) throws {
        guard let id = UploadID(try row.text("id")), let part = Part(text: try row.text("part")) else {
            throw DatabaseError.decoding("an upload's row has a value that this version does not know")
        }
        self.init(
            id: id, owner: try row.text("owner"), length: try row.optionalInt("length"), received: try row.int("received"), part: part,
            metadata: try row.text("metadata"), expires: Int64(try row.int("expires")))
        mediaID = try row.optionalText("media_id").flatMap { MediaID($0) }
    }
}

extension ResumableUpload.Part {
    /// As the column has it: nothing, `partial`, or `final` and the pieces' ids.
    fileprivate var text: String {
        switch self {
        case .whole: ""
        case .partial: "partial"
        case .final(let ids): (["final"] + ids.map(\.description)).joined(separator: " ")
        }
    }

    fileprivate init?(text: String) {
        switch text {
        case "": self = .whole
        case "partial": self = .partial
        default:
            let words = text.split(separator: " ")
            guard words.first == "final" else { return nil }
            self = .final(words.dropFirst().compactMap { UploadID($0) })
        }
    }
}
