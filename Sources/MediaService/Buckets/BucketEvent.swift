import Events
import Foundation
import ObjectStorage

/// What an event of the S3 service says, as far as it matters here: a key of a media bucket stands for something else now. What it stands
/// for is looked up when the work is done, so that neither the order of events nor their number matters.
package struct BucketEvent: Sendable, Hashable {
    /// Where such events are published.
    package static let topic = "s3.events"
    private static let types: Set<String> = ["s3.object.created", "s3.object.removed"]

    package let bucket: BucketName
    package let key: ObjectKey
    package let mark: MediaBucketMark

    /// Nil where the event is none of a media bucket's.
    /// - Throws: where it cannot be read.
    package init?(_ event: CloudEvent) throws {
        guard Self.types.contains(event.type) else { return nil }
        let body = try JSONDecoder().decode(Body.self, from: Data(event.data.utf8))
        guard let mark = body.media else { return nil }
        guard let bucket = BucketName(body.bucket), let key = ObjectKey(body.key) else { throw NoObject() }
        self.bucket = bucket
        self.key = key
        self.mark = MediaBucketMark(visibility: mark.visibility.flatMap(Visibility.init(rawValue:)), owner: mark.owner)
    }

    private struct Body: Decodable {
        let bucket: String
        let key: String
        /// Nil where the bucket is no media bucket.
        let media: Mark?
    }

    private struct Mark: Decodable {
        let visibility: String?
        let owner: String?
    }

    private struct NoObject: Error {}
}

/// How a media bucket was marked.
package struct MediaBucketMark: Sendable, Hashable {
    /// Of the items that its objects become; nil: the setting's.
    package let visibility: Visibility?
    /// Whose they are; nil: of who stored the object.
    package let owner: String?

    package init(visibility: Visibility? = nil, owner: String? = nil) {
        self.visibility = visibility
        self.owner = owner
    }
}
