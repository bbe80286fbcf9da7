import ObjectStorage
import S3Wire

/// Decides every question of access: the policy of the caller's key, the bucket's policy, ownership and access control lists
/// together (S3 User Guide, "How Amazon S3 authorizes a request"). What nothing allows is denied.
package struct AccessDecider: Sendable {
    let documents: DocumentCache

    package init(documents: DocumentCache) { self.documents = documents }

    /// Whom objects belong to that an anonymous caller stored. No caller is this user.
    package static let anonymousOwner = "anonymous"

    /// For actions that need an object, look for it first and pass it: without one the answer is that it is missing to those who
    /// may list the bucket, and a denial to others, who must not learn which keys there are.
    /// - Throws: `AccessDenied`; `NoSuchKey` or `NoSuchVersion`.
    func authorize(
        _ request: S3Request, _ action: S3Action, bucket: Bucket?, key: String? = nil, object: ObjectVersion? = nil,
        requestTags: [ObjectTag]? = nil
    ) throws(S3Error) {
        try authorize(AccessQuestion(request, action, bucket: bucket, key: key, object: object, requestTags: requestTags))
    }

    /// - Throws: `AccessDenied`; `NoSuchKey` or `NoSuchVersion`.
    package func authorize(_ question: AccessQuestion) throws(S3Error) {
        if question.action.needsObject, question.object == nil {
            guard !isDenied(question), allows(listing(question)) else { throw .accessDenied }
            throw question.versionID == nil ? .noSuchKey : .noSuchVersion
        }
        guard allows(question) else { throw .accessDenied }
    }

    /// For what comes along with a new object - its list, its tags, its lock - once it is known that the caller may store it. A list and
    /// tags are part of what is stored, to those who may write to the bucket by its list, and to S3's clients, which send
    /// `x-amz-acl` where a policy gives them `s3:PutObject` alone; a denial of theirs holds. Tags otherwise need to be allowed, and a lock
    /// always: it binds the bucket's owner.
    /// - Throws: `AccessDenied`.
    package func authorizeAlong(_ question: AccessQuestion, _ action: S3Action) throws(S3Error) {
        var along = question
        along.action = action
        if allows(along) { return }
        guard !isDenied(along), let bucket = question.bucket, question.keyPolicy == nil else { throw .accessDenied }
        switch action {
        case .putObjectAcl: return
        case .putObjectTagging where listGives(question, bucket): return
        default: throw .accessDenied
        }
    }

    /// The question whether the caller may know that a key is not there.
    private func listing(_ question: AccessQuestion) -> AccessQuestion {
        var list = question
        list.action = .listBucket
        list.key = nil
        list.query = [("prefix", question.key ?? "")]
        return list
    }

    package func allows(_ question: AccessQuestion) -> Bool {
        if question.isRoot { return true }
        if let text = question.keyPolicy {
            // A key's policy says what it may do at most.
            guard let policy = documents.keyPolicy(text), policy.verdict(question) == .allow else { return false }
        }
        guard let bucket = question.bucket else { return question.user != nil }
        if isOwnersWayBack(question, bucket) { return true }
        let policy: PolicyDocument?
        do { policy = try documents.policy(bucket) } catch { return false }
        if let policy {
            switch policy.verdict(question) {
            case .deny: return false
            case .allow:
                let isRestricted = documents.publicAccess(bucket).restrictPublicBuckets && policy.isPublic
                if !isRestricted || question.user == bucket.owner { return true }
            case .silent: break
            }
        }
        return ownerMay(question, bucket) || listGives(question, bucket)
    }

    /// Whether a policy says no, whatever else says yes.
    private func isDenied(_ question: AccessQuestion) -> Bool {
        if question.isRoot { return false }
        if let text = question.keyPolicy {
            guard let policy = documents.keyPolicy(text), policy.verdict(question) == .allow else { return true }
        }
        guard let bucket = question.bucket else { return false }
        do { return try documents.policy(bucket)?.verdict(question) == .deny } catch { return true }
    }

    /// A bucket's owner can always take its policy away again, unless the owner gave that up with it.
    private func isOwnersWayBack(_ question: AccessQuestion, _ bucket: Bucket) -> Bool {
        switch question.action {
        case .getBucketPolicy, .putBucketPolicy, .deleteBucketPolicy:
            question.user == bucket.owner && bucket.documents[BucketPolicy.confirmedName] == nil
        default: false
        }
    }

    private func ownerMay(_ question: AccessQuestion, _ bucket: Bucket) -> Bool {
        guard let user = question.user else { return false }
        if let uploader = question.uploader, uploader == user { return true }
        if question.action.belongsToObjectOwner {
            guard let object = question.object else { return user == bucket.owner }
            return user == owner(of: object, in: bucket)
        }
        if user == bucket.owner { return true }
        switch question.action {
        case .getObjectTagging, .getObjectVersionTagging, .putObjectTagging, .putObjectVersionTagging, .deleteObjectTagging,
            .deleteObjectVersionTagging:
            return user == question.object?.attributes.owner
        default: return false
        }
    }

    /// Who an object belongs to: who stored it, or the bucket's owner where that is enforced.
    package func owner(of object: ObjectVersion, in bucket: Bucket) -> String {
        documents.ownership(bucket) == .bucketOwnerEnforced ? bucket.owner : object.attributes.owner
    }

    private func listGives(_ question: AccessQuestion, _ bucket: Bucket) -> Bool {
        guard let right = question.action.aclRight, documents.ownership(bucket) != .bucketOwnerEnforced else { return false }
        let ignoring = documents.publicAccess(bucket).ignorePublicACLs
        switch right {
        case .bucket(let permission):
            return documents.acl(bucket).gives(permission, to: question.user, ignoringPublic: ignoring)
        case .object(let permission):
            guard let object = question.object, let text = object.attributes.acl else { return false }
            return documents.acl(text)?.gives(permission, to: question.user, ignoringPublic: ignoring) ?? false
        }
    }
}
