import Foundation
import HTTPTypes
import NIOCore
import ObjectStorage
import S3Wire

/// What a bucket's configuration means for the operations on it: who may do what, what new objects get, what they are kept from.
struct BucketRules: Sendable {
    let keys: AccessKeyStore
    let store: VersionedObjectStore
    let documents: DocumentCache
    let decider: AccessDecider
    let lock: ObjectLock
    let cors: CORSAnswers
    let grants: GrantReading
    private let newObject: NewObjectAccess

    init(keys: AccessKeyStore, store: VersionedObjectStore) {
        self.keys = keys
        self.store = store
        documents = DocumentCache()
        decider = AccessDecider(documents: documents)
        lock = ObjectLock(documents: documents)
        cors = CORSAnswers(documents: documents)
        newObject = NewObjectAccess(documents: documents)
        grants = GrantReading(
            users: UserDirectory(
                exists: { try await keys.isUser($0) }, named: { try await keys.user(email: $0) }))
    }

    // MARK: Who may

    /// - Throws: `AccessDenied`.
    func authorizeService(_ request: S3Request, _ action: S3Action) throws(S3Error) {
        try decider.authorize(request, action, bucket: nil)
    }

    /// - Throws: `AccessDenied`.
    func authorize(
        _ request: S3Request, _ action: S3Action, _ bucket: Bucket, key: ObjectKey? = nil, object: ObjectVersion? = nil,
        uploader: String? = nil
    ) throws(S3Error) {
        let action = action.forVersion(request.query["versionId"])
        // May do everything with what is there: for the decider to say so, all of the request would be copied.
        if request.caller.isRoot, object != nil || !action.needsObject { return }
        var question = AccessQuestion(request, action, bucket: bucket, key: key?.description, object: object)
        question.uploader = uploader
        try decider.authorize(question)
    }

    /// What to answer for what is not there: that it is missing, to those who may know; a denial to others.
    ///
    /// - Parameter marker: the delete marker that is there instead.
    func missing(
        _ request: S3Request, _ action: S3Action, _ bucket: Bucket, key: ObjectKey, versionID: String?, marker: ObjectVersion?
    ) -> S3Error {
        var question = AccessQuestion(request, action.forVersion(versionID), bucket: bucket, key: key.description)
        question.versionID = versionID
        do {
            try decider.authorize(question)
        } catch {
            if error == .accessDenied { return error }
        }
        guard let marker else {
            return versionID == nil
                ? .noSuchKey.with(field: "Key", key.description)
                : .noSuchVersion.with(field: "Key", key.description).with(field: "VersionId", versionID ?? "")
        }
        let error: S3Error = versionID == nil ? .noSuchKey.with(field: "Key", key.description) : .methodNotAllowed
        return error.with(header: .deleteMarker, "true").with(header: .versionID, marker.versionID)
    }

    /// Whether the caller may store this object, and what it carries then: owner, ACL, tags, lock.
    func authorizePut(
        _ request: S3Request, _ bucket: Bucket, key: ObjectKey, attributes: inout ObjectAttributes, tags given: [ObjectTag]? = nil
    ) async throws {
        let tags = try given ?? request.headers[.tagging].map { text throws(S3Error) in try TagSet(query: text).tags } ?? []
        let question = AccessQuestion(request, .putObject, bucket: bucket, key: key.description, requestTags: tags)
        try decider.authorize(question)
        attributes.tags = tags
        let wish = try await grants.wish(request.headers, parameters: request.presignedParameters)
        if !tags.isEmpty { try decider.authorizeAlong(question, .putObjectTagging) }
        if wish != .none { try decider.authorizeAlong(question, .putObjectAcl) }
        let access = try newObject.object(wish, by: request.caller.user, in: bucket)
        attributes.owner = access.owner
        attributes.acl = access.acl
        let lock = try lock.newVersion(request.headers, in: bucket, now: request.received)
        if request.headers[.lockMode] != nil { try decider.authorizeAlong(question, .putObjectRetention) }
        if request.headers[.legalHold] != nil { try decider.authorizeAlong(question, .putObjectLegalHold) }
        attributes.retention = lock.retention
        attributes.hasLegalHold = lock.hasLegalHold
    }

    /// Whether anything of the bucket may be for everybody: a policy is there, or a list that names all.
    func isOpen(_ bucket: Bucket) throws(S3Error) -> Bool {
        if try documents.policy(bucket) != nil { return true }
        let listCounts = documents.ownership(bucket) != .bucketOwnerEnforced && !documents.publicAccess(bucket).ignorePublicACLs
        return listCounts && documents.acl(bucket).isPublic
    }

