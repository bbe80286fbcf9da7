import Foundation
import HTTPTypes
import ObjectStorage
import S3Wire

extension S3Core {
    func putObject(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        let conditions = ETagConditions(request.headers)
        var attributes = try await newAttributes(request, bucket, key)
        let wish = try encryptionWish(request, bucket)
        let keys = try wish.map { try encryptionKeys.make($0) }
        attributes.encryption = keys?.encryption.text
        let intake = try await receive(request, dataKey: keys?.dataKey, checksum: .crc64nvme)
        let version = try await store(intake, key, bucket, request, attributes, cause: .put, writeGuard: conditions.writeGuard)
        var headers: HTTPFields = [.eTag: "\"\(version.etag)\""]
        if bucket.versioning == .enabled { headers[.versionID] = version.versionID }
        headers.append(contentsOf: ObjectHeaders.checksumFields(version.attributes.checksum))
        if let encryption = keys?.encryption { headers.append(contentsOf: encryption.headers) }
        headers[.expiration] = rules.expiration(of: version, in: bucket)
        return S3Response(headers: headers)
    }

    /// What a new object carries by its request: headers, metadata, tags, ACL, lock. Checks that the caller may store it.
    func newAttributes(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey, tags: [ObjectTag]? = nil) async throws -> ObjectAttributes
    {
        var attributes = ObjectAttributes(owner: request.caller.user ?? AccessDecider.anonymousOwner)
        try ObjectHeaders.read(request.headers, into: &attributes)
        try await rules.authorizePut(request, bucket, key: key, attributes: &attributes, tags: tags)
        return attributes
    }

    /// Makes the latest version of a key of bytes that have come.
    func store(
        _ intake: Intake, _ key: ObjectKey, _ bucket: Bucket, _ request: S3Request, _ attributes: ObjectAttributes,
        cause: ObjectChange.Cause, writeGuard: VersionedObjectStore.Guard?
    ) async throws -> ObjectVersion {
        var attributes = attributes
        attributes.checksum = intake.checksum
        if attributes.encryption != nil { attributes.clientSize = intake.size }
        do {
            let limit = try await rules.checkQuota(bucket, adding: intake.size)
            return try await store.put(
                intake.content, key: key, in: bucket.name, etag: intake.md5, contentType: ObjectHeaders.contentType(request.headers),
                attributes: attributes, from: request.origin(cause), limit: limit, guard: writeGuard)
        } catch {
            await intake.discard()
            throw error
        }
    }

    func encryptionWish(_ request: S3Request, _ bucket: Bucket) throws(S3Error) -> EncryptionWish? {
        try EncryptionWish(request.headers, bucketDefault: rules.defaultEncryption(bucket))
    }
}
