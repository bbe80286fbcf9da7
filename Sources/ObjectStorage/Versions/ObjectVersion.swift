/// One version of an object, or a delete marker.
public struct ObjectVersion: Sendable, Hashable {
    public let key: ObjectKey
    /// `null`, or an opaque name of 32 characters.
    public let versionID: String
    public let isLatest: Bool
    public let isDeleteMarker: Bool
    /// Bytes as they are stored, all segments together.
    public let size: Int
    /// Without quotes; empty for a delete marker.
    public var etag: String
    /// Milliseconds since 1970, UTC.
    public let modified: Int64
    public var contentType: String
    /// Where the bytes lie, in order; one unless the object came in parts. Empty for a delete marker and for no bytes.
    public let segments: [BlobSegment]
    public var attributes: ObjectAttributes

    public init(
        key: ObjectKey, versionID: String, isLatest: Bool, isDeleteMarker: Bool, size: Int, etag: String, modified: Int64,
        contentType: String, segments: [BlobSegment], attributes: ObjectAttributes
    ) {
        self.key = key
        self.versionID = versionID
        self.isLatest = isLatest
        self.isDeleteMarker = isDeleteMarker
        self.size = size
        self.etag = etag
        self.modified = modified
        self.contentType = contentType
        self.segments = segments
        self.attributes = attributes
    }

    /// What S3 calls the version of an object that was stored while versioning was not enabled.
    public static let nullID = "null"
}

/// Bytes in the blob store.
public struct BlobSegment: Sendable, Hashable, Codable {
    /// Bytes.
    public let size: Int
    /// SHA-256 of the bytes as stored, 64 hexadecimal digits.
    public let sha256: String
    /// Nil: a file of its own, named by its SHA-256; else a place in a pack.
    public let place: PackPlace?

    public init(size: Int, sha256: String, place: PackPlace? = nil) {
        self.size = size
        self.sha256 = sha256
        self.place = place
    }
}

/// Where bytes lie in a pack, the file that small blobs share.
public struct PackPlace: Sendable, Hashable, Codable {
    public let pack: Int
    public let offset: Int

    public init(pack: Int, offset: Int) {
        self.pack = pack
        self.offset = offset
    }
}

/// What an object carries beside its bytes.
public struct ObjectAttributes: Sendable, Hashable, Codable {
    /// Who stored it.
    public var owner: String
    /// `Cache-Control`, `Content-Disposition`, `Content-Encoding`, `Content-Language`, `Expires` and what else is sent back as it
    /// came, by lower-case name.
    public var headers: [String: String] = [:]
    /// User metadata: lower-case names without `x-amz-meta-`.
    public var metadata: [String: String] = [:]
    public var tags: [ObjectTag] = []
    /// The access control list in the form of the service that reads it; nil for the default.
    public var acl: String?
    /// Nil for `STANDARD`.
    public var storageClass: String?
    public var checksum: ObjectChecksum?
    /// Of an object that came in parts.
    public var parts: [ObjectPart]?
    /// Bytes as the client sent them, where they are stored otherwise (encrypted); nil: as many as are stored.
    public var clientSize: Int?
    /// How the stored bytes are encrypted, in the form of the service that does it; nil: they are not.
    public var encryption: String?
    public var retention: ObjectRetention?
    /// Nil: never set, which S3 tells apart from one that was taken away.
    public var hasLegalHold: Bool?

    public init(owner: String) { self.owner = owner }
}

public struct ObjectTag: Sendable, Hashable, Codable {
    public var key: String
    public var value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// A checksum as S3 knows it.
public struct ObjectChecksum: Sendable, Hashable, Codable {
    /// `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1` or `SHA256`.
    public var algorithm: String
    /// Base64; of a composite one with `-` and the number of parts.
    public var value: String
    /// Of the checksums of the parts instead of the bytes.
    public var isComposite: Bool

    public init(algorithm: String, value: String, isComposite: Bool = false) {
        self.algorithm = algorithm
        self.value = value
        self.isComposite = isComposite
    }
}

/// One part of an object, or of an upload that is not complete yet.
public struct ObjectPart: Sendable, Hashable, Codable {
    /// 1 to 10,000.
    public var number: Int
    /// Bytes as the client sent them.
    public var size: Int
    /// Without quotes.
    public var etag: String
    public var checksum: ObjectChecksum?
    /// Milliseconds since 1970, UTC.
    public var modified: Int64

    public init(number: Int, size: Int, etag: String, checksum: ObjectChecksum? = nil, modified: Int64) {
        self.number = number
        self.size = size
        self.etag = etag
        self.checksum = checksum
        self.modified = modified
    }
}

/// Until when a version must not be deleted.
public struct ObjectRetention: Sendable, Hashable, Codable {
    public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
        case governance = "GOVERNANCE"
        case compliance = "COMPLIANCE"
    }

    public var mode: Mode
    /// Milliseconds since 1970, UTC.
    public var until: Int64

    public init(mode: Mode, until: Int64) {
        self.mode = mode
        self.until = until
    }
}
