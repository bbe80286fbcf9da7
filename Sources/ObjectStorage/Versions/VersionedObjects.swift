import NIOCore
import Persistence

extension VersionedObjectStore {
    /// Begins to take bytes. Up to the setting they stay in memory and go into a pack with the commit; beyond that they go to a file.
    /// - Parameter size: bytes to be expected, where known.
    public func stage(size: Int?) async throws -> any BlobWriter { try await blobs.stage(size: size) }

    public enum Content: Sendable {
        case staged(any StagedBlob)
        /// The bytes of a version that is there already: large ones are shared and not moved. Where they have gone since it was
        /// found, the change throws `SourceGone`.
        case sharing(ObjectVersion)
        case empty
    }

    /// Makes staged bytes the latest version of a key. Without versioning, or with versioning suspended, what the `null` version
    /// was goes.
    /// - Parameters:
    ///   - origin: what the journal is told.
    ///   - limit: what the bucket may hold.
    ///   - guard: sees the latest version.
    /// - Throws: `ObjectStoreError.noSuchBucket`, `ObjectStoreError.diskFull`, `NoRoom`, `SourceGone`, and what the guard throws.
    public func put(
        _ content: Content, key: ObjectKey, in bucket: BucketName, etag: String, contentType: String, attributes: ObjectAttributes,
        from origin: ObjectChange.Origin = .init(.put), limit: UsageLimit? = nil, guard: Guard? = nil
    ) async throws -> ObjectVersion {
        let modified = Int(Self.now)
        return try await withContent(content) { [clock] transaction, segments in
            let stored = segments.reduce(0) { $0 + $1.size }
            var row = VersionRow(
                key: key, modified: modified, etag: etag, size: stored, owner: attributes.owner, contentType: contentType, stored: stored)
            if segments.count == 1 {
                row.sha256 = segments[0].sha256
                row.place = segments[0].place
            } else if segments.count > 1 {
                row.upload = VersionName.make(rank: -clock.next())
            }
            try StoredAttributes.write(attributes, to: &row)
            row = try transaction.put(row, in: bucket, from: origin, limit: limit, guard: `guard`)
            if let upload = row.upload {
                for (index, segment) in segments.enumerated() {
                    let part = attributes.parts?.indices.contains(index) == true ? attributes.parts?[index] : nil
                    try transaction.addPart(
                        PartRow(
                            part ?? ObjectPart(number: index + 1, size: segment.size, etag: "", modified: Int64(modified)), segment: segment
                        ),
                        to: upload)
                }
            }
            return ObjectVersion(
                key: key, versionID: row.version ?? ObjectVersion.nullID, isLatest: true, isDeleteMarker: false, size: stored, etag: etag,
                modified: Int64(modified), contentType: contentType, segments: segments, attributes: attributes)
        }
    }

    /// Commits a change that needs bytes: puts them to where they stay, and hands `work` the segments. Whatever happens, nothing is left of
    /// bytes that no row names.
    func withContent<T: Sendable>(_ content: Content, _ work: @escaping IndexCommits.Work<T>) async throws -> T {
        switch content {
        case .empty: return try await commit(work)
        case .staged(let blob):
            if blob.size == 0 {
                await blob.discard()
                return try await commit(work)
            }
            if blobs.isPackable(blob) {
                let value = try await commit(packing: [blob], work)
                await blob.discard()
                return value
            }
            await named.pin(blob.sha256)
            do {
                let segment = try await blobs.publish(blob)
                let value = try await commit { transaction, _ in try work(transaction, [segment]) }
                await named.unpin(blob.sha256)
                return value
            } catch {
                await named.unpin(blob.sha256, thenRemoveIfUnused: true)
                throw error
            }
        case .sharing(let version): return try await withShared(version.segments, work)
        }
    }

    /// Blobs with a name are shared: a row that names them now keeps them. Others are read and packed again.
    private func withShared<T: Sendable>(_ segments: [BlobSegment], _ work: @escaping IndexCommits.Work<T>) async throws -> T {
        var copies: [any StagedBlob] = []
        for segment in segments where segment.place != nil {
            guard let reader = try await blobs.open(segment) else { throw SourceGone() }
            let writer = try await blobs.stage(size: segment.size)
            do {
                try await writer.write(try await reader.read(0..<segment.size))
            } catch {
                await writer.cancel()
                throw error
            }
            copies.append(try await writer.finish())
        }
        // Where memory is short a copy is a file, which has to have a name before a row can name it.
        var published: [BlobSegment?] = []
        var pins: [String] = []
        var packed: [any StagedBlob] = []
        do {
            for copy in copies {
                if blobs.isPackable(copy) {
                    packed.append(copy)
                    published.append(nil)
                } else {
                    await named.pin(copy.sha256)
                    pins.append(copy.sha256)
                    published.append(try await blobs.publish(copy))
                }
            }
            let value = try await commit(packing: packed) { [published] transaction, packed in
                var (nextCopy, nextPacked) = (0, 0)
                var moved: [BlobSegment] = []
                for segment in segments {
                    if segment.place == nil {
                        guard try IndexTransaction.names(segment.sha256, on: transaction.connection) else { throw SourceGone() }
                        moved.append(segment)
                        continue
                    }
                    if let file = published[nextCopy] {
                        moved.append(file)
                    } else {
                        moved.append(packed[nextPacked])
                        nextPacked += 1
                    }
                    nextCopy += 1
                }
                return try work(transaction, moved)
            }
            for pin in pins { await named.unpin(pin) }
            return value
        } catch {
            for pin in pins { await named.unpin(pin, thenRemoveIfUnused: true) }
            throw error
        }
    }

