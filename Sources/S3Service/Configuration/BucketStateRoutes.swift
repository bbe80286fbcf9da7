import ObjectStorage
import S3Wire

/// `?versioning`, `?object-lock` and `?ownershipControls`: documents that depend on one another.
extension ConfigurationRoutes {
    func versioning(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        switch request.method {
        case .get:
            try rules.authorize(request, .getBucketVersioning, bucket)
            var writer = XMLWriter(root: VersioningConfiguration.rootName)
            for child in VersioningConfiguration(bucket.versioning).children { writer.append(child) }
            return S3Response(body: .bytes(writer.finish()))
        case .put:
            try rules.authorize(request, .putBucketVersioning, bucket)
            let wanted = try VersioningConfiguration(xml: try XMLElement.reading(try await body(request))).versioning
            try await store.updateBucket(bucket.name) { bucket in
                // What a lock keeps is a version; without them an overwrite would take it away.
                guard wanted == .enabled || bucket.documents[ObjectLockConfiguration.documentName] == nil else {
                    throw S3Error.invalidBucketState.with(
                        message: "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.")
                }
                bucket.versioning = wanted
            }
            return S3Response()
        default: throw S3Error.methodNotAllowed
        }
    }

    func objectLock(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        // A lock, once there, stays: what it promised would otherwise be void.
        guard request.method != .delete else { throw S3Error.methodNotAllowed }
        return try await document(
            ObjectLockConfiguration.self, request, bucket, get: .getBucketObjectLockConfiguration,
            put: .putBucketObjectLockConfiguration, missing: .objectLockConfigurationNotFound
        ) { _, bucket in
            guard bucket.versioning == .enabled else {
                throw S3Error.invalidBucketState.with(
                    message: "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
            }
        }
    }

    func ownership(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        let documents = rules.documents
        return try await document(
            OwnershipControls.self, request, bucket, get: .getBucketOwnershipControls, put: .putBucketOwnershipControls,
            missing: .ownershipControlsNotFound
        ) { wanted, bucket in
            guard wanted.ownership == .bucketOwnerEnforced else { return }
            let others = documents.acl(bucket).grants.contains { $0.grantee != .user(bucket.owner) }
            guard !others else { throw S3Error.invalidBucketACLWithObjectOwnership }
        }
    }
}
