import HTTPTypes
import NIOCore
import ObjectStorage
import S3Wire

/// `?policy` and `?policyStatus` of a bucket.
extension ConfigurationRoutes {
    private static let confirmation = HTTPField.Name("x-amz-confirm-remove-self-bucket-access")!

    func policy(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        switch request.method {
        case .get:
            try rules.authorize(request, .getBucketPolicy, bucket)
            guard let text = bucket.documents[BucketPolicy.documentName] else { throw S3Error.noSuchBucketPolicy }
            return S3Response(headers: [.contentType: "application/json"], body: .bytes(ByteBuffer(string: text)))
        case .put:
            try rules.authorize(request, .putBucketPolicy, bucket)
            let bytes = try await requiredBody(request)
            guard let text = bytes.getString(at: bytes.readerIndex, length: bytes.readableBytes),
                text.utf8.elementsEqual(bytes.readableBytesView)
            else { throw S3Error.malformedPolicy.with(message: "Policies must be valid UTF-8.") }
            let policy = try PolicyDocument(bucketPolicy: text, bucket: bucket.name.description)
            try policy.requireFittingActions(bucket: bucket.name.description)
            let documents = rules.documents
            let isConfirmed = request.headers[Self.confirmation]?.lowercased() == "true"
            try await store.updateBucket(bucket.name) { bucket in
                if policy.isPublic, documents.publicAccess(bucket).blockPublicPolicy { throw S3Error.accessDenied }
                bucket.documents[BucketPolicy.documentName] = text
                bucket.documents[BucketPolicy.confirmedName] = isConfirmed ? "true" : nil
            }
            return S3Response(.noContent)
        default:
            try rules.authorize(request, .deleteBucketPolicy, bucket)
            try await store.updateBucket(bucket.name) { bucket in
                bucket.documents[BucketPolicy.documentName] = nil
                bucket.documents[BucketPolicy.confirmedName] = nil
            }
            return S3Response(.noContent)
        }
    }

    func policyStatus(_ request: S3Request, _ bucket: Bucket) throws -> S3Response {
        guard request.method == .get else { throw S3Error.methodNotAllowed }
        try rules.authorize(request, .getBucketPolicyStatus, bucket)
        let documents = rules.documents
        let listCounts = documents.ownership(bucket) != .bucketOwnerEnforced && !documents.publicAccess(bucket).ignorePublicACLs
        let isPublic = try documents.policy(bucket)?.isPublic ?? false || listCounts && documents.acl(bucket).isPublic
        var writer = XMLWriter(root: "PolicyStatus")
        writer.element("IsPublic", isPublic)
        return S3Response(body: .bytes(writer.finish()))
    }
}
