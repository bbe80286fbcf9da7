import S3Wire

/// `?publicAccessBlock`: what of policies and lists that give something to everybody is refused or does not count.
package struct PublicAccessBlock: ConfigurationDocument, Hashable {
    package static let documentName = "public-access-block"
    package static let rootName = "PublicAccessBlockConfiguration"

    /// New public lists are refused.
    var blockPublicACLs = false
    /// Public grants of lists do not count.
    var ignorePublicACLs = false
    /// New public policies are refused.
    var blockPublicPolicy = false
    /// A public policy counts for the bucket's owner alone.
    var restrictPublicBuckets = false

    init(
        blockPublicACLs: Bool = false, ignorePublicACLs: Bool = false, blockPublicPolicy: Bool = false, restrictPublicBuckets: Bool = false
    ) {
        self.blockPublicACLs = blockPublicACLs
        self.ignorePublicACLs = ignorePublicACLs
        self.blockPublicPolicy = blockPublicPolicy
        self.restrictPublicBuckets = restrictPublicBuckets
    }

    package init(xml root: XMLElement) throws(S3Error) {
        try root.allowOnly(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"])
        blockPublicACLs = try root.flag("BlockPublicAcls") ?? false
        ignorePublicACLs = try root.flag("IgnorePublicAcls") ?? false
        blockPublicPolicy = try root.flag("BlockPublicPolicy") ?? false
        restrictPublicBuckets = try root.flag("RestrictPublicBuckets") ?? false
    }

    package var children: [XMLElement] {
        [
            XMLElement("BlockPublicAcls", blockPublicACLs), XMLElement("IgnorePublicAcls", ignorePublicACLs),
            XMLElement("BlockPublicPolicy", blockPublicPolicy), XMLElement("RestrictPublicBuckets", restrictPublicBuckets),
        ]
    }
}
