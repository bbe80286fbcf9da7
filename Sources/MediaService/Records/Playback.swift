import Imaging
import Persistence
import WebAPI

/// How far a video is that is written as browsers play it, and what came of it.
struct Playback: Sendable, Hashable {
    var status = MediaStatus.processing
    /// Thousandths that are done.
    var perMille = 0
    /// Why it failed; where it is ready, what of the source could not be carried over.
    var failure: MediaFailure?
    /// As a viewer sees it; nil until it is ready.
    var size: PixelSize?
    /// Bytes.
    var byteCount: Int?
    /// Whether there are segments for HLS, too.
    var hasSegments = false
}

extension Playback {
    static let columns = """
        playback_status, playback_per_mille, playback_code, playback_message, playback_width, playback_height, playback_size, \
        playback_has_segments
        """

    /// Nil where none is written.
    init?(_ row: SQLRow) throws {
        guard let status = try row.optionalText("playback_status") else { return nil }
        guard let status = MediaStatus(rawValue: status) else {
            throw DatabaseError.decoding("a media row has a value that this version does not know")
        }
        self.status = status
        perMille = try row.optionalInt("playback_per_mille") ?? 0
        failure = try row.optionalText("playback_code").map {
            MediaFailure(code: $0, message: try row.optionalText("playback_message") ?? "")
        }
        if let width = try row.optionalInt("playback_width"), let height = try row.optionalInt("playback_height") {
            size = PixelSize(width: max(1, width), height: max(1, height))
        }
        byteCount = try row.optionalInt("playback_size")
        hasSegments = try row.optionalInt("playback_has_segments") == 1
    }

    static func values(_ playback: Playback?) -> [SQLValue] {
        [
            SQLValue(playback?.status.rawValue), SQLValue(playback?.perMille), SQLValue(playback?.failure?.code),
            SQLValue(playback?.failure?.message), SQLValue(playback?.size?.width), SQLValue(playback?.size?.height),
            SQLValue(playback?.byteCount), SQLValue(playback.map { $0.hasSegments ? 1 : 0 }),
        ]
    }

    /// False where the item is gone meanwhile.
    static func update(_ playback: Playback, of id: MediaID, now: Int64, on connection: any SQLConnection) throws -> Bool {
        let names = columns.split(separator: ", ")
        let assignments = names.enumerated().map { "\($1) = $\($0 + 3)" }.joined(separator: ", ")
        return try connection.execute(
            "UPDATE media SET updated = $2, \(assignments) WHERE id = $1", [SQLValue(id.description), SQLValue(now)] + values(playback))
            == 1
    }

    /// The record's member `playback`: `null` for a photo, and where no such video is written. `progress` is 0 to 1.
    static func json(_ record: MediaRecord, _ links: MediaLinks) -> String {
        guard let playback = record.playback, record.status != .failed else { return "null" }
        let isReady = playback.status == .ready
        return JSONText.object([
            ("status", JSONText.string(playback.status.rawValue)),
            ("progress", isReady ? "1" : "\(Double(playback.perMille) / 1000)"),
            ("error", playback.failure?.json(in: links.language) ?? "null"),
            ("width", playback.size.map { "\($0.width)" } ?? "null"),
            ("height", playback.size.map { "\($0.height)" } ?? "null"),
            ("size", playback.byteCount.map(String.init) ?? "null"),
            ("content_type", JSONText.string("video/mp4")),
            ("url", isReady ? JSONText.string(links.webVideo(record)) : "null"),
            ("hls", isReady && playback.hasSegments ? JSONText.string(links.playlist(record)) : "null"),
        ])
    }
}
