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
            root: ObjectLockConfiguration.rootName, shape: .objectLock, title: "object lock"),
    ]
}

/// How an XML document of S3 stands in JSON: the form that awscli and the SDKs read and write, so that what is copied from there works
/// here. Pure description; `DocumentJSON` carries it out.
indirect enum DocumentShape: Sendable {
    case text
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

        enum Count: Sendable {
            case one
            /// Elements of that name one behind the other.
            case many
            /// Elements of the other name within one of this.
            case wrapped(String)
        }
    }

    private static func one(_ name: String, _ shape: DocumentShape = .text) -> Member {
        Member(element: name, name: name, shape: shape, count: .one)
    }

    private static func many(_ element: String, as name: String, _ shape: DocumentShape = .text) -> Member {
        Member(element: element, name: name, shape: shape, count: .many)
    }

    private static let tag = DocumentShape.object([one("Key"), one("Value")])

    static let lifecycle = DocumentShape.object([
        many(
            "Rule", as: "Rules",
            .object([
                one("ID"), one("Status"), one("Prefix"),
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
                one("NoncurrentVersionExpiration", .object([one("NoncurrentDays", .number), one("NewerNoncurrentVersions", .number)])),
                one("AbortIncompleteMultipartUpload", .object([one("DaysAfterInitiation", .number)])),
            ]))
    ])

    static let cors = DocumentShape.object([
        many(
            "CORSRule", as: "CORSRules",
            .object([
                one("ID"), many("AllowedOrigin", as: "AllowedOrigins"), many("AllowedMethod", as: "AllowedMethods"),
                many("AllowedHeader", as: "AllowedHeaders"), many("ExposeHeader", as: "ExposeHeaders"), one("MaxAgeSeconds", .number),
            ]))
    ])

    static let publicAccessBlock = DocumentShape.object([
        one("BlockPublicAcls", .flag), one("IgnorePublicAcls", .flag), one("BlockPublicPolicy", .flag), one("RestrictPublicBuckets", .flag),
    ])

    static let encryption = DocumentShape.object([
        many(
            "Rule", as: "Rules",
            .object([
                one("ApplyServerSideEncryptionByDefault", .object([one("SSEAlgorithm"), one("KMSMasterKeyID")])),
                one("BucketKeyEnabled", .flag),
            ]))
    ])

    static let ownership = DocumentShape.object([many("Rule", as: "Rules", .object([one("ObjectOwnership")]))])

    static let tagging = DocumentShape.object([Member(element: "TagSet", name: "TagSet", shape: tag, count: .wrapped("Tag"))])

    static let objectLock = DocumentShape.object([
        one("ObjectLockEnabled"),
        one("Rule", .object([one("DefaultRetention", .object([one("Mode"), one("Days", .number), one("Years", .number)]))])),
    ])
}
