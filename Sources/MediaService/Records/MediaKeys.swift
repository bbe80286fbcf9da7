import Codecs
import ObjectStorage

/// Where a media item's bytes stand in the object store: keys begin with the item's id, so that one listing finds all.
enum MediaKeys {
    static let bucket = BucketName("media")!

    static func prefix(_ id: MediaID) -> String { "\(id)/" }
    static func original(_ id: MediaID) -> ObjectKey { ObjectKey("\(id)/original")! }

    /// The video as browsers play it, and the same in segments.
    static func webVideo(_ id: MediaID) -> ObjectKey { ObjectKey("\(id)/web.mp4")! }
    static func segments(_ id: MediaID) -> ObjectKey { ObjectKey("\(id)/hls.mp4")! }

    /// - Precondition: `preset` is a preset's name (at most 32 bytes).
    static func rendition(_ id: MediaID, _ preset: String, _ format: OutputFormat) -> ObjectKey {
        ObjectKey("\(id)/\(preset).\(format.fileExtension)")!
    }

    /// The item that a key belongs to.
    static func mediaID(of key: ObjectKey) -> MediaID? { MediaID(key.description.prefix { $0 != "/" }) }
}
