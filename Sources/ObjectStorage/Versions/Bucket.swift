/// What becomes of an object's earlier bytes.
public enum Versioning: String, Sendable, Hashable {
    /// Never enabled: a key has one version, called `null`.
    case off
    case enabled
    /// Once enabled: new versions are called `null` and replace the one of that name; the others stay.
    case suspended
}

/// A bucket and its configuration.
public struct Bucket: Sendable, Hashable {
    public let name: BucketName
    /// The user that made it.
    public let owner: String
    /// Milliseconds since 1970, UTC.
    public let created: Int64
    public var versioning: Versioning
    /// Configuration documents by name (`policy`, `cors`, `lifecycle`, …), in the form of the service that reads and writes them.
    public var documents: [String: String]

    public init(name: BucketName, owner: String, created: Int64, versioning: Versioning = .off, documents: [String: String] = [:]) {
        self.name = name
        self.owner = owner
        self.created = created
        self.versioning = versioning
        self.documents = documents
    }
}
