import Persistence

/// A row whose bytes lie in a pack: of which table, where, and where they should be. Walked in the order of keys, a page at a time.
struct PackedRow: Sendable {
    enum Owner: Sendable {
        case version(BucketName, ObjectKey, rank: Int, isLatest: Bool)
        case part(upload: String, number: Int)
    }

    let owner: Owner
    let segment: BlobSegment
    let place: PackPlace

    /// What is walked, in this order.
    enum Table: String, CaseIterable, Sendable { case objects, noncurrent, parts }

    /// Where a page begins: behind these values of the table's key.
    struct Position: Sendable {
        var names = ("", "")
        var number = Int.min
    }

    /// One page of a table.
    /// - Returns: the packed rows of it, and where the next begins; nil at the end.
    static func page(
        _ table: Table, after position: Position, limit: Int, on connection: any SQLConnection
    ) throws -> (rows: [PackedRow], next: Position?) {
        var rows: [PackedRow] = []
        var (count, last) = (0, position)
        let (columns, condition, order) =
            switch table {
            case .objects: ("bucket, key, rank", "(bucket, key) > ($1, $2)", "bucket, key")
            case .noncurrent: ("bucket, key, rank", "(bucket, key, rank) > ($1, $2, $4)", "bucket, key, rank")
            case .parts: ("upload, '', number", "(upload, number) > ($1, $2)", "upload, number")
            }
        let arguments: [SQLValue] =
            switch table {
            case .objects: [SQLValue(position.names.0), SQLValue(position.names.1), SQLValue(limit)]
            case .noncurrent:
                [SQLValue(position.names.0), SQLValue(position.names.1), SQLValue(limit), SQLValue(position.number)]
            case .parts: [SQLValue(position.names.0), SQLValue(position.number), SQLValue(limit)]
            }
        try connection.forEach(
            """
            SELECT \(columns), stored, sha256, pack, pack_offset FROM \(table.rawValue) WHERE \(condition) ORDER BY \(order) LIMIT $3
            """, arguments
        ) { row in
            count += 1
            last = Position(names: (try row.text(0), try row.text(1)), number: try row.int(2))
            guard let pack = try row.optionalInt(5) else { return true }
            let place = PackPlace(pack: pack, offset: try row.int(6))
            let owner: Owner
            if table == .parts {
                owner = .part(upload: last.names.0, number: last.number)
            } else {
                guard let bucket = BucketName(last.names.0), let key = ObjectKey(last.names.1) else {
                    throw DatabaseError.decoding("key is no object key")
                }
                owner = .version(bucket, key, rank: last.number, isLatest: table == .objects)
            }
            rows.append(
                PackedRow(
                    owner: owner, segment: BlobSegment(size: try row.int(3), sha256: try row.text(4), place: place), place: place))
            return true
        }
        return (rows, count < limit ? nil : last)
    }

    /// Says of a row where its bytes are now; nil: in a blob of their own name. A version may have moved from one table to the other.
    /// - Returns: false where the bytes were no longer its.
    func move(to segment: BlobSegment, in transaction: IndexTransaction) throws -> Bool {
        let new = [SQLValue(segment.place?.pack), SQLValue(segment.place?.offset), SQLValue(place.pack), SQLValue(place.offset)]
        switch owner {
        case .version(let bucket, let key, _, _):
            for table in ["objects", "noncurrent"] {
                let changed = try transaction.connection.execute(
                    "UPDATE \(table) SET pack = $3, pack_offset = $4 WHERE bucket = $1 AND key = $2 AND pack = $5 AND pack_offset = $6",
                    [SQLValue(bucket), SQLValue(key)] + new)
                if changed > 0 {
                    transaction.invalidate(key, in: bucket)
                    return true
                }
            }
            return false
        case .part(let upload, let number):
            return try transaction.connection.execute(
                "UPDATE parts SET pack = $3, pack_offset = $4 WHERE upload = $1 AND number = $2 AND pack = $5 AND pack_offset = $6",
                [SQLValue(upload), SQLValue(number)] + new) > 0
        }
    }

    /// Whether the row still says so.
    func isCurrent(on connection: any SQLConnection) throws -> Bool {
        var isCurrent = false
        let now = [SQLValue(place.pack), SQLValue(place.offset)]
        func look(_ table: String, _ key: String, _ arguments: [SQLValue]) throws {
            try connection.forEach("SELECT 1 FROM \(table) WHERE \(key) AND pack = $3 AND pack_offset = $4", arguments + now) { _ in
                isCurrent = true
                return false
            }
        }
        switch owner {
        case .version(let bucket, let key, _, _):
            for table in ["objects", "noncurrent"] { try look(table, "bucket = $1 AND key = $2", [SQLValue(bucket), SQLValue(key)]) }
        case .part(let upload, let number): try look("parts", "upload = $1 AND number = $2", [SQLValue(upload), SQLValue(number)])
        }
        return isCurrent
    }
}
