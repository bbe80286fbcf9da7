import S3Wire

extension PolicyDocument {
    /// Looks whether each action that a bucket's policy names can be done to one of the resources beside it: a statement such as
    /// `s3:ListBucket` of `arn:aws:s3:::field/*` says nothing, and who wrote it believes that it does. Asked where a policy comes in, not of
    /// those that are stored.
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
        var targets: Set<S3Action.Target> = []
        for resource in resources {
            if resource.matches("arn:aws:s3:::" + bucket, { _ in nil }) { targets.insert(.bucket) }
            // What stands before the slash can name the bucket: that was read already. A `*` stands for slashes as well.
            if resource.text.contains(where: { $0 == "*" || $0 == "/" }) { targets.insert(.object) }
        }
        return actions.allSatisfy { pattern in
            S3Action.allCases.contains { action in
                targets.contains(action.target) && pattern.matches(action.rawValue, ignoringCase: true) { _ in nil }
            }
        }
    }
}
