import Persistence

extension VersionedObjectStore {
    /// An upload in parts that is not complete.
    public struct Upload: Sendable {
        /// Opaque, 32 characters.
        public let id: String
        public let key: ObjectKey
        public let bucket: BucketName
        /// Milliseconds since 1970, UTC.
        public let created: Int64
        public let contentType: String
        /// What the object will carry; `checksum` with an empty value names the algorithm and kind that were asked for.
        public let attributes: ObjectAttributes
    }

    /// - Throws: `ObjectStoreError.noSuchBucket`.
    public func createUpload(
        _ key: ObjectKey, in bucket: BucketName, contentType: String, attributes: ObjectAttributes
    ) async throws -> Upload {
        let sequence = clock.next()
        let upload = Upload(
            id: VersionName.make(rank: -sequence), key: key, bucket: bucket, created: Int64(sequence / 1000), contentType: contentType,
            attributes: attributes)
        let json = try StoredAttributes.json(attributes)
        return try await commit { transaction, _ in
            _ = try transaction.bucket(bucket)
            try transaction.connection.execute(
                "INSERT INTO uploads (bucket, \(UploadRow.columns)) VALUES ($1, $2, $3, $4, $5, $6)",
                [
                    SQLValue(bucket), SQLValue(key), SQLValue(upload.id), SQLValue(upload.created), SQLValue(contentType), SQLValue(json),
                ])
            return upload
        }
    }

    /// Nil where there is no such upload.
    public func upload(_ id: String, _ key: ObjectKey, in bucket: BucketName) async throws -> Upload? {
        try await database.read { try UploadRow.find(id, key, in: bucket, on: $0) }
    }

    /// Stores a part, replacing one of that number.
    /// - Throws: `NoSuchUpload`, `SourceGone`, `ObjectStoreError.diskFull`.
    public func putPart(_ content: Content, _ part: ObjectPart, of upload: Upload) async throws {
        var content = content
        if case .sharing(let version) = content, version.segments.count > 1 { content = .staged(try await joined(version, upload.bucket)) }
        try await withContent(content) { transaction, segments in
            guard try UploadRow.exists(upload, on: transaction.connection) else { throw NoSuchUpload() }
            try transaction.putPart(PartRow(part, segment: segments.first), of: upload.id)
        }
    }

    /// The bytes of several segments as one blob: a part has one.
    private func joined(_ version: ObjectVersion, _ bucket: BucketName) async throws -> any StagedBlob {
        let reader = StoredVersionReader(version: version, blobs: blobs, named: named)
        guard try await reader.open() else { throw SourceGone() }
        let writer = try await blobs.stage(size: version.size)
        do {
            for try await chunk in reader.chunks(0..<version.size) { try await writer.write(chunk) }
            return try await writer.finish()
        } catch {
            await writer.cancel()
            throw error
        }
    }

    /// In order of numbers.
    public func parts(of upload: Upload, after number: Int, limit: Int) async throws -> [ObjectPart] {
        try await database.read { try IndexTransaction.parts(of: upload.id, after: number, limit: max(0, limit), on: $0).map(\.part) }
    }

    /// Makes an object of parts and ends the upload, in one transaction. Parts that the object is not made of go.
    /// - Parameters:
    ///   - numbers: of the parts that the object is made of, rising.
    ///   - finish: makes the etag and the attributes of the object from the parts, inside the transaction; throws to refuse. It may run
    ///     again.
    ///   - requester: who the journal is told asks for it.
    ///   - limit: what the bucket may hold.
    ///   - guard: sees the latest version.
    /// - Throws: `NoSuchUpload`, `NoSuchPart`, `NoRoom`.
    public func complete(
        _ upload: Upload, parts numbers: [Int], by requester: ObjectChange.Requester? = nil, limit: UsageLimit? = nil,
        finish: @escaping @Sendable ([ObjectPart]) throws -> (etag: String, attributes: ObjectAttributes), guard: Guard? = nil
    ) async throws -> ObjectVersion {
        let modified = Int(Self.now)
        return try await commit { transaction, _ in
            guard try UploadRow.exists(upload, on: transaction.connection) else { throw NoSuchUpload() }
            let all = try IndexTransaction.parts(of: upload.id, after: 0, limit: .max, on: transaction.connection)
            let wanted = Set(numbers)
            let used = all.filter { wanted.contains($0.part.number) }
            if used.count != wanted.count {
                let known = Set(used.map(\.part.number))
                throw NoSuchPart(number: numbers.first { !known.contains($0) } ?? 0)
            }
            let (etag, attributes) = try finish(used.map(\.part))
            let stored = used.reduce(0) { $0 + $1.stored }
            var row = VersionRow(
                key: upload.key, modified: modified, etag: etag, size: stored, owner: attributes.owner, contentType: upload.contentType,
                stored: stored)
            row.upload = upload.id
            try StoredAttributes.write(attributes, to: &row)
            row = try transaction.put(row, in: upload.bucket, from: .init(.completion, by: requester), limit: limit, guard: `guard`)
            for part in all where !wanted.contains(part.part.number) { try transaction.removePart(part, of: upload.id) }
            try transaction.connection.execute(
                "DELETE FROM uploads WHERE bucket = $1 AND key = $2 AND id = $3",
                [SQLValue(upload.bucket), SQLValue(upload.key), SQLValue(upload.id)])
            return try row.objectVersion(isLatest: true, parts: used)
        }
    }

    /// The latest version of a key, where it is what that upload became: for a client that completes an upload again, because the first
    /// answer did not reach it.
    public func completed(_ upload: String, _ key: ObjectKey, in bucket: BucketName) async throws -> ObjectVersion? {
        try await database.read { connection in
            guard let (row, isLatest) = try IndexTransaction.find(key, version: nil, in: bucket, on: connection), row.upload == upload
            else {
                return nil
            }
            let parts = try IndexTransaction.parts(of: upload, after: 0, limit: .max, on: connection)
            return try row.objectVersion(isLatest: isLatest, parts: parts)
        }
    }

    /// Removes an upload and its parts.
    /// - Throws: `NoSuchUpload`.
    public func abort(_ upload: Upload) async throws {
        try await commit { transaction, _ in
            guard try UploadRow.exists(upload, on: transaction.connection) else { throw NoSuchUpload() }
            try transaction.connection.execute(
                "DELETE FROM uploads WHERE bucket = $1 AND key = $2 AND id = $3",
                [SQLValue(upload.bucket), SQLValue(upload.key), SQLValue(upload.id)])
            try transaction.removeParts(of: upload.id)
        }
    }
}