    /// - Parameter expected: who the client believes owns the bucket; nil where it does not say.
    /// - Throws: `AccessDenied`.
    func checkExpectedOwner(_ bucket: Bucket, _ expected: String?) throws(S3Error) {
        if let expected, expected != bucket.owner { throw .accessDenied }
    }

    /// What keeps a version from being deleted: retention and legal hold.
    func deletionGuard(
        _ request: S3Request, _ bucket: Bucket, key: ObjectKey, versionID: String?
    ) -> VersionedObjectStore.Guard? {
        ObjectLock.deletionGuard(
            versionID: versionID, bypass: mayBypassGovernance(request, bucket, key: key), now: request.received)
    }

    /// Whether the request asks to go past governance, by somebody who may.
    func mayBypassGovernance(_ request: S3Request, _ bucket: Bucket, key: ObjectKey) -> Bool {
        request.headers[.bypassGovernance]?.lowercased() == "true"
            && decider.allows(AccessQuestion(request, .bypassGovernanceRetention, bucket: bucket, key: key.description))
    }

    // MARK: What is made

    /// The documents of a bucket that is being made: ACL, ownership, object lock.
    func configure(_ bucket: inout Bucket, _ request: S3Request) async throws {
        let hasLock = request.headers[.bucketObjectLock]?.lowercased() == "true"
        let wish = try await grants.wish(request.headers)
        for (name, document) in try NewObjectAccess.bucket(
            wish, owner: bucket.owner, ownership: request.headers[.objectOwnership], hasObjectLock: hasLock)
        {
            bucket.documents[name] = document
        }
        // Locks are of versions.
        if hasLock { bucket.versioning = .enabled }
    }

    /// What the bucket may hold, for the store to see to; nil where it has no quota.
    func limit(_ bucket: Bucket) throws(S3Error) -> UsageLimit? { try documents.quota(bucket)?.limit }

    /// Whether there is room for so many bytes now: for parts, which count when their upload is complete, and so that what cannot fit is
    /// refused before it is stored.
    /// - Returns: what holds when it is.
    /// - Throws: `NoRoom`.
    @discardableResult
    func checkQuota(_ bucket: Bucket, adding size: Int) async throws -> UsageLimit? {
        guard let limit = try limit(bucket) else { return nil }
        try limit.check(adding: size, to: try await store.usage(bucket.name))
        return limit
    }

    func defaultEncryption(_ bucket: Bucket) throws(S3Error) -> (kind: ObjectEncryption.Kind, keyID: String?)? {
        guard let configuration = try documents.encryption(bucket) else { return nil }
        return configuration.algorithm == .aes256 ? (.aes256, nil) : (.kms, configuration.kmsKeyID ?? ObjectEncryption.defaultKMSKey)
    }

    /// When the bucket's lifecycle ends a version, as `x-amz-expiration` has it.
    func expiration(of version: ObjectVersion, in bucket: Bucket) -> String? {
        guard let lifecycle = try? documents.document(LifecycleConfiguration.self, of: bucket) else { return nil }
        return lifecycle.expiration(of: version)
    }
}

extension S3Action {
    /// The action on a version, where the request names one.
    func forVersion(_ versionID: String?) -> S3Action {
        guard versionID != nil else { return self }
        return switch self {
        case .getObject: .getObjectVersion
        case .getObjectAttributes: .getObjectVersionAttributes
        case .getObjectAcl: .getObjectVersionAcl
        case .putObjectAcl: .putObjectVersionAcl
        case .getObjectTagging: .getObjectVersionTagging
        case .putObjectTagging: .putObjectVersionTagging
        case .deleteObjectTagging: .deleteObjectVersionTagging
        default: self
        }
    }
}

extension S3Core {
    /// The answer to a browser that asks before it sends a request.
    func preflight(_ name: String?, _ headers: HTTPFields) async throws -> S3Response {
        guard let bucket = try await existing(name) else {
            throw S3Error("AccessForbidden", .forbidden, "CORSResponse: CORS is not enabled for this bucket.")
        }
        return S3Response(headers: try rules.cors.preflight(headers, bucket: bucket))
    }

    /// What the answer to a page of that origin carries.
    func corsFields(_ name: String?, _ method: HTTPRequest.Method, _ headers: HTTPFields) async throws -> HTTPFields {
        guard let bucket = try await existing(name) else { return [:] }
        return rules.cors.headers(headers, method: method.rawValue, bucket: bucket)
    }

    private func existing(_ name: String?) async throws -> Bucket? {
        guard let name = name.flatMap({ BucketName($0) }) else { return nil }
        return try await store.bucket(name)
    }
}

extension HTTPField.Name {
    static let bucketObjectLock = Self("x-amz-bucket-object-lock-enabled")!
    static let objectOwnership = Self("x-amz-object-ownership")!
}
