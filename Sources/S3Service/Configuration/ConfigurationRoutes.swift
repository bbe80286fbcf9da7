import HTTPTypes
import NIOCore
import ObjectStorage
import S3Wire

/// The subresources that configure buckets and objects: `?policy`, `?acl`, `?lifecycle` and all the others. What is unknown here is
/// for others to answer.
struct ConfigurationRoutes: Sendable {
    let store: VersionedObjectStore
    let rules: BucketRules
    /// Names of webhooks that notifications can go to.
    var webhooks: Set<String> = []

    /// - Returns: nil where the query names none of these subresources.
    func answer(_ request: S3Request, _ bucket: Bucket, key: ObjectKey? = nil) async throws -> S3Response? {
        guard [.get, .put, .delete].contains(request.method) else { return nil }
        for item in request.query.items {
            let response =
                if let key {
                    try await answer(item.name, request, bucket, key)
                } else {
                    try await answer(item.name, request, bucket)
                }
            if let response { return response }
        }
        return nil
    }

    private func answer(_ name: String, _ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response? {
        switch name {
        case "acl": try await objectACL(request, bucket, key)
        case "tagging": try await objectTagging(request, bucket, key)
        case "retention": try await retention(request, bucket, key)
        case "legal-hold": try await legalHold(request, bucket, key)
        default: nil
        }
    }

    private func answer(_ name: String, _ request: S3Request, _ bucket: Bucket) async throws -> S3Response? {
        switch name {
        case "acl": try await bucketACL(request, bucket)
        case "policy": try await policy(request, bucket)
        case "policyStatus": try policyStatus(request, bucket)
        case "versioning": try await versioning(request, bucket)
        case "publicAccessBlock":
            try await document(
                PublicAccessBlock.self, request, bucket, get: .getBucketPublicAccessBlock, put: .putBucketPublicAccessBlock,
                missing: .noSuchPublicAccessBlockConfiguration)
        case "ownershipControls": try await ownership(request, bucket)
        case "cors":
            try await document(
                CORSConfiguration.self, request, bucket, get: .getBucketCORS, put: .putBucketCORS, missing: .noSuchCORSConfiguration)
        case "tagging":
            try await document(
                TagSet.self, request, bucket, get: .getBucketTagging, put: .putBucketTagging, missing: .noSuchTagSet, stored: .noContent)
        case "lifecycle":
            try await document(
                LifecycleConfiguration.self, request, bucket, get: .getLifecycleConfiguration, put: .putLifecycleConfiguration,
                missing: .noSuchLifecycleConfiguration)
        case "encryption":
            try await document(
                EncryptionConfiguration.self, request, bucket, get: .getEncryptionConfiguration, put: .putEncryptionConfiguration,
                missing: .serverSideEncryptionConfigurationNotFound)
        case "quota":
            try await document(
                BucketQuota.self, request, bucket, get: .getBucketQuota, put: .putBucketQuota,
                missing: S3Error("NoSuchQuotaConfiguration", .notFound, "The bucket has no quota."))
        case "object-lock": try await objectLock(request, bucket)
        case "notification": try await notification(request, bucket)
        default: try await unsupported(name, request, bucket)
        }
    }

    // MARK: Documents that are only kept and given back

    /// - Parameters:
    ///   - missing: the answer to GET where there is none.
    ///   - stored: the status of the answer to PUT.
    ///   - check: what has to hold beside the document's own rules, with the bucket as it is.
    func document<Document: ConfigurationDocument>(
        _ type: Document.Type, _ request: S3Request, _ bucket: Bucket, get: S3Action, put: S3Action, missing: S3Error,
        stored: HTTPResponse.Status = .ok, check: @escaping @Sendable (Document, Bucket) throws -> Void = { _, _ in }
    ) async throws -> S3Response {
        switch request.method {
        case .get:
            try rules.authorize(request, get, bucket)
            guard let document = try rules.documents.document(type, of: bucket) else { throw missing }
            return S3Response(body: .bytes(document.xml))
        case .put:
            try rules.authorize(request, put, bucket)
            let document = try Document.read(try await body(request, limit: Document.maximumSize))
            let text = document.text
            try await store.updateBucket(bucket.name) { bucket in
                try check(document, bucket)
                bucket.documents[Document.documentName] = text
            }
            return S3Response(stored)
        default:
            try rules.authorize(request, put, bucket)
            try await store.updateBucket(bucket.name) { $0.documents[Document.documentName] = nil }
            return S3Response(.noContent)
        }
    }

    func body(_ request: S3Request, limit: Int = 64 << 10) async throws -> ByteBuffer { try await request.document(limit: limit) }

    /// - Throws: `MissingRequestBodyError` where there is none.
    func requiredBody(_ request: S3Request) async throws -> ByteBuffer {
        let bytes = try await body(request)
        guard bytes.readableBytes > 0 else { throw S3Error.missingRequestBody }
        return bytes
    }
}