    /// - Parameter versionID: nil for the latest, which may be a delete marker.
    public func find(_ key: ObjectKey, version versionID: String?, in bucket: BucketName) async throws -> ObjectVersion? {
        let cached = CachedKey(bucket: bucket, key: key)
        if let known = cache.find(cached), versionID == nil || known.versionID == versionID { return known }
        let epoch = cache.epoch(cached)
        let found = try await read(key, version: versionID, in: bucket)
        if let found, found.isLatest { cache.keep(cached, found, epoch: epoch) }
        return found
    }

    /// The latest version, which may be a delete marker, and its bucket, where both are in memory. Does not wait.
    public func known(_ key: ObjectKey, in name: BucketName) -> (bucket: Bucket, version: ObjectVersion)? {
        guard let bucket = knownBucket(name), let version = cache.find(CachedKey(bucket: name, key: key)) else { return nil }
        return (bucket, version)
    }

    /// Bytes of a version that are there without waiting.
    public enum BytesAtOnce: Sendable {
        case bytes(ByteBuffer)
        /// Where the range begins in an open file.
        case file(HeldFile)
    }

    /// Bytes of a version where it takes no waiting; nil where it would, and where the version has gone.
    /// - Parameter mostBytes: of a range that is read; a longer one is given as a place in a file.
    public func bytesAtOnce(of version: ObjectVersion, _ range: Range<Int>, mostBytes: Int) -> BytesAtOnce? {
        guard version.segments.count == 1, version.segments[0].size >= range.upperBound, let reader = blobs.openAtOnce(version.segments[0])
        else { return nil }
        if range.count <= mostBytes { return reader.readAtOnce(range).map { .bytes($0) } }
        guard var file = reader.heldFile else { return nil }
        file.offset += range.lowerBound
        return .file(file)
    }

    /// From the index itself.
    private func read(_ key: ObjectKey, version versionID: String?, in bucket: BucketName) async throws -> ObjectVersion? {
        try await database.read { connection in
            guard let (row, isLatest) = try IndexTransaction.find(key, version: versionID, in: bucket, on: connection) else { return nil }
            let parts = try row.upload.map { try IndexTransaction.parts(of: $0, after: 0, limit: .max, on: connection) }
            return try row.objectVersion(isLatest: isLatest, parts: parts ?? [])
        }
    }

    /// Opens the bytes of a version; nil where they have gone since it was found (find it again then). They stay readable until
    /// the reader is let go.
    /// - Throws: `ObjectStoreError.corrupt` where the index names bytes that are not there.
    public func open(_ version: ObjectVersion, in bucket: BucketName) async throws -> (any VersionReader)? {
        let reader = StoredVersionReader(version: version, blobs: blobs, named: named)
        do {
            if try await reader.open() { return reader }
        } catch ObjectStoreError.corrupt(let reason) {
            guard try await isCurrent(version, in: bucket) else { return nil }
            throw ObjectStoreError.corrupt(reason)
        }
        guard try await isCurrent(version, in: bucket) else { return nil }
        throw ObjectStoreError.corrupt("bytes of an object are missing")
    }

    private func isCurrent(_ version: ObjectVersion, in bucket: BucketName) async throws -> Bool {
        let now = try await read(version.key, version: version.versionID, in: bucket)
        if now?.segments == version.segments { return true }
        // Whoever finds it again must not find the same in memory.
        cache.replace(CachedKey(bucket: bucket, key: version.key), nil)
        return false
    }

    /// Changes etag, content type or attributes of a version in place; `modified` stays.
    /// - Parameter origin: what the journal is told.
    /// - Returns: nil where there is no such version.
    public func update(
        _ key: ObjectKey, version versionID: String?, in bucket: BucketName, from origin: ObjectChange.Origin = .init(.edit),
        _ change: @escaping @Sendable (inout ObjectVersion) throws -> Void
    ) async throws -> ObjectVersion? {
        try await commit { transaction, _ in try transaction.update(key, version: versionID, in: bucket, from: origin, change) }
    }

    public struct Deletion: Sendable {
        public let key: ObjectKey
        /// Nil: the latest goes (without versioning), or a delete marker is put over it.
        public let versionID: String?
        /// Of the marker that a deletion without a version leaves.
        public let owner: String
        /// What the journal is told.
        public let origin: ObjectChange.Origin
        public let `guard`: Guard?

        public init(
            key: ObjectKey, versionID: String?, owner: String, from origin: ObjectChange.Origin = .init(.deletion), guard: Guard? = nil
        ) {
            self.key = key
            self.versionID = versionID
            self.owner = owner
            self.origin = origin
            self.guard = `guard`
        }
    }

    public enum DeletionOutcome: Sendable {
        /// There was nothing of that name; S3 calls that success.
        case nothing
        /// This version, or delete marker, is gone.
        case deleted(ObjectVersion)
        /// This delete marker is the latest now.
        case marked(ObjectVersion)
        /// What the guard threw.
        case refused(any Error)
    }

    /// All in one transaction; one that is refused does not keep the others. Outcomes stand in the order of `deletions`.
    /// - Throws: `ObjectStoreError.noSuchBucket`.
    public func delete(_ deletions: [Deletion], in bucket: BucketName) async throws -> [DeletionOutcome] {
        try await commit { transaction, _ in try deletions.map { try transaction.delete($0, in: bucket) } }
    }
}
