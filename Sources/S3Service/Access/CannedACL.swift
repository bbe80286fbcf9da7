/// The lists that S3 knows by name (S3 User Guide, "Canned ACL").
package enum CannedACL: String, Sendable, CaseIterable {
    case `private` = "private"
    case publicRead = "public-read"
    case publicReadWrite = "public-read-write"
    case authenticatedRead = "authenticated-read"
    /// For images of virtual machines; here it is `private`.
    case awsExecRead = "aws-exec-read"
    case bucketOwnerRead = "bucket-owner-read"
    case bucketOwnerFullControl = "bucket-owner-full-control"
    case logDeliveryWrite = "log-delivery-write"

    /// - Parameters:
    ///   - owner: of the bucket or object that the list is for.
    ///   - bucketOwner: of the bucket that the object is in; nil for a bucket's list, which two of the names mean nothing to.
    package func list(owner: String, bucketOwner: String?) -> AccessControlList {
        var list = AccessControlList(grants: [])
        switch self {
        case .private, .awsExecRead: break
        case .publicRead: list.grants = [.init(.group(.allUsers), .read)]
        case .publicReadWrite: list.grants = [.init(.group(.allUsers), .read), .init(.group(.allUsers), .write)]
        case .authenticatedRead: list.grants = [.init(.group(.authenticatedUsers), .read)]
        case .logDeliveryWrite: list.grants = [.init(.group(.logDelivery), .write), .init(.group(.logDelivery), .readACP)]
        case .bucketOwnerRead, .bucketOwnerFullControl: break
        }
        list.grants.append(.init(.user(owner), .fullControl))
        if let bucketOwner, bucketOwner != owner {
            if self == .bucketOwnerRead { list.grants.append(.init(.user(bucketOwner), .read)) }
            if self == .bucketOwnerFullControl { list.grants.append(.init(.user(bucketOwner), .fullControl)) }
        }
        return list
    }
}
