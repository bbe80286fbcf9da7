import ObjectStorage
import Schemas

/// The documents of a bucket that the console reads and writes: where each stands, and what its JSON is.
struct BucketForm: Sendable {
    /// In addresses of this API.
    let path: String
    /// Among the bucket's documents.
    let documentName: String
    /// The subresource of S3.
    let parameter: String
    let root: String
    /// Nil: the document is JSON already.
    let shape: DocumentShape?
    /// For the list of routes.
    let title: String
    /// Whether S3 lets it be taken away.
    var isRemovable = true

    /// Of its JSON.
    var schema: JSONSchema { shape.map { $0.schema.named(schemaName) } ?? StorageSchemas.policy }

    /// `cors` is `BucketCORS`, `object-lock` is `BucketObjectLock`.
    private var schemaName: String {
        "Bucket" + (path == "cors" ? "CORS" : path.split(separator: "-").map { $0.capitalized }.joined())
    }

    static let all = [
        BucketForm(
            path: "policy", documentName: BucketPolicy.documentName, parameter: "policy", root: "", shape: nil, title: "policy"),
        BucketForm(
            path: "lifecycle", documentName: LifecycleConfiguration.documentName, parameter: "lifecycle",
            root: LifecycleConfiguration.rootName, shape: .lifecycle, title: "lifecycle rules"),
        BucketForm(
            path: "cors", documentName: CORSConfiguration.documentName, parameter: "cors", root: CORSConfiguration.rootName, shape: .cors,
            title: "CORS rules"),
        BucketForm(
            path: "public-access-block", documentName: PublicAccessBlock.documentName, parameter: "publicAccessBlock",
            root: PublicAccessBlock.rootName, shape: .publicAccessBlock, title: "public access block"),
        BucketForm(
            path: "encryption", documentName: EncryptionConfiguration.documentName, parameter: "encryption",
            root: EncryptionConfiguration.rootName, shape: .encryption, title: "default encryption"),
        BucketForm(
            path: "ownership", documentName: OwnershipControls.documentName, parameter: "ownershipControls",
            root: OwnershipControls.rootName, shape: .ownership, title: "ownership controls"),
        BucketForm(
            path: "tags", documentName: TagSet.documentName, parameter: "tagging", root: TagSet.rootName, shape: .tagging, title: "tags"),
        BucketForm(
            path: "object-lock", documentName: ObjectLockConfiguration.documentName, parameter: "object-lock",
            root: ObjectLockConfiguration.rootName, shape: .objectLock, title: "object lock", isRemovable: false),
    ]
}

