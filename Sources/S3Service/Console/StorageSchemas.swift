import ObjectStorage
import Schemas
import WebAPI

/// What buckets, objects and keys look like on the wire of the console's API.
enum StorageSchemas {
    // MARK: What clients send

    /// 1 to 1,024 bytes, which no schema can say: it counts characters.
    static let key = JSONSchema.verbatim(1...1024).described("Key of an object, as it is: spaces and slashes count")
    static let versionID = JSONSchema.string(
        4...32, matching: .init("^(null|[0-9A-Za-z]{32})$", or: "Enter the id of a version: 32 letters and digits, or null."))
    /// Names that a bucket can be made with; S3 reserves some beginnings and endings beside.
    static let bucketName = JSONSchema.string(
        3...63,
        matching: .init(
            "^[a-z0-9]+(-+[a-z0-9]+)*([.][a-z0-9]+(-+[a-z0-9]+)*)*$",
            or: "A bucket's name is 3 to 63 small letters, digits, hyphens and dots, and begins and ends with a letter or digit."))
    /// What a field of HTTP can carry (RFC 9110 section 5.5).
    static let headerValue = JSONSchema.string(
        0...2048, matching: .init("^[^\\u0000-\\u001f\\u007f]*$", or: "A header cannot carry this."))
    /// Names of user metadata are part of the names of fields (RFC 9110 section 5.1).
    static let metadataName = JSONSchema.string(
        1...200, matching: .init("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", or: "A header cannot carry this name."))
    static let userName = JSONSchema.string(
        1...64,
        matching: .init(
            "^[!#$%()+.0-9;=@A-Z\\[\\]^_`a-z{|}~-]+$",
            or: "A user's name is 1 to 64 printable characters without spaces and / : , \" ' < > & * ? \\."))
    /// A policy as S3 has it. What is wrong within is told by those who apply it.
    static let policy = JSONSchema.object(
        .optional("Version", .choice(["2012-10-17", "2008-10-17"])), .optional("Id", .string()),
        .required("Statement", .any.described("Statements with Effect, Principal, Action, Resource and Condition"))
    ).named("Policy")

    // MARK: What clients get

    static let usage = JSONSchema.object(
        .required("buckets", count), .required("versions", count), .required("bytes", count), .required("keys", count),
        .required("endpoint", .string(format: .uri).described("Where S3 clients find it")), .required("region", .string()),
        .required("part_bytes", count.described("Bytes of a part at least, but for the last")),
        .required("put_bytes", count.described("Bytes of a request's body at most"))
    ).named("StorageUsage")

    static let bucket = JSONSchema.object(
        .required("name", .string()), .required("owner", .string()), .required("created", .dateTime),
        .required("versioning", .choice(["off", "enabled", "suspended"])), .required("object_lock", .boolean),
        .required("media", .boolean.described("Whether pictures and videos in it become media")),
        .required("read_only", .boolean.described("It is another service's")),
        .required("public", .boolean.described("Whether its policy lets everybody in")), .required("quota_bytes", count.nullable),
        .required("quota_objects", count.nullable),
        .required("usage", .object(.required("versions", count), .required("bytes", count))),
        .required("documents", .array(.choice(BucketForm.all.map(\.path))).described("Those that it has"))
    ).named("Bucket")

    private static let count = JSONSchema.integer(0...9_007_199_254_740_991)
    private static let common: [JSONSchema.Property] = [
        .required("key", .string()), .required("size", count), .required("etag", .string()), .required("modified", .dateTime),
        .required("owner", .string()), .required("storage_class", .string()),
    ]
    private static let versionMembers: [JSONSchema.Property] =
        common + [
            .required("version_id", .string()), .required("is_latest", .boolean), .required("is_delete_marker", .boolean),
        ]

    static let listedObject = JSONSchema.object(common).named("ListedObject")
    static let listedVersion = JSONSchema.object(versionMembers).named("ListedVersion")
    static let object = JSONSchema.object(
        versionMembers + [
            .required("content_type", .string()), .required("headers", .map(.string())), .required("metadata", .map(.string())),
            .required("tags", .map(.string())),
            .required(
                "checksum",
                .object(.required("algorithm", .string()), .required("value", .string()), .required("type", .string())).nullable),
            .required("parts", .integer(0...10_000).nullable), .required("encryption", .string().nullable),
            .required("retention", .object(.required("mode", .string()), .required("until", .dateTime)).nullable),
            .required("legal_hold", .boolean),
        ]
    ).named("StoredObject")

    /// A page that is continued by where it ends: there is no count of what was never looked at.
    static func list(of item: JSONSchema) -> JSONSchema {
        .object(
            .required("next", .string(format: .uri).nullable.described("Of the next page; null at the end")),
            .required("folders", .array(.string()).described("What keys have in common up to the delimiter")),
            .required("results", .array(item)))
    }

    static let uploads = JSONSchema.object(
        .required("next", .string(format: .uri).nullable),
        .required(
            "results",
            .array(
                .object(
                    .required("id", .string()), .required("key", .string()), .required("created", .dateTime), .required("owner", .string()))
            )))
    static let upload = JSONSchema.object(.required("id", .string()), .required("key", .string()))

    private static let keyMembers: [JSONSchema.Property] = [
        .required("id", .string()), .required("user", .string()),
        .required("policy", .string().nullable.described("What it may do at most, as JSON; null: all that its user may")),
        .required("created", .dateTime.nullable), .required("is_root", .boolean),
    ]
    static let accessKey = JSONSchema.object(keyMembers).named("AccessKey")
    static let newAccessKey = JSONSchema.object(keyMembers + [.required("secret", .string().described("Shown this once"))])
        .named("NewAccessKey")
}

extension Parameter {
    static let bucket = Parameter(.path, "bucket", .string(3...63), "Name of the bucket")
    static let key = Parameter(.query, "key", StorageSchemas.key, required: true, "Key of the object")
    static let versionID = Parameter.query("version_id", StorageSchemas.versionID, "Id of a version; the latest where it is not said")
    static let prefix = Parameter.query("prefix", .verbatim(0...1024), "What keys begin with")
    static let after = Parameter.query("after", .verbatim(1...1024), "As `next` has it")

    /// - Parameter limit: as many as there may be on a page.
    static func pageSize(_ limit: Int) -> Parameter {
        .query("page_size", .integer(1...1_000_000_000), "Entries on a page; more than \(limit) is \(limit)")
    }
}

extension Endpoint.Answer {
    static func error(_ status: Int, _ description: String) -> Endpoint.Answer { Endpoint.Answer(status, description, APIError.schema) }
}
