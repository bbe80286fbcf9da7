import Codecs
import Persistence
import WebAPI

/// What a record tells of a video beyond what it tells of every picture.
struct VideoFacts: Sendable, Hashable {
    /// Milliseconds; nil where the file does not tell.
    let duration: Int?
    /// Frames in 1,000 seconds, so that 29.97 a second is a whole number; nil where unknown.
    let frameRate: Int?
    /// Bits a second; nil where unknown.
    let bitRate: Int?
    /// As libavcodec names it, such as `h264`.
    let videoCodec: String
    /// Nil where there is no sound.
    let audioCodec: String?
}

extension VideoFacts {
    init(_ info: VideoInfo) {
        duration = info.duration
        frameRate = info.frameRate.map { Int(($0 * 1000).rounded()) }
        bitRate = info.bitRate
        videoCodec = info.codec
        audioCodec = info.audioCodec
    }

    /// The same, with what the file left out taken from what was written of it; a recorder that was killed may also have told beforehand
    /// how long it was to run.
    func completed(by web: WebVideo, bytes: Int) -> VideoFacts {
        guard web.duration > 0 else { return self }
        let isOther = duration.map { abs($0 - web.duration) > max(1000, web.duration / 20) } ?? true
        let rate = bytes * 8 * 1000 / web.duration
        return VideoFacts(
            duration: isOther ? web.duration : duration, frameRate: frameRate ?? web.frameRate.map { Int(($0 * 1000).rounded()) },
            bitRate: isOther ? rate : bitRate ?? rate, videoCodec: videoCodec, audioCodec: audioCodec)
    }

    /// Nil where the row is a photo's.
    init?(_ row: SQLRow) throws {
        guard let codec = try row.optionalText("video_codec") else { return nil }
        duration = try row.optionalInt("duration_ms")
        frameRate = try row.optionalInt("frames_per_1000_seconds")
        bitRate = try row.optionalInt("bit_rate")
        videoCodec = codec
        audioCodec = try row.optionalText("audio_codec")
    }

    static func values(_ facts: VideoFacts?) -> [SQLValue] {
        [
            SQLValue(facts?.duration), SQLValue(facts?.frameRate), SQLValue(facts?.bitRate), SQLValue(facts?.videoCodec),
            SQLValue(facts?.audioCodec),
        ]
    }

    /// Members of the record's JSON: seconds, frames a second, bits a second, and the codecs; all `null` for a photo.
    /// - Parameter animation: milliseconds of an animated picture, which has a duration too.
    static func json(_ facts: VideoFacts?, animation: Int?) -> [(String, String)] {
        func thousandths(_ value: Int?) -> String { value.map { "\(Double($0) / 1000)" } ?? "null" }
        let codecs = facts.map {
            JSONText.object([("video", JSONText.string($0.videoCodec)), ("audio", $0.audioCodec.map(JSONText.string) ?? "null")])
        }
        return [
            ("duration", thousandths(facts?.duration ?? animation)), ("frame_rate", thousandths(facts?.frameRate)),
            ("bit_rate", facts?.bitRate.map(String.init) ?? "null"), ("codecs", codecs ?? "null"),
        ]
    }
}
