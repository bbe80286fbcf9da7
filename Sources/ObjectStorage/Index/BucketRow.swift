import Persistence

/// A bucket with the count of what is in it.
struct BucketRow: Sendable {
    var bucket: Bucket
    /// Versions that are no delete markers, noncurrent ones among them.
    var versions: Int
    /// Bytes of those, as clients sent them.
    var bytes: Int

    static let columns = "name, owner, created, versioning, documents, versions, bytes"

    init(_ row: any SQLColumns) throws {
        guard let name = BucketName(try row.text(0)) else { throw DatabaseError.decoding("name is no bucket's name") }
        guard let versioning = Versioning(rawValue: try row.text(3)) else { throw DatabaseError.decoding("versioning is unknown") }
        let documents = try row.optionalText(4).map { try StoredAttributes.read([String: String].self, $0) }
        bucket = Bucket(
            name: name, owner: try row.text(1), created: Int64(try row.int(2)), versioning: versioning, documents: documents ?? [:])
        versions = try row.int(5)
        bytes = try row.int(6)
    }

    static func find(_ name: BucketName, on connection: any SQLConnection) throws -> BucketRow? {
        var found: BucketRow?
        try connection.forEach("SELECT \(columns) FROM buckets WHERE name = $1", [SQLValue(name.description)]) { row in
            found = try BucketRow(row)
            return false
        }
        return found
    }
}
