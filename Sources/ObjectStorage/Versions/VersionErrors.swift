/// There is a bucket of that name.
public struct BucketExists: Error, Sendable {
    public let owner: String
    public init(owner: String) { self.owner = owner }
}

/// A bucket that is to be deleted still has versions, delete markers or uploads.
public struct BucketNotEmpty: Error, Sendable { public init() {} }

/// A bucket holds as much as it may (`UsageLimit`).
public struct NoRoom: Error, Sendable { public init() {} }

/// A version whose bytes were to be shared went meanwhile: find it again.
public struct SourceGone: Error, Sendable { public init() {} }

/// The upload was completed or aborted, or never begun.
public struct NoSuchUpload: Error, Sendable { public init() {} }

/// The upload has no part of that number.
public struct NoSuchPart: Error, Sendable {
    public let number: Int
    public init(number: Int) { self.number = number }
}
