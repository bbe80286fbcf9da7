import Events
import Foundation
import ObjectStorage
import Persistence
import WebAPI

/// Tells the changes of objects as CloudEvents: written to the outbox of the index in the transaction of the change, so that either both
/// happen or neither.
public enum ObjectEvents {
    public static let topic = "s3.events"
    private static let source = "/agrovet/s3"

    /// The journal of a store whose database has `Outbox.migration`. It tells of media buckets, and of those that have a notification
    /// configuration.
    /// - Parameter wakeRelay: called after a commit that left events in the outbox.
    public static func journal(wakeRelay: @escaping @Sendable () -> Void) -> ObjectJournal {
        ObjectJournal(documents: [MediaMark.document, notification], committed: wakeRelay) { change, bucket, connection in
            try Outbox.append(event(change, bucket), topic: topic, on: connection)
        }
    }

    private static let notification = "notification"

    package static func event(_ change: ObjectChange, _ bucket: Bucket) -> CloudEvent {
        let version = change.version
        let mark = MediaMark(bucket)
        let data = JSONText.object([
            ("bucket", JSONText.string(bucket.name.description)),
            ("key", JSONText.string(version.key.description)),
            ("version_id", JSONText.string(version.versionID)),
            ("size", "\(version.attributes.clientSize ?? version.size)"),
            ("etag", JSONText.string(version.etag)),
            ("content_type", JSONText.string(version.contentType)),
            ("owner", JSONText.string(version.attributes.owner)),
            ("delete_marker", version.isDeleteMarker ? "true" : "false"),
            // Of a delete marker, `marked` is its making and `removed` its end.
            ("change", JSONText.string(change.kind.rawValue)),
            // What was done: `put`, `post`, `copy`, `completion`, `deletion`, `lifecycle`, `tagging`, `untagging`, `acl`, `edit`.
            ("cause", JSONText.string(change.origin.cause.rawValue)),
            // Who asked for it; null where nobody did.
            ("requester", (change.origin.requester?.user).map(JSONText.string) ?? "null"),
            ("request_id", (change.origin.requester?.requestID).map(JSONText.string) ?? "null"),
            ("source_address", (change.origin.requester?.address).map(JSONText.string) ?? "null"),
            ("is_media", mark == nil ? "false" : "true"),
            ("media", mark?.text ?? "null"),
            ("sequencer", JSONText.string(sequencer(change.sequence))),
        ])
        return CloudEvent(
            id: UUIDv7.make(), source: source, type: type(change.kind),
            subject: "\(bucket.name)/\(version.key.description.urlPercentEncoded)",
            time: Date(), data: data)
    }

    private static func type(_ kind: ObjectChange.Kind) -> String {
        switch kind {
        case .created: "s3.object.created"
        // The object is gone for whoever names no version.
        case .marked, .removed: "s3.object.removed"
        case .updated: "s3.object.updated"
        }
    }

    /// Of equal length, so that texts compare as the numbers do.
    private static func sequencer(_ sequence: Int) -> String {
        let hex = String(UInt64(bitPattern: Int64(sequence)), radix: 16, uppercase: true)
        return String(repeating: "0", count: 16 - hex.count) + hex
    }
}
