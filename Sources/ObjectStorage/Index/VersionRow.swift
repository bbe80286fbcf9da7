import Persistence

/// One row of `objects` (the latest versions) or of `noncurrent` (all others).
struct VersionRow: Sendable {
    var key: ObjectKey
    /// Milliseconds since 1970, UTC.
    var modified: Int
    var etag: String
    /// Bytes as the client sent them.
    var size: Int
    var owner: String
    var storageClass: String?
    /// `StoredChecksum`.
    var checksum: String?
    var isMarker = false
    /// Nil: the version that S3 calls `null`.
    var version: String?
    /// The sequence, negative: of two versions of a key the newer has the lower.
    var rank = 0
    var contentType: String
    /// Bytes as they are stored.
    var stored: Int
    /// Nil where there are no bytes, and where they came in parts.
    var sha256: String?
    var place: PackPlace?
    /// Whose parts the bytes are.
    var upload: String?
    /// `StoredAttributes`; nil where there is nothing to be told.
    var attributes: String?

    static let columns = """
        key, modified, etag, size, owner, storage_class, checksum, marker, version, rank, content_type, stored, sha256, pack, pack_offset, \
        upload, attributes
        """

    init(
        key: ObjectKey, modified: Int, etag: String, size: Int, owner: String, contentType: String, stored: Int
    ) {
        self.key = key
        self.modified = modified
        self.etag = etag
        self.size = size
        self.owner = owner
        self.contentType = contentType
        self.stored = stored
    }

    /// From the columns, in their order.
    init(_ row: any SQLColumns) throws {
        guard let key = ObjectKey(try row.text(0)) else { throw DatabaseError.decoding("key is no object key") }
        self.key = key
        modified = try row.int(1)
        etag = try row.text(2)
        size = try row.int(3)
        owner = try row.text(4)
        storageClass = try row.optionalText(5)
        checksum = try row.optionalText(6)
        isMarker = try row.int(7) != 0
        version = try row.optionalText(8)
        rank = try row.int(9)
        contentType = try row.text(10)
        stored = try row.int(11)
        sha256 = try row.optionalText(12)
        if let pack = try row.optionalInt(13) { place = PackPlace(pack: pack, offset: try row.int(14)) }
        upload = try row.optionalText(15)
        attributes = try row.optionalText(16)
    }

    /// As arguments $2 to $18, behind the bucket.
    var values: [SQLValue] {
        [
            SQLValue(key.description), SQLValue(modified), SQLValue(etag), SQLValue(size), SQLValue(owner), SQLValue(storageClass),
            SQLValue(checksum), SQLValue(isMarker ? 1 : 0), SQLValue(version), SQLValue(rank), SQLValue(contentType), SQLValue(stored),
            SQLValue(sha256), SQLValue(place?.pack), SQLValue(place?.offset), SQLValue(upload), SQLValue(attributes),
        ]
    }

    /// - Parameter parts: of an object that came in parts, where they are wanted.
    func objectVersion(isLatest: Bool, parts: [PartRow] = []) throws -> ObjectVersion {
        var segments: [BlobSegment] = []
        if let sha256 {
            segments = [BlobSegment(size: stored, sha256: sha256, place: place)]
        } else {
            segments = parts.compactMap(\.segment)
        }
        return ObjectVersion(
            key: key, versionID: version ?? ObjectVersion.nullID, isLatest: isLatest, isDeleteMarker: isMarker, size: stored, etag: etag,
            modified: Int64(modified), contentType: contentType, segments: segments,
            attributes: try StoredAttributes.attributes(of: self, parts: parts))
    }
}

/// One row of `parts`: of an upload, or of the object that it became.
struct PartRow: Sendable {
    var part: ObjectPart
    var stored: Int
    /// Nil where there are no bytes.
    var sha256: String?
    var place: PackPlace?

    static let columns = "number, size, etag, checksum, modified, stored, sha256, pack, pack_offset"

    init(_ part: ObjectPart, segment: BlobSegment?) {
        self.part = part
        stored = segment?.size ?? 0
        sha256 = segment?.sha256
        place = segment?.place
    }

    init(_ row: any SQLColumns) throws {
        part = ObjectPart(
            number: try row.int(0), size: try row.int(1), etag: try row.text(2),
            checksum: try row.optionalText(3).map { try StoredChecksum.read($0) }, modified: Int64(try row.int(4)))
        stored = try row.int(5)
        sha256 = try row.optionalText(6)
        if let pack = try row.optionalInt(7) { place = PackPlace(pack: pack, offset: try row.int(8)) }
    }

    /// As arguments $2 to $10, behind the upload.
    var values: [SQLValue] {
        [
            SQLValue(part.number), SQLValue(part.size), SQLValue(part.etag), SQLValue(part.checksum.map(StoredChecksum.text)),
            SQLValue(part.modified), SQLValue(stored), SQLValue(sha256), SQLValue(place?.pack), SQLValue(place?.offset),
        ]
    }

    var segment: BlobSegment? { sha256.map { BlobSegment(size: stored, sha256: $0, place: place) } }
}
