import Persistence

extension VersionedObjectStore {
    /// What `collectGarbage` did.
    public struct Garbage: Sendable, Equatable {
        /// Blobs with a name that no row named; removed.
        public var orphans = 0
        /// Packs that were removed, what was wanted of them moved to another.
        public var packs = 0
        /// Bytes of those packs that came free.
        public var bytes = 0
        /// Blobs that were moved.
        public var moved = 0
        /// Packs that stay though they are mostly dead: something of them cannot be read.
        public var kept: [Int] = []

        public init() {}
    }

    /// Removes blobs that no row names, and packs of which little is wanted any more. Readers and writers go on meanwhile.
    /// - Parameter deadShare: packs of which at least this share of bytes is dead are given up; 0.5 for one half.
    public func collectGarbage(deadShare: Double = 0.5) async throws -> Garbage {
        var garbage = Garbage()
        for prefix in Self.blobPrefixes {
            let onDisk = try await blobs.names(prefix: prefix)
            let named = try await namedBlobs(prefix: prefix)
            for orphan in onDisk where named[orphan] == nil {
                if await self.named.removeIfUnused(orphan) { garbage.orphans += 1 }
            }
        }
        try await collectPacks(deadShare, &garbage)
        return garbage
    }

    private func collectPacks(_ deadShare: Double, _ garbage: inout Garbage) async throws {
        let closed = try await blobs.closedPacks()
        // Bytes that lie in them already, and whose rows are on their way.
        try await commits.settle()
        let live = try await liveBytes()
        let victims = closed.filter { Double($0.value - (live[$0.key]?.bytes ?? 0)) >= deadShare * Double($0.value) }
        guard !victims.isEmpty else { return }
        for table in PackedRow.Table.allCases where victims.contains(where: { live[$0.key] != nil }) {
            var position: PackedRow.Position? = .init()
            while let from = position {
                let (rows, next) = try await database.read { try PackedRow.page(table, after: from, limit: 500, on: $0) }
                garbage.moved += try await move(rows.filter { victims[$0.place.pack] != nil })
                position = next
            }
        }
        let left = try await liveBytes()
        // Parts that were moved are not told of one by one.
        cache.removeAll()
        for (pack, size) in victims.sorted(by: { $0.key < $1.key }) {
            guard left[pack] == nil else {
                garbage.kept.append(pack)
                continue
            }
            try await blobs.removePack(pack)
            garbage.packs += 1
            garbage.bytes += size - (live[pack]?.bytes ?? 0)
        }
    }

    /// Bytes that rows name in each pack, the records' headers among them.
    func liveBytes() async throws -> [Int: (blobs: Int, bytes: Int)] {
        try await database.read { connection in
            var live: [Int: (blobs: Int, bytes: Int)] = [:]
            for table in PackedRow.Table.allCases {
                try connection.forEach(
                    """
                    SELECT pack, COUNT(*), CAST(SUM(stored) AS BIGINT) FROM \(table.rawValue) WHERE pack IS NOT NULL GROUP BY pack
                    """, []
                ) { row in
                    let (pack, blobs) = (try row.int(0), try row.int(1))
                    let before = live[pack] ?? (0, 0)
                    live[pack] = (before.blobs + blobs, before.bytes + (try row.int(2)) + blobs * PackRecord.headerSize)
                    return true
                }
            }
            return live
        }
    }

    /// Moves blobs to the pack that grows; how many.
    private func move(_ rows: [PackedRow]) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            var (moved, begun) = (0, 0)
            for row in rows {
                if begun >= 16, try await group.next() == true { moved += 1 }
                begun += 1
                group.addTask { try await self.move(row) }
            }
            while let was = try await group.next() { if was { moved += 1 } }
            return moved
        }
    }

    /// False where the bytes are not what they should be: they stay for `verify` to tell.
    private func move(_ row: PackedRow) async throws -> Bool {
        guard let reader = try await blobs.open(row.segment), let bytes = try? await reader.read(0..<row.segment.size) else { return false }
        let writer = try await blobs.stage(size: row.segment.size)
        try await writer.write(bytes)
        let blob = try await writer.finish()
        guard blob.sha256 == row.segment.sha256 else {
            await blob.discard()
            return false
        }
        return try await withContent(.staged(blob)) { transaction, segments in
            guard let segment = segments.first else { return false }
            let moved = try row.move(to: segment, in: transaction)
            if !moved, segment.place == nil { transaction.release(segment.sha256) }
            return moved
        }
    }
}