/// How an XML document of S3 stands in JSON: the form that awscli and the SDKs read and write, so that what is copied from there works
/// here. Pure description; `DocumentJSON` carries it out.
indirect enum DocumentShape: Sendable {
    case text
    case choice([String])
    case number
    case flag
    case object([Member])

    struct Member: Sendable {
        /// The element's name.
        let element: String
        /// The member's name.
        let name: String
        let shape: DocumentShape
        let count: Count
        var isRequired = false
        /// Of a list, how many there may be.
        var length = 0...10_000

        enum Count: Sendable {
            case one
            /// Elements of that name one behind the other.
            case many
            /// Elements of the other name within one of this.
            case wrapped(String)

            var isList: Bool { if case .one = self { false } else { true } }
        }
    }

    /// What values of this shape are; null is as good as nothing.
    var schema: JSONSchema {
        switch self {
        case .text: .string()
        case .choice(let choices): .choice(choices)
        case .number: .integer()
        case .flag: .boolean
        case .object(let members):
            JSONSchema(
                .object(
                    members.map { member in
                        let one = member.shape.schema
                        let schema = member.count.isList ? JSONSchema.array(one, count: member.length) : one
                        return member.isRequired ? .required(member.name, schema) : .optional(member.name, schema.nullable)
                    }, additional: false))
        }
    }

    private static func one(_ name: String, _ shape: DocumentShape = .text, required: Bool = false) -> Member {
        Member(element: name, name: name, shape: shape, count: .one, isRequired: required)
    }

    private static func many(
        _ element: String, as name: String, _ shape: DocumentShape = .text, length: ClosedRange<Int> = 0...10_000
    ) -> Member {
        Member(element: element, name: name, shape: shape, count: .many, isRequired: length.lowerBound > 0, length: length)
    }

    private static func choice<Choice: CaseIterable & RawRepresentable>(_ type: Choice.Type) -> DocumentShape
    where Choice.RawValue == String {
        .choice(type.allCases.map(\.rawValue))
    }

    private static let tag = DocumentShape.object([one("Key", required: true), one("Value", required: true)])

    static let lifecycle = DocumentShape.object([
        many(
            "Rule", as: "Rules",
            .object([
                one("ID"), one("Status", .choice(["Enabled", "Disabled"]), required: true), one("Prefix"),
                one(
                    "Filter",
                    .object([
                        one("Prefix"), one("Tag", tag), one("ObjectSizeGreaterThan", .number), one("ObjectSizeLessThan", .number),
                        one(
                            "And",
                            .object([
                                one("Prefix"), many("Tag", as: "Tags", tag), one("ObjectSizeGreaterThan", .number),
                                one("ObjectSizeLessThan", .number),
                            ])),
                    ])),
                one("Expiration", .object([one("Days", .number), one("Date"), one("ExpiredObjectDeleteMarker", .flag)])),
                one(
                    "NoncurrentVersionExpiration",
                    .object([one("NoncurrentDays", .number, required: true), one("NewerNoncurrentVersions", .number)])),
                one("AbortIncompleteMultipartUpload", .object([one("DaysAfterInitiation", .number, required: true)])),
            ]), length: 1...LifecycleConfiguration.maximumRules)
    ])

    static let cors = DocumentShape.object([
        many(
            "CORSRule", as: "CORSRules",
            .object([
                one("ID"), many("AllowedOrigin", as: "AllowedOrigins", length: 1...10_000),
                many("AllowedMethod", as: "AllowedMethods", .choice(["GET", "PUT", "HEAD", "POST", "DELETE"]), length: 1...10_000),
                many("AllowedHeader", as: "AllowedHeaders"), many("ExposeHeader", as: "ExposeHeaders"), one("MaxAgeSeconds", .number),
            ]), length: 1...CORSConfiguration.maximumRules)
    ])

    static let publicAccessBlock = DocumentShape.object([
        one("BlockPublicAcls", .flag), one("IgnorePublicAcls", .flag), one("BlockPublicPolicy", .flag), one("RestrictPublicBuckets", .flag),
    ])

    static let encryption = DocumentShape.object([
        many(
            "Rule", as: "Rules",
            .object([
                one(
                    "ApplyServerSideEncryptionByDefault",
                    .object([one("SSEAlgorithm", choice(EncryptionConfiguration.Algorithm.self), required: true), one("KMSMasterKeyID")]),
                    required: true),
                one("BucketKeyEnabled", .flag),
            ]), length: 1...1)
    ])

    static let ownership = DocumentShape.object([
        many("Rule", as: "Rules", .object([one("ObjectOwnership", choice(ObjectOwnership.self), required: true)]), length: 1...1)
    ])

    static let tagging = DocumentShape.object([
        Member(element: "TagSet", name: "TagSet", shape: tag, count: .wrapped("Tag"), isRequired: true, length: 0...TagSet.bucketLimit)
    ])

    static let objectLock = DocumentShape.object([
        one("ObjectLockEnabled", .choice(["Enabled"]), required: true),
        one(
            "Rule",
            .object([
                one(
                    "DefaultRetention",
                    .object([one("Mode", choice(ObjectRetention.Mode.self), required: true), one("Days", .number), one("Years", .number)]),
                    required: true)
            ])),
    ])
}
