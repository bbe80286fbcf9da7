import Codecs
import Imaging
import Persistence

/// The statements on `media` and `renditions`. Each runs within the caller's transaction.
enum MediaTable {
    static func insert(_ record: MediaRecord, on connection: any SQLConnection) throws {
        let places = (1...record.values.count).map { "$\($0)" }.joined(separator: ", ")
        try connection.execute("INSERT INTO media (\(MediaRecord.columns)) VALUES (\(places))", record.values)
    }

    static func find(_ id: MediaID, on connection: any SQLConnection) throws -> MediaRecord? {
        try connection.query("SELECT \(MediaRecord.columns) FROM media WHERE id = $1", [SQLValue(id.description)]).first.map(
            MediaRecord.init)
    }

    static func exists(_ id: MediaID, on connection: any SQLConnection) throws -> Bool {
        try !connection.query("SELECT 1 AS one FROM media WHERE id = $1", [SQLValue(id.description)]).isEmpty
    }

    /// The first items of an owner, oldest first.
    static func ids(of owner: String, limit: Int, on connection: any SQLConnection) throws -> [MediaID] {
        try connection.query("SELECT id FROM media WHERE owner = $1 ORDER BY created, id LIMIT \(limit)", [SQLValue(owner)]).compactMap {
            MediaID(try $0.text("id"))
        }
    }

    /// What a person may change of an item.
    static func updateDescription(_ record: MediaRecord, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE media SET title = $2, alt = $3, visibility = $4, purpose = $5, updated = $6 WHERE id = $1",
            [
                SQLValue(record.id.description), SQLValue(record.title), SQLValue(record.alt), SQLValue(record.visibility.rawValue),
                SQLValue(record.purpose), SQLValue(record.updated),
            ])
    }

    /// What a render found; false where the item is gone meanwhile.
    static func updateOutcome(_ record: MediaRecord, on connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            "UPDATE media SET status = $2, failure_code = $3, failure_message = $4, placeholder = $5, color = $6, updated = $7 WHERE id = $1",
            [
                SQLValue(record.id.description), SQLValue(record.status.rawValue), SQLValue(record.failure?.code),
                SQLValue(record.failure?.message), SQLValue(record.placeholder), SQLValue(record.color), SQLValue(record.updated),
            ]) == 1
    }

    static func updateVideo(_ record: MediaRecord, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE media SET duration_ms = $2, frames_per_1000_seconds = $3, bit_rate = $4, video_codec = $5, audio_codec = $6 WHERE id = $1
            """, [SQLValue(record.id.description)] + VideoFacts.values(record.video))
    }

    /// Deletes the item with its renditions' rows and its job; false where there is none.
    static func delete(_ id: MediaID, on connection: any SQLConnection) throws -> Bool {
        try connection.execute("DELETE FROM media WHERE id = $1", [SQLValue(id.description)]) == 1
    }

    static func upsert(_ rendition: RenditionRecord, of id: MediaID, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO renditions (media_id, preset, format, width, height, size, used, kept) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
            ON CONFLICT (media_id, preset, format) DO UPDATE
            SET width = excluded.width, height = excluded.height, size = excluded.size, used = excluded.used, kept = 1
            """,
            [
                SQLValue(id.description), SQLValue(rendition.preset), SQLValue(rendition.format.rawValue),
                SQLValue(rendition.pixelSize.width),
                SQLValue(rendition.pixelSize.height), SQLValue(rendition.size), SQLValue(MediaCore.now()),
            ])
    }

    /// The renditions made so far of each of these items.
    static func renditions(of ids: [MediaID], on connection: any SQLConnection) throws -> [MediaID: [RenditionRecord]] {
        guard !ids.isEmpty else { return [:] }
        let places = (1...ids.count).map { "$\($0)" }.joined(separator: ", ")
        let rows = try connection.query(
            "SELECT media_id, preset, format, width, height, size FROM renditions WHERE media_id IN (\(places))",
            ids.map { SQLValue($0.description) })
        var found: [MediaID: [RenditionRecord]] = [:]
        for row in rows {
            // A format that this version does not write any more is left out of the answer.
            guard let id = MediaID(try row.text("media_id")), let format = OutputFormat(rawValue: try row.text("format")) else { continue }
            let size = PixelSize(width: max(1, try row.int("width")), height: max(1, try row.int("height")))
            found[id, default: []].append(
                RenditionRecord(preset: try row.text("preset"), format: format, pixelSize: size, size: try row.int("size")))
        }
        return found
    }

    static func counts(on connection: any SQLConnection) throws -> [(status: String, count: Int)] {
        try connection.query("SELECT status, COUNT(*) AS items FROM media GROUP BY status").map {
            (try $0.text("status"), try $0.int("items"))
        }
    }
}
