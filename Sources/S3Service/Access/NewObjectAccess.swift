import ObjectStorage
import S3Wire

/// Whom a new object or bucket belongs to and what list it gets (S3 User Guide, "Controlling ownership of objects").
package struct NewObjectAccess: Sendable {
    let documents: DocumentCache

    package init(documents: DocumentCache) { self.documents = documents }

    /// - Parameter user: who stores it; nil for an anonymous caller.
    /// - Returns: the owner, and the list as it is stored: nil for the owner alone.
    /// - Throws: `AccessControlListNotSupported` where the bucket's ownership is enforced and the list is not just that of its owner,
    ///   `AccessDenied` where the bucket blocks public lists and this is one.
    package func object(_ wish: GrantReading.Wish, by user: String?, in bucket: Bucket) throws(S3Error) -> (owner: String, acl: String?) {
        let ownership = documents.ownership(bucket)
        if ownership == .bucketOwnerEnforced {
            switch wish {
            case .none, .canned(.bucketOwnerFullControl), .grants(.ownerOnly(bucket.owner)): return (bucket.owner, nil)
            default: throw .accessControlListNotSupported
            }
        }
        if ownership == .bucketOwnerPreferred, wish == .canned(.bucketOwnerFullControl) { return (bucket.owner, nil) }
        let owner = user ?? AccessDecider.anonymousOwner
        let list = Self.list(wish, owner: owner, bucketOwner: bucket.owner)
        try checkPublic(list, in: bucket)
        return (owner, list == .ownerOnly(owner) ? nil : list.stored)
    }

    /// The list that replaces an object's.
    func replacement(_ list: AccessControlList, in bucket: Bucket) throws(S3Error) {
        if documents.ownership(bucket) == .bucketOwnerEnforced, list != .ownerOnly(bucket.owner) { throw .accessControlListNotSupported }
        try checkPublic(list, in: bucket)
    }

    private func checkPublic(_ list: AccessControlList, in bucket: Bucket) throws(S3Error) {
        if list.isPublic, documents.publicAccess(bucket).blockPublicACLs { throw .accessDenied }
    }

    static func list(_ wish: GrantReading.Wish, owner: String, bucketOwner: String?) -> AccessControlList {
        switch wish {
        case .none: .ownerOnly(owner)
        case .canned(let canned): canned.list(owner: owner, bucketOwner: bucketOwner)
        case .grants(let list): list
        }
    }

    /// The documents of a bucket that is being made.
    /// - Parameters:
    ///   - ownership: `x-amz-object-ownership`.
    ///   - hasObjectLock: `x-amz-bucket-object-lock-enabled`.
    /// - Throws: `InvalidArgument`, `InvalidBucketAclWithObjectOwnership`.
    package static func bucket(
        _ wish: GrantReading.Wish, owner: String, ownership: String?, hasObjectLock: Bool
    ) throws(S3Error) -> [String: String] {
        var documents: [String: String] = [:]
        let list = list(wish, owner: owner, bucketOwner: nil)
        if let ownership {
            guard let known = ObjectOwnership(rawValue: ownership) else {
                throw .invalidArgument.with(message: "Invalid x-amz-object-ownership header: \(ownership)")
            }
            if known == .bucketOwnerEnforced, list != .ownerOnly(owner) { throw .invalidBucketACLWithObjectOwnership }
            documents[OwnershipControls.documentName] = OwnershipControls(ownership: known).text
        }
        if list != .ownerOnly(owner) { documents[AccessControlList.documentName] = list.stored }
        if hasObjectLock { documents[ObjectLockConfiguration.documentName] = ObjectLockConfiguration().text }
        return documents
    }
}
