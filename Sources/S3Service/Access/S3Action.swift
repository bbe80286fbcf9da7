/// What a request asks for, by the names that policies use (Service Authorization Reference, "Actions, resources, and condition
/// keys for Amazon S3"). Some are never asked for here; policies may still name them.
package enum S3Action: String, Sendable, CaseIterable {
    // The service
    case listAllMyBuckets = "s3:ListAllMyBuckets"
    case createBucket = "s3:CreateBucket"

    // Buckets
    case deleteBucket = "s3:DeleteBucket"
    case getAccelerateConfiguration = "s3:GetAccelerateConfiguration"
    case getAnalyticsConfiguration = "s3:GetAnalyticsConfiguration"
    case getBucketAcl = "s3:GetBucketAcl"
    case getBucketCORS = "s3:GetBucketCORS"
    case getBucketLocation = "s3:GetBucketLocation"
    case getBucketLogging = "s3:GetBucketLogging"
    case getBucketNotification = "s3:GetBucketNotification"
    case getBucketObjectLockConfiguration = "s3:GetBucketObjectLockConfiguration"
    case getBucketOwnershipControls = "s3:GetBucketOwnershipControls"
    case getBucketPolicy = "s3:GetBucketPolicy"
    case getBucketPolicyStatus = "s3:GetBucketPolicyStatus"
    case getBucketPublicAccessBlock = "s3:GetBucketPublicAccessBlock"
    /// Of this server: the bucket's quota.
    case getBucketQuota = "s3:GetBucketQuota"
    case getBucketRequestPayment = "s3:GetBucketRequestPayment"
    case getBucketTagging = "s3:GetBucketTagging"
    case getBucketVersioning = "s3:GetBucketVersioning"
    case getBucketWebsite = "s3:GetBucketWebsite"
    case getEncryptionConfiguration = "s3:GetEncryptionConfiguration"
    case getIntelligentTieringConfiguration = "s3:GetIntelligentTieringConfiguration"
    case getInventoryConfiguration = "s3:GetInventoryConfiguration"
    case getLifecycleConfiguration = "s3:GetLifecycleConfiguration"
    case getMetricsConfiguration = "s3:GetMetricsConfiguration"
    case getReplicationConfiguration = "s3:GetReplicationConfiguration"
    case listBucket = "s3:ListBucket"
    case listBucketMultipartUploads = "s3:ListBucketMultipartUploads"
    case listBucketVersions = "s3:ListBucketVersions"
    case putAccelerateConfiguration = "s3:PutAccelerateConfiguration"
    case putAnalyticsConfiguration = "s3:PutAnalyticsConfiguration"
    case putBucketAcl = "s3:PutBucketAcl"
    case putBucketCORS = "s3:PutBucketCORS"
    case putBucketLogging = "s3:PutBucketLogging"
    case putBucketNotification = "s3:PutBucketNotification"
    case putBucketObjectLockConfiguration = "s3:PutBucketObjectLockConfiguration"
    case putBucketOwnershipControls = "s3:PutBucketOwnershipControls"
    case putBucketPolicy = "s3:PutBucketPolicy"
    case deleteBucketPolicy = "s3:DeleteBucketPolicy"
    case putBucketPublicAccessBlock = "s3:PutBucketPublicAccessBlock"
    /// Of this server: sets or removes the bucket's quota.
    case putBucketQuota = "s3:PutBucketQuota"
    case putBucketRequestPayment = "s3:PutBucketRequestPayment"
    case putBucketTagging = "s3:PutBucketTagging"
    case putBucketVersioning = "s3:PutBucketVersioning"
    case putBucketWebsite = "s3:PutBucketWebsite"
    case deleteBucketWebsite = "s3:DeleteBucketWebsite"
    case putEncryptionConfiguration = "s3:PutEncryptionConfiguration"
    case putIntelligentTieringConfiguration = "s3:PutIntelligentTieringConfiguration"
    case putInventoryConfiguration = "s3:PutInventoryConfiguration"
    case putLifecycleConfiguration = "s3:PutLifecycleConfiguration"
    case putMetricsConfiguration = "s3:PutMetricsConfiguration"
    case putReplicationConfiguration = "s3:PutReplicationConfiguration"

    // Objects
    case abortMultipartUpload = "s3:AbortMultipartUpload"
    case bypassGovernanceRetention = "s3:BypassGovernanceRetention"
    case deleteObject = "s3:DeleteObject"
    case deleteObjectTagging = "s3:DeleteObjectTagging"
    case deleteObjectVersion = "s3:DeleteObjectVersion"
    case deleteObjectVersionTagging = "s3:DeleteObjectVersionTagging"
    case getObject = "s3:GetObject"
    case getObjectAcl = "s3:GetObjectAcl"
    case getObjectAttributes = "s3:GetObjectAttributes"
    case getObjectLegalHold = "s3:GetObjectLegalHold"
    case getObjectRetention = "s3:GetObjectRetention"
    case getObjectTagging = "s3:GetObjectTagging"
    case getObjectTorrent = "s3:GetObjectTorrent"
    case getObjectVersion = "s3:GetObjectVersion"
    case getObjectVersionAcl = "s3:GetObjectVersionAcl"
    case getObjectVersionAttributes = "s3:GetObjectVersionAttributes"
    case getObjectVersionForReplication = "s3:GetObjectVersionForReplication"
    case getObjectVersionTagging = "s3:GetObjectVersionTagging"
    case getObjectVersionTorrent = "s3:GetObjectVersionTorrent"
    case initiateReplication = "s3:InitiateReplication"
    case listMultipartUploadParts = "s3:ListMultipartUploadParts"
    case objectOwnerOverrideToBucketOwner = "s3:ObjectOwnerOverrideToBucketOwner"
    case putObject = "s3:PutObject"
    case putObjectAcl = "s3:PutObjectAcl"
    case putObjectLegalHold = "s3:PutObjectLegalHold"
    case putObjectRetention = "s3:PutObjectRetention"
    case putObjectTagging = "s3:PutObjectTagging"
    case putObjectVersionAcl = "s3:PutObjectVersionAcl"
    case putObjectVersionTagging = "s3:PutObjectVersionTagging"
    case replicateDelete = "s3:ReplicateDelete"
    case replicateObject = "s3:ReplicateObject"
    case replicateTags = "s3:ReplicateTags"
    case restoreObject = "s3:RestoreObject"

    /// What an action is done to, as policies name it in `Resource`.
    package enum Target: Sendable, Hashable {
        case service
        case bucket
        case object
    }

    package var target: Target {
        switch self {
        case .listAllMyBuckets: .service
        case .abortMultipartUpload, .bypassGovernanceRetention, .deleteObject, .deleteObjectTagging, .deleteObjectVersion,
            .deleteObjectVersionTagging, .getObject, .getObjectAcl, .getObjectAttributes, .getObjectLegalHold, .getObjectRetention,
            .getObjectTagging, .getObjectTorrent, .getObjectVersion, .getObjectVersionAcl, .getObjectVersionAttributes,
            .getObjectVersionForReplication, .getObjectVersionTagging, .getObjectVersionTorrent, .initiateReplication,
            .listMultipartUploadParts, .objectOwnerOverrideToBucketOwner, .putObject, .putObjectAcl, .putObjectLegalHold,
            .putObjectRetention, .putObjectTagging, .putObjectVersionAcl, .putObjectVersionTagging, .replicateDelete, .replicateObject,
            .replicateTags, .restoreObject:
            .object
        default: .bucket
        }
    }

    /// What lets one do a thing beside policies and being the owner.
    enum ACLRight: Sendable, Hashable {
        /// A permission of the bucket's access control list.
        case bucket(ACLPermission)
        /// A permission of the object's access control list.
        case object(ACLPermission)
    }

    /// Nil: no access control list gives this.
    var aclRight: ACLRight? {
        switch self {
        case .listBucket, .listBucketVersions, .listBucketMultipartUploads: .bucket(.read)
        case .putObject, .deleteObject, .abortMultipartUpload, .listMultipartUploadParts: .bucket(.write)
        case .getBucketAcl: .bucket(.readACP)
        case .putBucketAcl: .bucket(.writeACP)
        case .getObject, .getObjectVersion, .getObjectAttributes, .getObjectVersionAttributes, .getObjectTorrent, .getObjectVersionTorrent:
            .object(.read)
        case .getObjectAcl, .getObjectVersionAcl: .object(.readACP)
        case .putObjectAcl, .putObjectVersionAcl: .object(.writeACP)
        default: nil
        }
    }

    /// Whether the object has to be there: without one the answer is that it is missing, to those who may know that.
    var needsObject: Bool {
        switch self {
        case .getObject, .getObjectVersion, .getObjectAttributes, .getObjectVersionAttributes, .getObjectAcl, .getObjectVersionAcl,
            .getObjectTagging, .getObjectVersionTagging, .getObjectRetention, .getObjectLegalHold, .getObjectTorrent,
            .getObjectVersionTorrent, .putObjectAcl, .putObjectVersionAcl, .putObjectTagging, .putObjectVersionTagging,
            .deleteObjectTagging, .deleteObjectVersionTagging, .putObjectRetention, .putObjectLegalHold, .restoreObject:
            true
        default: false
        }
    }

    /// Whether what the object's owner and the bucket's owner may do is told by the object and not by the bucket: the bytes of an
    /// object and who may have them are the matter of who stored it, unless the bucket's ownership is enforced.
    var belongsToObjectOwner: Bool {
        if case .object = aclRight { return true }
        return false
    }

    /// The names as policies are compared with them: policies may write them in any case.
    static let lowercasedNames = Set(allCases.map { $0.rawValue.lowercased() })
}
