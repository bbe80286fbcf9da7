import Events
import Foundation
import ObjectStorage
import WebAPI

/// What an event of the topic `s3.events` says of an object, in the terms of S3's notifications ("Event message structure").
struct ObjectNotice: Sendable, Hashable {
    let id: String
    let time: Date
    let bucket: String
    let key: String
    /// Without `s3:`, such as `ObjectCreated:Put`.
    let name: String
    private let payload: Payload

    /// Also who did what nobody asked for, as a lifecycle does.
    private static let eventSource = "agrovet:s3"

    private struct Payload: Decodable, Hashable {
        let bucket: String
        let key: String
        let version_id: String?
        let size: Int?
        let etag: String?
        let owner: String?
        let delete_marker: Bool?
        let change: String?
        let cause: String?
        let requester: String?
        let request_id: String?
        let source_address: String?
        let sequencer: String?
    }

    /// - Returns: nil where the event is none of these.
    init?(_ event: CloudEvent) {
        guard let payload = try? JSONDecoder().decode(Payload.self, from: Data(event.data.utf8)) else { return nil }
        guard let name = Self.name(event.type, payload) else { return nil }
        self.name = name
        id = event.id
        time = event.time
        bucket = payload.bucket
        key = payload.key
        self.payload = payload
    }

    /// Nil of what S3 tells nobody of, such as a legal hold.
    private static func name(_ type: String, _ payload: Payload) -> String? {
        let cause = payload.cause.flatMap(ObjectChange.Cause.init)
        switch type {
        case "s3.object.created":
            return switch cause {
            case .post: "ObjectCreated:Post"
            case .copy: "ObjectCreated:Copy"
            case .completion: "ObjectCreated:CompleteMultipartUpload"
            default: "ObjectCreated:Put"
            }
        case "s3.object.removed":
            let isMarker = payload.change.map { $0 == "marked" } ?? payload.delete_marker ?? false
            return (cause == .lifecycle ? "LifecycleExpiration:" : "ObjectRemoved:") + (isMarker ? "DeleteMarkerCreated" : "Delete")
        case "s3.object.updated":
            return switch cause {
            case .tagging: "ObjectTagging:Put"
            case .untagging: "ObjectTagging:Delete"
            case .acl: "ObjectAcl:Put"
            default: nil
            }
        default: return nil
        }
    }

    /// The message's JSON, with one record.
    /// - Parameters:
    ///   - owner: of the bucket.
    ///   - configurationID: of the rule that asked for it.
    func message(owner: String, region: String, configurationID: String) -> String {
        let object = JSONText.object(
            [
                ("key", JSONText.string(key.urlPercentEncoded)),
                ("size", payload.size.map { "\($0)" } ?? "0"),
                ("eTag", JSONText.string(payload.etag ?? "")),
            ] + (payload.version_id.map { $0 == "null" ? [] : [("versionId", JSONText.string($0))] } ?? [])
                + [("sequencer", JSONText.string(payload.sequencer ?? ""))])
        let bucket = JSONText.object([
            ("name", JSONText.string(bucket)), ("ownerIdentity", JSONText.object([("principalId", JSONText.string(owner))])),
            ("arn", JSONText.string("arn:aws:s3:::" + bucket)),
        ])
        let s3 = JSONText.object([
            ("s3SchemaVersion", JSONText.string("1.0")), ("configurationId", JSONText.string(configurationID)), ("bucket", bucket),
            ("object", object),
        ])
        // What the server does by itself has an id all the same.
        let requestID = JSONText.string(payload.request_id ?? id)
        let record = JSONText.object([
            ("eventVersion", JSONText.string("2.1")), ("eventSource", JSONText.string(Self.eventSource)),
            ("awsRegion", JSONText.string(region)), ("eventTime", JSONText.string(Timestamp.text(time))),
            ("eventName", JSONText.string(name)),
            ("userIdentity", JSONText.object([("principalId", JSONText.string(payload.requester ?? Self.eventSource))])),
            ("requestParameters", JSONText.object([("sourceIPAddress", JSONText.string(payload.source_address ?? Self.eventSource))])),
            ("responseElements", JSONText.object([("x-amz-request-id", requestID), ("x-amz-id-2", requestID)])), ("s3", s3),
        ])
        return "{\"Records\":[\(record)]}"
    }
}
