import NIOCore
import ObjectStorage
import S3Wire

/// `?acl` of buckets and of objects.
extension ConfigurationRoutes {
    func bucketACL(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        switch request.method {
        case .get:
            try rules.authorize(request, .getBucketAcl, bucket)
            let isEnforced = rules.documents.ownership(bucket) == .bucketOwnerEnforced
            let list = isEnforced ? .ownerOnly(bucket.owner) : rules.documents.acl(bucket)
            return S3Response(body: .bytes(list.xml(owner: bucket.owner)))
        case .put:
            try rules.authorize(request, .putBucketAcl, bucket)
            let list = try await newList(request, owner: bucket.owner, bucketOwner: nil)
            let documents = rules.documents
            try await store.updateBucket(bucket.name) { bucket in
                guard documents.ownership(bucket) != .bucketOwnerEnforced else { throw S3Error.accessControlListNotSupported }
                if list.isPublic, documents.publicAccess(bucket).blockPublicACLs { throw S3Error.accessDenied }
                bucket.documents[AccessControlList.documentName] = list == .ownerOnly(bucket.owner) ? nil : list.stored
            }
            return S3Response()
        default: throw S3Error.methodNotAllowed
        }
    }

    func objectACL(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        switch request.method {
        case .get:
            let version = try await version(request, bucket, key, .getObjectAcl)
            let owner = rules.decider.owner(of: version, in: bucket)
            let list: AccessControlList
            if rules.documents.ownership(bucket) == .bucketOwnerEnforced {
                list = .ownerOnly(owner)
            } else if let text = version.attributes.acl {
                guard let known = rules.documents.acl(text) else { throw S3Error.internalError }
                list = known
            } else {
                list = .ownerOnly(owner)
            }
            return S3Response(headers: versionHeader(version, bucket), body: .bytes(list.xml(owner: owner)))
        case .put:
            let version = try await version(request, bucket, key, .putObjectAcl)
            guard rules.documents.ownership(bucket) != .bucketOwnerEnforced else { throw S3Error.accessControlListNotSupported }
            let owner = version.attributes.owner
            let list = try await newList(request, owner: owner, bucketOwner: bucket.owner)
            if list.isPublic, rules.documents.publicAccess(bucket).blockPublicACLs { throw S3Error.accessDenied }
            let text = list == .ownerOnly(owner) ? nil : list.stored
            try await update(version, request, bucket, cause: .acl) { $0.attributes.acl = text }
            return S3Response(headers: versionHeader(version, bucket))
        default: throw S3Error.methodNotAllowed
        }
    }

    /// The list that a request brings, in headers or as a document.
    private func newList(_ request: S3Request, owner: String, bucketOwner: String?) async throws -> AccessControlList {
        let wish = try await rules.grants.wish(request.headers, parameters: request.presignedParameters)
        guard wish == .none else { return NewObjectAccess.list(wish, owner: owner, bucketOwner: bucketOwner) }
        let bytes = try await body(request)
        guard bytes.readableBytes > 0 else {
            throw S3Error.missingSecurityHeader.with(message: "Your request was missing a required header: x-amz-acl")
        }
        let root: XMLElement
        do { root = try XMLElement.reading(bytes) } catch { throw S3Error.malformedACL }
        let document = try await rules.grants.list(xml: root)
        // Whom a thing belongs to is not a matter of its list.
        guard document.owner == owner else { throw S3Error.accessDenied }
        return document.list
    }
}

extension S3Request {
    /// What a presigned address may carry of a request's headers; nothing of another's.
    var presignedParameters: [(name: String, value: String)] { isPresigned ? query.items.map { ($0.name, $0.value) } : [] }
}
