import S3Wire

/// How a bucket's policy is kept: its JSON as it came, so that it is given back byte for byte.
enum BucketPolicy {
    static let documentName = "policy"
    /// Beside a policy that was put with `x-amz-confirm-remove-self-bucket-access`: it holds for the owner's own access to it as well.
    static let confirmedName = "policy-confirmed"
}
