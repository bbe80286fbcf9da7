/// How much of an XML document is read at most.
public struct XMLLimits: Sendable, Hashable {
    /// Bytes of the whole document.
    public var size: Int
    /// Elements within one another.
    public var depth: Int
    /// Elements and attributes together.
    public var count: Int

    /// The defaults hold the largest documents of S3: 1,000 keys to delete and 10,000 parts to complete, with room.
    public init(size: Int = 8 << 20, depth: Int = 16, count: Int = 100_000) {
        self.size = size
        self.depth = depth
        self.count = count
    }
}

/// Why a document is not read.
public enum XMLError: Error, Sendable, Hashable {
    /// Not well-formed, at that byte.
    case malformed(offset: Int)
    /// A document type declaration: it could define entities, and S3 uses none.
    case doctype
    /// More of something than `XMLLimits` allows.
    case tooLarge

    /// As S3 answers it.
    public var s3: S3Error {
        switch self {
        case .malformed, .doctype: .malformedXML
        case .tooLarge: .maxMessageLengthExceeded
        }
    }
}
