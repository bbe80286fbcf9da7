import NIOCore
import S3Wire

/// The documents of a bucket that are XML, by what stands at their root.
package enum KeptDocument {
    private static let kinds: [any ConfigurationDocument.Type] = [
        BucketQuota.self, CORSConfiguration.self, EncryptionConfiguration.self, LifecycleConfiguration.self,
        NotificationConfiguration.self, ObjectLockConfiguration.self, OwnershipControls.self, PublicAccessBlock.self, TagSet.self,
    ]

    /// Reads a document as a client sent it.
    /// - Returns: its name among the bucket's documents, and what is kept of it.
    /// - Throws: `MalformedXML` and what the document's own rules say.
    package static func read(_ bytes: ByteBuffer) throws(S3Error) -> (name: String, text: String) {
        let root = try XMLElement.reading(bytes)
        guard let kind = kinds.first(where: { $0.rootName == root.name }) else { throw .malformedXML }
        return (kind.documentName, try kind.init(xml: root).text)
    }
}
