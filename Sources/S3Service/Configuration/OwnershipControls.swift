import S3Wire

/// Whom objects in a bucket belong to, and whether access control lists count.
package enum ObjectOwnership: String, Sendable, Hashable, CaseIterable {
    /// Objects belong to the bucket's owner, and lists do not count.
    case bucketOwnerEnforced = "BucketOwnerEnforced"
    /// An object stored with `bucket-owner-full-control` belongs to the bucket's owner.
    case bucketOwnerPreferred = "BucketOwnerPreferred"
    /// An object belongs to who stored it. What holds in a bucket that nothing was said of: lists count there, as clients and test
    /// suites of S3 expect that set one without more ado.
    case objectWriter = "ObjectWriter"
}

/// `?ownershipControls`
package struct OwnershipControls: ConfigurationDocument {
    package static let documentName = "ownership"
    package static let rootName = "OwnershipControls"

    let ownership: ObjectOwnership

    init(ownership: ObjectOwnership) { self.ownership = ownership }

    package init(xml root: XMLElement) throws(S3Error) {
        let rules = root.all("Rule")
        guard rules.count == 1, root.children.count == 1, let ownership = ObjectOwnership(rawValue: rules[0].value("ObjectOwnership") ?? "")
        else { throw .malformedXML }
        self.ownership = ownership
    }

    package var children: [XMLElement] { [XMLElement("Rule", children: [XMLElement("ObjectOwnership", text: ownership.rawValue)])] }
}
