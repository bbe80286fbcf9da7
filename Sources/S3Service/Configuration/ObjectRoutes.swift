import HTTPTypes
import NIOCore
import ObjectStorage
import S3Wire

/// `?tagging`, `?retention` and `?legal-hold` of an object, or of the version that `versionId` names.
extension ConfigurationRoutes {
    /// The version that a request is about, once it is known that the caller may.
    /// - Throws: `AccessDenied`; `NoSuchKey`, `NoSuchVersion`, or `MethodNotAllowed` for a delete marker.
    func version(
        _ request: S3Request, _ bucket: Bucket, _ key: ObjectKey, _ action: S3Action, requestTags: [ObjectTag]? = nil
    ) async throws -> ObjectVersion {
        let versionID = request.query["versionId"]
        let found = try await store.find(key, version: versionID, in: bucket.name)
        guard let version = found, !version.isDeleteMarker else {
            throw rules.missing(request, action, bucket, key: key, versionID: versionID, marker: found)
        }
        var question = AccessQuestion(
            request, action.forVersion(versionID), bucket: bucket, key: key.description, object: version, requestTags: requestTags)
        question.versionID = versionID
        try rules.decider.authorize(question)
        return version
    }

    func versionHeader(_ version: ObjectVersion, _ bucket: Bucket) -> HTTPFields {
        bucket.versioning == .off ? [:] : [.versionID: version.versionID]
    }

    /// Changes the version that was found, unless it has gone meanwhile.
    func update(
        _ version: ObjectVersion, _ request: S3Request, _ bucket: Bucket, cause: ObjectChange.Cause = .edit,
        _ change: @escaping @Sendable (inout ObjectVersion) throws -> Void
    ) async throws {
        let updated = try await store.update(
            version.key, version: version.versionID, in: bucket.name, from: request.origin(cause), change)
        guard updated != nil else {
            throw request.query["versionId"] == nil ? S3Error.noSuchKey : .noSuchVersion
        }
    }

    func objectTagging(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        switch request.method {
        case .get:
            let version = try await version(request, bucket, key, .getObjectTagging)
            let set = TagSet(tags: version.attributes.tags)
            return S3Response(headers: versionHeader(version, bucket), body: .bytes(set.xml))
        case .put:
            // Policies may ask for what the tags would be, so they are read before it is known whether they may be set.
            let bytes = try await body(request)
            var wanted: TagSet?
            var problem: S3Error?
            do { wanted = try TagSet(xml: try XMLElement.reading(bytes), limit: TagSet.objectLimit) } catch { problem = error }
            let version = try await version(request, bucket, key, .putObjectTagging, requestTags: wanted?.tags ?? [])
            guard let tags = wanted?.tags else { throw problem ?? .malformedXML }
            try await update(version, request, bucket, cause: .tagging) { $0.attributes.tags = tags }
            return S3Response(headers: versionHeader(version, bucket))
        default:
            let version = try await version(request, bucket, key, .deleteObjectTagging)
            try await update(version, request, bucket, cause: .untagging) { $0.attributes.tags = [] }
            return S3Response(.noContent, headers: versionHeader(version, bucket))
        }
    }

    func retention(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        switch request.method {
        case .get:
            let version = try await version(request, bucket, key, .getObjectRetention)
            try requireLocks(bucket)
            guard let retention = version.attributes.retention else { throw S3Error.noSuchObjectLockConfiguration }
            return S3Response(body: .bytes(Self.document(retention.xml)))
        case .put:
            let version = try await version(request, bucket, key, .putObjectRetention)
            try requireLocks(bucket)
            let wanted = try ObjectRetention.reading(try XMLElement.reading(try await requiredBody(request)), now: request.received)
            let bypass = rules.mayBypassGovernance(request, bucket, key: key)
            let now = request.received
            try await update(version, request, bucket) { version in
                try ObjectLock.checkChange(of: version.attributes.retention, to: wanted, bypass: bypass, now: now)
                version.attributes.retention = wanted
            }
            return S3Response()
        default: throw S3Error.methodNotAllowed
        }
    }

    func legalHold(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        switch request.method {
        case .get:
            let version = try await version(request, bucket, key, .getObjectLegalHold)
            try requireLocks(bucket)
            guard let isHeld = version.attributes.hasLegalHold else { throw S3Error.noSuchObjectLockConfiguration }
            let status = XMLElement("Status", text: isHeld ? "ON" : "OFF")
            return S3Response(body: .bytes(Self.document(XMLElement("LegalHold", children: [status]))))
        case .put:
            let version = try await version(request, bucket, key, .putObjectLegalHold)
            try requireLocks(bucket)
            let root = try XMLElement.reading(try await requiredBody(request))
            guard root.name == "LegalHold", let status = root.value("Status"), status == "ON" || status == "OFF" else {
                throw S3Error.malformedXML
            }
            try await update(version, request, bucket) { $0.attributes.hasLegalHold = status == "ON" }
            return S3Response()
        default: throw S3Error.methodNotAllowed
        }
    }

    private func requireLocks(_ bucket: Bucket) throws(S3Error) {
        guard try rules.lock.configuration(bucket) != nil else {
            throw .invalidRequest.with(message: "Bucket is missing Object Lock Configuration")
        }
    }

    private static func document(_ root: XMLElement) -> ByteBuffer {
        var writer = XMLWriter(root: root.name)
        for child in root.children { writer.append(child) }
        return writer.finish()
    }
}
