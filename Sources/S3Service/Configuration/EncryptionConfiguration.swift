import ObjectStorage
import S3Wire

/// `?encryption`: how new objects are encrypted whose upload says nothing of it.
package struct EncryptionConfiguration: ConfigurationDocument, Hashable {
    package static let documentName = "encryption"
    package static let rootName = "ServerSideEncryptionConfiguration"

    enum Algorithm: String, Sendable, Hashable, CaseIterable {
        case aes256 = "AES256"
        /// Kept and told; uploads that it would apply to are refused where objects are stored, since there is no key service.
        case kms = "aws:kms"
        case kmsDSSE = "aws:kms:dsse"
    }

    let algorithm: Algorithm
    let kmsKeyID: String?
    let bucketKey: Bool?

    package init(xml root: XMLElement) throws(S3Error) {
        let rules = root.all("Rule")
        guard rules.count == 1, root.children.count == 1, let entry = rules[0]["ApplyServerSideEncryptionByDefault"],
            let algorithm = Algorithm(rawValue: entry.value("SSEAlgorithm") ?? "")
        else { throw .malformedXML }
        self.algorithm = algorithm
        kmsKeyID = entry.value("KMSMasterKeyID")
        bucketKey = try rules[0].flag("BucketKeyEnabled")
        if algorithm == .aes256, kmsKeyID != nil {
            throw .invalidArgument.with(message: "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms")
        }
    }

    package var children: [XMLElement] {
        var entry = XMLElement("ApplyServerSideEncryptionByDefault", children: [XMLElement("SSEAlgorithm", text: algorithm.rawValue)])
        if let kmsKeyID { entry.children.append(XMLElement("KMSMasterKeyID", text: kmsKeyID)) }
        var rule = XMLElement("Rule", children: [entry])
        if let bucketKey { rule.children.append(XMLElement("BucketKeyEnabled", bucketKey)) }
        return [rule]
    }
}

extension DocumentCache {
    /// How new objects of the bucket are encrypted by default; nil: as they come.
    func encryption(_ bucket: Bucket) throws(S3Error) -> EncryptionConfiguration? {
        try document(EncryptionConfiguration.self, of: bucket)
    }
}
