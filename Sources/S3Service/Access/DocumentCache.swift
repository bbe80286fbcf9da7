import NIOCore
import ObjectStorage
import S3Wire
import Synchronization

/// What documents of buckets, policies of keys and lists of objects mean, kept by their text: most requests are about a few of them,
/// and each is read once.
package final class DocumentCache: Sendable {
    private struct Key: Hashable {
        let kind: ObjectIdentifier
        let text: String
        /// What the text is read for, where that matters.
        let subject: String
    }

    private struct Kept {
        var values: [Key: any Sendable] = [:]
        /// Bytes of all texts.
        var bytes = 0
    }

    private let (countLimit, byteLimit): (Int, Int)
    private let kept = Mutex(Kept())

    /// - Parameters:
    ///   - count: texts that are kept.
    ///   - bytes: of all texts that are kept; what they mean takes a few times that.
    package init(count: Int = 4096, bytes: Int = 4 << 20) { (countLimit, byteLimit) = (count, bytes) }

    private func value<Value: Sendable>(
        _ text: String, for subject: String = "", _ make: () throws(S3Error) -> Value
    ) throws(S3Error) -> Value {
        let key = Key(kind: ObjectIdentifier(Value.self), text: text, subject: subject)
        if let value = kept.withLock({ $0.values[key] }), let known = value as? Value { return known }
        let made = try make()
        let size = text.utf8.count
        kept.withLock { kept in
            // All at once: what is needed comes back at its next use.
            if kept.values.count >= countLimit || kept.bytes + size > byteLimit { kept = Kept() }
            if kept.values.updateValue(made, forKey: key) == nil { kept.bytes += size }
        }
        return made
    }

    /// - Returns: nil where the bucket has none.
    /// - Throws: `InternalError` where the stored text is not what was stored.
    func document<Document: ConfigurationDocument>(_ type: Document.Type, of bucket: Bucket) throws(S3Error) -> Document? {
        guard let text = bucket.documents[Document.documentName] else { return nil }
        let document: Document = try value(text) { () throws(S3Error) in
            do {
                return try Document(xml: try XMLElement(parsing: ByteBuffer(string: text)))
            } catch {
                throw .internalError
            }
        }
        return document
    }

    func policy(_ bucket: Bucket) throws(S3Error) -> PolicyDocument? {
        guard let text = bucket.documents[BucketPolicy.documentName] else { return nil }
        let name = bucket.name.description
        let policy: PolicyDocument = try value(text, for: name) { () throws(S3Error) in
            try PolicyDocument(bucketPolicy: text, bucket: name)
        }
        return policy
    }

    /// - Returns: nil where the text is no policy.
    func keyPolicy(_ text: String) -> PolicyDocument? {
        try? value(text) { () throws(S3Error) in try PolicyDocument(keyPolicy: text) }
    }

    /// - Returns: nil where the text is no list.
    func acl(_ text: String) -> AccessControlList? {
        try? value(text) { () throws(S3Error) in
            guard let list = try? AccessControlList(stored: text) else { throw .internalError }
            return list
        }
    }

    /// The bucket's list; a text that is none gives nobody anything.
    func acl(_ bucket: Bucket) -> AccessControlList {
        guard let text = bucket.documents[AccessControlList.documentName] else { return .ownerOnly(bucket.owner) }
        return acl(text) ?? AccessControlList(grants: [])
    }

    /// The bucket's four switches; all on where the text is none.
    func publicAccess(_ bucket: Bucket) -> PublicAccessBlock {
        do {
            return try document(PublicAccessBlock.self, of: bucket) ?? PublicAccessBlock()
        } catch {
            return PublicAccessBlock(
                blockPublicACLs: true, ignorePublicACLs: true, blockPublicPolicy: true, restrictPublicBuckets: true)
        }
    }

    func ownership(_ bucket: Bucket) -> ObjectOwnership {
        do {
            return try document(OwnershipControls.self, of: bucket)?.ownership ?? .objectWriter
        } catch {
            return .bucketOwnerEnforced
        }
    }
}

extension AccessControlList {
    static let documentName = "acl"
}
