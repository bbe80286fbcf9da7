import S3Wire

extension PolicyDocument {
    /// Looks whether each action on the bucket that a bucket's policy names stands beside a resource that is the bucket: a statement such as
    /// `s3:ListBucket` of `arn:aws:s3:::field/*` says nothing, and who wrote it believes that it does. Asked where a policy comes in, not of
    /// those that are stored. AWS refuses the opposite as well, an action on objects beside the bucket alone, which ceph's suite demands to
    /// be taken.
    /// - Throws: `MalformedPolicy`, as S3 does.
    package func requireFittingActions(bucket: String) throws(S3Error) {
        guard statements.allSatisfy({ $0.fits(bucket) }) else {
            throw .malformedPolicy.with(message: "Action does not apply to any resource(s) in statement")
        }
    }
}

extension PolicyDocument.Statement {
    /// All but some of actions or of resources is always something.
    fileprivate func fits(_ bucket: String) -> Bool {
        guard case .these(let actions) = actions, case .these(let resources) = resources else { return true }
        let isOfBucket = resources.contains { $0.matches("arn:aws:s3:::" + bucket) { _ in nil } }
        return actions.allSatisfy { pattern in
            S3Action.allCases.contains { action in
                (action.target == .object || action.target == .bucket && isOfBucket)
                    && pattern.matches(action.rawValue, ignoringCase: true) { _ in nil }
            }
        }
    }
}
