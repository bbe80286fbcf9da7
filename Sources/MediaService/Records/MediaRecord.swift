import Codecs
import Imaging
import Persistence
import WebAPI

/// Where a media item stands.
public enum MediaStatus: String, Sendable, CaseIterable {
    /// Stored; its renditions are being made, and are made on request until then.
    case processing
    case ready
    /// Cannot be rendered; `MediaRecord.failure` says why.
    case failed
}

/// Who may see a media item.
public enum Visibility: String, Sendable, CaseIterable {
    case `public`
    /// Only its owner, and whoever has a signed link.
    case `private`
}

/// Why a media item failed.
public struct MediaFailure: Sendable, Hashable {
    /// Stable and machine-readable; clients translate by it.
    public let code: String
    /// A sentence for the person who uploaded the file, in English as it is stored.
    public let message: String

    /// - Parameter language: that the sentence is told in; nil for English.
    func json(in language: Translation?) -> String {
        JSONText.object([("code", JSONText.string(code)), ("message", JSONText.string(language?.text(message) ?? message))])
    }
}

/// One row of `media`.
struct MediaRecord: Sendable {
    let id: MediaID
    let kind: String
    var status: MediaStatus
    var failure: MediaFailure?
    var title: String
    var alt: String
    var visibility: Visibility
    var purpose: String
    /// As the client named the file; only ever shown.
    let filename: String
    let format: ImageFormat
    /// Bytes of the original.
    let size: Int
    /// As a viewer sees it, orientation applied.
    let displaySize: PixelSize
    let hasAlpha: Bool
    /// Nil for a photo.
    var video: VideoFacts?
    /// How far the video that browsers play is; nil where none is written.
    var playback: Playback?
    /// Nil for what does not move, and for a video.
    var animation: AnimationFacts?
    let sha256: String
    /// Base64 of the ThumbHash.
    var placeholder: String?
    /// `#rrggbb`.
    var color: String?
    let owner: String
    /// Milliseconds since 1970, UTC.
    let created: Int64
    var updated: Int64

    /// What the plan of its renditions is made from. The orientation is behind it already.
    var imageInfo: ImageInfo {
        ImageInfo(
            format: format, storedSize: displaySize, hasAlpha: hasAlpha, frameCount: animation?.frames ?? 1,
            animation: animation.map { AnimationInfo(duration: $0.duration, plays: 0) })
    }
}

extension MediaRecord {
    static let columns = """
        id, kind, status, failure_code, failure_message, title, alt, visibility, purpose, filename, format, size, width, height, \
        has_alpha, sha256, placeholder, color, owner, created, updated, \
        duration_ms, frames_per_1000_seconds, bit_rate, video_codec, audio_codec, \(Playback.columns), \
        animation_frames, animation_ms
        """

    init(_ row: SQLRow) throws {
        guard let id = MediaID(try row.text("id")), let status = MediaStatus(rawValue: try row.text("status")),
            let visibility = Visibility(rawValue: try row.text("visibility")), let format = ImageFormat(rawValue: try row.text("format"))
        else { throw DatabaseError.decoding("a media row has a value that this version does not know") }
        self.id = id
        kind = try row.text("kind")
        self.status = status
        failure = try row.optionalText("failure_code").map {
            MediaFailure(code: $0, message: try row.optionalText("failure_message") ?? "")
        }
        title = try row.text("title")
        alt = try row.text("alt")
        self.visibility = visibility
        purpose = try row.text("purpose")
        filename = try row.text("filename")
        self.format = format
        size = try row.int("size")
        displaySize = PixelSize(width: max(1, try row.int("width")), height: max(1, try row.int("height")))
        hasAlpha = try row.bool("has_alpha")
        video = try VideoFacts(row)
        playback = try Playback(row)
        animation = try AnimationFacts(row)
        sha256 = try row.text("sha256")
        placeholder = try row.optionalText("placeholder")
        color = try row.optionalText("color")
        owner = try row.text("owner")
        created = Int64(try row.int("created"))
        updated = Int64(try row.int("updated"))
    }

    var values: [SQLValue] {
        [
            SQLValue(id.description), SQLValue(kind), SQLValue(status.rawValue), SQLValue(failure?.code), SQLValue(failure?.message),
            SQLValue(title), SQLValue(alt), SQLValue(visibility.rawValue), SQLValue(purpose), SQLValue(filename), SQLValue(format.rawValue),
            SQLValue(size), SQLValue(displaySize.width), SQLValue(displaySize.height), SQLValue(hasAlpha), SQLValue(sha256),
            SQLValue(placeholder), SQLValue(color), SQLValue(owner), SQLValue(created), SQLValue(updated),
        ] + VideoFacts.values(video) + Playback.values(playback) + AnimationFacts.values(animation)
    }
}

/// One row of `renditions`: a rendition that has been made.
struct RenditionRecord: Sendable, Hashable {
    let preset: String
    let format: OutputFormat
    let pixelSize: PixelSize
    /// Bytes.
    let size: Int
}
