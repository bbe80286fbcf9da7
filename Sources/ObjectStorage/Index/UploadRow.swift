import Persistence

/// One row of `uploads`: an upload in parts that is not complete.
enum UploadRow {
    static let columns = "key, id, created, content_type, attributes"

    static func upload(_ row: any SQLColumns, in bucket: BucketName) throws -> VersionedObjectStore.Upload {
        guard let key = ObjectKey(try row.text(0)) else { throw DatabaseError.decoding("key is no object key") }
        return VersionedObjectStore.Upload(
            id: try row.text(1), key: key, bucket: bucket, created: Int64(try row.int(2)), contentType: try row.text(3),
            attributes: try StoredAttributes.read(ObjectAttributes.self, try row.text(4)))
    }

    static func find(
        _ id: String, _ key: ObjectKey, in bucket: BucketName, on connection: any SQLConnection
    ) throws -> VersionedObjectStore.Upload? {
        var found: VersionedObjectStore.Upload?
        try connection.forEach(
            "SELECT \(columns) FROM uploads WHERE bucket = $1 AND key = $2 AND id = $3", [SQLValue(bucket), SQLValue(key), SQLValue(id)]
        ) { row in
            found = try upload(row, in: bucket)
            return false
        }
        return found
    }

    static func exists(_ upload: VersionedObjectStore.Upload, on connection: any SQLConnection) throws -> Bool {
        var isThere = false
        try connection.forEach(
            "SELECT 1 FROM uploads WHERE bucket = $1 AND key = $2 AND id = $3",
            [SQLValue(upload.bucket), SQLValue(upload.key), SQLValue(upload.id)]
        ) { _ in
            isThere = true
            return false
        }
        return isThere
    }
}
