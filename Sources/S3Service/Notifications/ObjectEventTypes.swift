import Events
import Schemas

extension ObjectEvents {
    /// The events of the S3 service, of buckets that are marked for it.
    public static let types: [EventType] = [
        ("s3.object.created", "These bytes are the latest version of their key now."),
        ("s3.object.removed", "A version, or the object for whoever names none, is gone."),
        ("s3.object.updated", "Etag, content type or attributes of a version are others now."),
    ].map { EventType($0.0, topic: topic, $0.1, data: data) }

    private static let data = JSONSchema.object(
        .required("bucket", .string(1...255)),
        .required("key", .string(1...1024)),
        .required("version_id", .string()),
        .required("size", .integer(0...9_007_199_254_740_991).described("Bytes, as the client sent them.")),
        .required("etag", .string()),
        .required("content_type", .string()),
        .required("owner", .string()),
        .required("delete_marker", .boolean),
        .required("change", .choice(["created", "marked", "removed", "updated"])),
        .required(
            "cause",
            .choice(["put", "post", "copy", "completion", "deletion", "lifecycle", "tagging", "untagging", "acl", "edit"])),
        // Events that an earlier version told have none.
        .optional(
            "requester",
            .string().nullable.described("Who asked for it, `anonymous` where nobody signed; null where the server did it by itself.")),
        .optional("request_id", .string().nullable.described("As the answer of that request had it.")),
        .optional("source_address", .string().nullable.described("The peer's, as `aws:SourceIp` of policies has it.")),
        .required("is_media", .boolean.described("Whether the bucket's objects become media items.")),
        .required(
            "media",
            JSONSchema.object(
                .optional("visibility", .choice(["public", "private"]).nullable), .optional("owner", .string().nullable)
            ).nullable.described("How the bucket is marked.")),
        .required("sequencer", .string(16...16).described("Of two changes of a key the later has the greater text."))
    ).named("ObjectChange")
}
