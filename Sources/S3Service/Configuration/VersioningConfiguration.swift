import ObjectStorage
import S3Wire

/// `?versioning`. It is kept as the bucket's versioning, not among its documents.
struct VersioningConfiguration: Sendable, Hashable {
    static let rootName = "VersioningConfiguration"

    let versioning: Versioning

    init(_ versioning: Versioning) { self.versioning = versioning }

    init(xml root: XMLElement) throws(S3Error) {
        guard root.name == Self.rootName else { throw .malformedXML }
        if root.value("MfaDelete") == "Enabled" {
            throw .notImplemented.with(message: "This server knows no deletion by multi-factor authentication.")
        }
        switch root.value("Status") {
        case "Enabled": versioning = .enabled
        case "Suspended": versioning = .suspended
        case nil: throw .illegalVersioningConfiguration
        default: throw .malformedXML
        }
    }

    var children: [XMLElement] {
        switch versioning {
        case .off: []
        case .enabled: [XMLElement("Status", text: "Enabled")]
        case .suspended: [XMLElement("Status", text: "Suspended")]
        }
    }
}
