import WebAPI

/// What bounds the S3 endpoint, and how it names itself.
public struct S3Settings: Sendable {
    /// What buckets say that they are in.
    public var region = "us-east-1"
    /// Names that buckets are hosts of (`bucket.domain`); empty: only paths name buckets.
    public var domains: [String] = []
    /// Bytes of one PUT, a part of an upload among them.
    public var putBytes = 5 << 30
    /// Bytes of a part that is not the last of its object.
    public var partBytes = 5 << 20
    /// Keys, versions and uploads on one page at most.
    public var pageKeys = 1000
    /// Buckets of one user.
    public var bucketsPerUser = 1000
    /// How far a client's clock may be from this one, seconds.
    public var clockSkew = 900
    /// Whether POST forms may be signed by the old Signature V2 (HMAC-SHA1).
    public var acceptsOldForms = false
    /// Between two passes over the lifecycles of all buckets.
    public var lifecycleInterval: Duration = .seconds(3600)
    /// What a lifecycle counts as a day; shorter for tests alone.
    public var lifecycleDay: Duration = .seconds(86_400)
    /// Names of webhooks that buckets' notifications may go to.
    public var webhooks: Set<String> = []

    /// Proxies whose word counts on whether a client came by TLS (`X-Forwarded-Proto`).
    public var trustedProxies: [IPNetwork] = []
    /// Names of buckets whose objects another service keeps, with what is said to those who want to change them.
    public var readOnlyBuckets: [String: String] = [:]

    public init() {}
}
