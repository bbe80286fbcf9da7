import Foundation
import HTTPTypes
import NIOCore
import ObjectStorage
import S3Wire
import WebAPI

extension S3Core {
    func copyObject(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        // The source may go between being found and being copied.
        for _ in 0..<10 {
            do { return try await copyOnce(request, bucket, key) } catch is SourceGone {}
        }
        throw S3Error.slowDown
    }

    private func copyOnce(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        let origin = try await copyOrigin(request)
        let source = origin.version
        guard source.clientSize <= settings.putBytes else {
            throw S3Error.invalidRequest.with(
                message: "The specified copy source is larger than the maximum allowable size for a copy source: \(settings.putBytes)")
        }
        let replaces = try Self.replaces(request.headers[.metadataDirective], "metadata")
        let replacesTags = try Self.replaces(request.headers[.taggingDirective], "tagging")
        let wish = try encryptionWish(request, bucket)
        let sourceEncryption = ObjectEncryption(source.attributes)
        let isItself = origin.bucket.name == bucket.name && source.key == key && request.query["versionId"] == nil && source.isLatest
        if isItself, !replaces, !replacesTags, wish == nil || request.headers[.serverSideEncryption] == nil && wish?.customerKey == nil,
            request.headers[.storageClass] == nil, bucket.versioning != .enabled, sourceEncryption?.kind != .customer
        {
            throw S3Error.invalidRequest.with(
                message:
                    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
            )
        }

        var attributes = ObjectAttributes(owner: request.caller.user ?? AccessDecider.anonymousOwner)
        var contentType = source.contentType
        if replaces {
            try ObjectHeaders.read(request.headers, into: &attributes)
            contentType = ObjectHeaders.contentType(request.headers)
        } else {
            attributes.headers = source.attributes.headers
            attributes.metadata = source.attributes.metadata
            try ObjectHeaders.readStorageClass(request.headers, into: &attributes)
        }
        // Tags that go along are read there and written here, by somebody who may do both.
        let tags = replacesTags ? nil : source.attributes.tags
        if tags?.isEmpty == false {
            let action: S3Action =
                request.headers[.copySource]?.contains("versionId=") == true ? .getObjectVersionTagging : .getObjectTagging
            try rules.authorize(request.without(query: "versionId"), action, origin.bucket, key: source.key, object: source)
        }
        try await rules.authorizePut(request, bucket, key: key, attributes: &attributes, tags: tags)

        let wanted = request.headers[.checksumAlgorithm].map { ChecksumAlgorithm(rawValue: $0.uppercased()) }
        if let wanted, wanted == nil { throw S3Error.invalidRequest.with(message: "The algorithm type you specified is invalid.") }
        let algorithm = wanted ?? nil
        let guardWrite = ETagConditions(request.headers).writeGuard
        let version: ObjectVersion
        var keys: (dataKey: Any, encryption: ObjectEncryption)?
        // Bytes are shared, whole, where nothing about them changes.
        if wish == nil, sourceEncryption == nil, algorithm == nil || algorithm?.rawValue == source.attributes.checksum?.algorithm {
            attributes.checksum = source.attributes.checksum
            attributes.parts = source.attributes.parts
            let limit = try await rules.checkQuota(bucket, adding: source.clientSize)
            version = try await store.put(
                source.size == 0 ? .empty : .sharing(source), key: key, in: bucket.name, etag: source.etag, contentType: contentType,
                attributes: attributes, from: request.origin(.copy), limit: limit, guard: guardWrite)
        } else {
            let made = try wish.map { try encryptionKeys.make($0) }
            keys = made.map { ($0.dataKey, $0.encryption) }
            attributes.encryption = made?.encryption.text
            let bytes = try await plainBytes(origin, 0..<source.clientSize, request)
            let intake = try await copyBytes(
                bytes, size: source.clientSize, dataKey: made?.dataKey,
                checksum: algorithm ?? source.attributes.checksum.flatMap { ChecksumAlgorithm(rawValue: $0.algorithm) } ?? .crc64nvme)
            attributes.checksum = intake.checksum
            if attributes.encryption != nil { attributes.clientSize = intake.size }
            do {
                let limit = try await rules.checkQuota(bucket, adding: intake.size)
                version = try await store.put(
                    intake.content, key: key, in: bucket.name, etag: intake.md5, contentType: contentType, attributes: attributes,
                    from: request.origin(.copy), limit: limit, guard: guardWrite)
            } catch {
                await intake.discard()
                throw error
            }
        }
        return copyAnswer(version, origin, bucket, keys?.encryption)
    }

    private func copyAnswer(
        _ version: ObjectVersion, _ origin: CopyOrigin, _ bucket: Bucket, _ encryption: ObjectEncryption?
    ) -> S3Response {
        var xml = XMLWriter(root: "CopyObjectResult")
        xml.element("LastModified", Timestamp.text(milliseconds: version.modified))
        xml.element("ETag", "\"\(version.etag)\"")
        if let checksum = version.attributes.checksum {
            xml.element("ChecksumType", checksum.type)
            xml.element("Checksum" + checksum.algorithm, checksum.value)
        }
        var headers = encryption?.headers ?? [:]
        if bucket.versioning == .enabled { headers[.versionID] = version.versionID }
        if origin.bucket.versioning != .off { headers[.copySourceVersionID] = origin.version.versionID }
        headers[.expiration] = rules.expiration(of: version, in: bucket)
        return S3Response(headers: headers, body: .bytes(xml.finish()))
    }

    /// Whether a directive says `REPLACE`; `COPY` is what it says unless it is told.
    private static func replaces(_ directive: String?, _ what: String) throws(S3Error) -> Bool {
        switch directive {
        case nil, "COPY"?: return false
        case "REPLACE"?: return true
        default: throw S3Error.invalidArgument.with(message: "Unknown \(what) directive.")
        }
    }
}
