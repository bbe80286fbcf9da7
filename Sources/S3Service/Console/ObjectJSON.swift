import ObjectStorage
import WebAPI

/// Objects as the console's API tells them.
enum ObjectJSON {
    /// One of a list.
    static func text(_ object: VersionedObjectStore.ListedObject) -> String {
        JSONText.object([
            ("key", JSONText.string(object.key)), ("size", "\(object.size)"), ("etag", JSONText.string(object.etag)),
            ("modified", JSONText.string(Timestamp.text(milliseconds: object.modified))), ("owner", JSONText.string(object.owner)),
            ("storage_class", JSONText.string(object.storageClass ?? "STANDARD")),
        ])
    }

    /// One of a list of versions.
    static func text(_ version: ObjectVersion) -> String { JSONText.object(facts(version)) }

    /// With all that is known of it.
    static func detail(_ version: ObjectVersion) -> String {
        let attributes = version.attributes
        let checksum = attributes.checksum.map {
            JSONText.object([
                ("algorithm", JSONText.string($0.algorithm)), ("value", JSONText.string($0.value)), ("type", JSONText.string($0.type)),
            ])
        }
        let retention = attributes.retention.map {
            JSONText.object([
                ("mode", JSONText.string($0.mode.rawValue)), ("until", JSONText.string(Timestamp.text(milliseconds: $0.until))),
            ])
        }
        return JSONText.object(
            facts(version) + [
                ("content_type", JSONText.string(version.contentType)), ("headers", texts(attributes.headers)),
                ("metadata", texts(attributes.metadata)),
                ("tags", JSONText.object(attributes.tags.map { ($0.key, JSONText.string($0.value)) })),
                ("checksum", checksum ?? "null"), ("parts", attributes.parts.map { "\($0.count)" } ?? "null"),
                ("encryption", ObjectEncryption(attributes).map { JSONText.string($0.kind.rawValue) } ?? "null"),
                ("retention", retention ?? "null"), ("legal_hold", "\(attributes.hasLegalHold ?? false)"),
            ])
    }

    private static func facts(_ version: ObjectVersion) -> [(String, String)] {
        [
            ("key", JSONText.string(version.key.description)), ("version_id", JSONText.string(version.versionID)),
            ("is_latest", "\(version.isLatest)"), ("is_delete_marker", "\(version.isDeleteMarker)"), ("size", "\(version.clientSize)"),
            ("etag", JSONText.string(version.etag)), ("modified", JSONText.string(Timestamp.text(milliseconds: version.modified))),
            ("owner", JSONText.string(version.attributes.owner)),
            ("storage_class", JSONText.string(version.attributes.storageClass ?? "STANDARD")),
        ]
    }

    private static func texts(_ values: [String: String]) -> String {
        JSONText.object(values.sorted { $0.key < $1.key }.map { ($0.key, JSONText.string($0.value)) })
    }
}
