/// What bounds media buckets, and what their objects become.
public struct MediaBucketSettings: Sendable {
    /// Of items of buckets whose mark does not say. What nobody has said to be public is not.
    public var visibility = Visibility.private
    /// Bytes of an object that is taken in; a longer one stays what it is, an object.
    public var objectBytes = 1 << 30
    /// Objects taken in at once.
    public var workers = 2
    /// Whom the items of an S3 user belong to, where that is not somebody of the same name.
    public var owners: [String: String] = [:]

    public init() {}
}
