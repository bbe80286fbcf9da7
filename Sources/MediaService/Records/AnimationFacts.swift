import Codecs
import Persistence
import WebAPI

/// What a record tells of an animated picture beyond what it tells of every picture.
struct AnimationFacts: Sendable, Hashable {
    /// As uploaded, at least two.
    let frames: Int
    /// Milliseconds that one play takes.
    let duration: Int
}

extension AnimationFacts {
    /// Nil for a still image and for a video.
    init?(_ info: ImageInfo) {
        guard let animation = info.animation, info.frameCount > 1 else { return nil }
        frames = info.frameCount
        duration = animation.duration
    }

    /// Nil where the row is a still's or a video's.
    init?(_ row: SQLRow) throws {
        guard let frames = try row.optionalInt("animation_frames"), let duration = try row.optionalInt("animation_ms") else { return nil }
        self.frames = frames
        self.duration = duration
    }

    static func values(_ facts: AnimationFacts?) -> [SQLValue] { [SQLValue(facts?.frames), SQLValue(facts?.duration)] }

    /// Members of the record's JSON; `frames` is `null` for what does not move, and for a video.
    static func json(_ facts: AnimationFacts?) -> [(String, String)] {
        [("animated", facts == nil ? "false" : "true"), ("frames", facts.map { "\($0.frames)" } ?? "null")]
    }
}
