import Foundation
import ObjectStorage

/// What marks a bucket as a media bucket: a document of its configuration that only the operator writes (`agrovet s3 media-bucket`).
public struct MediaMark: Sendable, Hashable, Codable {
    /// Name of the document.
    public static let document = "media"

    /// `public` or `private`, of the media that objects become; nil: as the setting has it.
    public var visibility: String?
    /// Whose they are; nil: of who stores the object.
    public var owner: String?

    public init(visibility: String? = nil, owner: String? = nil) {
        self.visibility = visibility
        self.owner = owner
    }

    /// Nil where the bucket is no media bucket.
    public init?(_ bucket: Bucket) {
        guard let text = bucket.documents[Self.document], let mark = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else {
            return nil
        }
        self = mark
    }

    /// As it is kept, and as events tell it: an object of JSON.
    public var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: (try? encoder.encode(self)) ?? Data("{}".utf8), as: UTF8.self)
    }
}
