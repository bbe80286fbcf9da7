import Crypto
import NIOCore
import Persistence
import S3Wire

/// What `VersionedObjectStore.verify` found.
public struct StorageReport: Sendable {
    public enum Fault: String, Sendable {
        /// The index names bytes that are not there.
        case missing
        /// The bytes are not those that were stored.
        case rotten
    }

    /// An object or part that is hit.
    public struct Victim: Sendable, Hashable {
        /// Nil of a part of an upload that is not complete.
        public let bucket: BucketName?
        public let key: ObjectKey?
        public let versionID: String?
    }

    public struct Finding: Sendable {
        public let fault: Fault
        public let sha256: String
        /// Nil: a blob with a name of its own.
        public let place: PackPlace?
        public let victims: [Victim]
    }

    /// Blobs that were read.
    public internal(set) var blobs = 0
    /// Bytes that were read.
    public internal(set) var bytes = 0
    public internal(set) var findings: [Finding] = []
    /// SHA-256 of blobs that nothing names.
    public internal(set) var orphans: [String] = []
    /// Whether orphans were removed and rotten blobs set aside.
    public internal(set) var isRepaired = false

    public var isFine: Bool { findings.isEmpty }
}

extension VersionedObjectStore {
    /// Reads every blob and compares it with its SHA-256; finds missing blobs and blobs that nothing names. What changes meanwhile is not
    /// taken for a fault.
    /// - Parameters:
    ///   - repair: remove what nothing names, and set rotten blobs aside, so that whoever asks for such an object is told and given no wrong
    ///     bytes. Storing the same object again mends it.
    ///   - pace: called with the number of bytes before each blob is read; may wait.
    public func verify(
        repair: Bool = false, pace: @Sendable (Int) async throws -> Void = { _ in }
    ) async throws -> StorageReport {
        var report = StorageReport()
        var suspects: [String] = []
        for prefix in Self.blobPrefixes {
            let onDisk = Set(try await blobs.names(prefix: prefix))
            let named = try await namedBlobs(prefix: prefix)
            suspects += onDisk.subtracting(named.keys)
            for (sha256, size) in named {
                try await pace(size)
                try await verify(BlobSegment(size: size, sha256: sha256), repair, &report)
            }
        }
        for table in PackedRow.Table.allCases {
            var position: PackedRow.Position? = .init()
            while let from = position {
                let (rows, next) = try await database.read { try PackedRow.page(table, after: from, limit: 500, on: $0) }
                for row in rows {
                    try await pace(row.segment.size)
                    try await verify(row, repair, &report)
                }
                position = next
            }
        }
        // What was on its way when it was seen has arrived by now.
        for suspect in suspects where try await !database.read({ try IndexTransaction.names(suspect, on: $0) }) {
            guard try await blobs.names(prefix: String(suspect.prefix(2))).contains(suspect) else { continue }
            if repair { await named.removeIfUnused(suspect) }
            report.orphans.append(suspect)
        }
        report.isRepaired = repair
        return report
    }

    /// Nil where the bytes are what they should be.
    private func fault(_ segment: BlobSegment, _ report: inout StorageReport) async throws -> StorageReport.Fault? {
        do {
            guard let reader = try await blobs.open(segment) else { return .missing }
            report.blobs += 1
            report.bytes += segment.size
            var hash = SHA256()
            for try await chunk in reader.chunks(0..<segment.size) {
                chunk.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            }
            return Hexadecimal.text(hash.finalize()) == segment.sha256 ? nil : .rotten
        } catch ObjectStoreError.corrupt {
            return .rotten
        }
    }

    private func verify(_ segment: BlobSegment, _ repair: Bool, _ report: inout StorageReport) async throws {
        guard let fault = try await fault(segment, &report) else { return }
        let victims = try await victims(sha256: segment.sha256)
        // It may have gone meanwhile, and rightly.
        guard !victims.isEmpty else { return }
        if repair, fault == .rotten { try await blobs.quarantine(segment.sha256) }
        report.findings.append(.init(fault: fault, sha256: segment.sha256, place: nil, victims: victims))
    }

    private func verify(_ row: PackedRow, _ repair: Bool, _ report: inout StorageReport) async throws {
        guard let fault = try await fault(row.segment, &report) else { return }
        guard try await database.read({ try row.isCurrent(on: $0) }) else { return }
        let victims = try await victims(row)
        if repair {
            // From now on the row names a blob that is not there.
            _ = try await commit { transaction, _ in
                try row.move(to: BlobSegment(size: row.segment.size, sha256: row.segment.sha256), in: transaction)
            }
            cache.removeAll()
        }
        report.findings.append(.init(fault: fault, sha256: row.segment.sha256, place: row.place, victims: victims))
    }

    private func victims(sha256: String) async throws -> [StorageReport.Victim] {
        try await database.read { connection in
            var victims: [StorageReport.Victim] = []
            for table in ["objects", "noncurrent"] {
                victims += try Self.victims(
                    "SELECT bucket, key, version FROM \(table) WHERE sha256 = $1 AND pack IS NULL", [SQLValue(sha256)], on: connection)
            }
            var uploads: [String] = []
            try connection.forEach("SELECT DISTINCT upload FROM parts WHERE sha256 = $1 AND pack IS NULL", [SQLValue(sha256)]) { row in
                uploads.append(try row.text(0))
                return true
            }
            for upload in uploads { victims += try Self.victims(upload: upload, on: connection) }
            return victims
        }
    }

    private func victims(_ row: PackedRow) async throws -> [StorageReport.Victim] {
        switch row.owner {
        case .version(let bucket, let key, let rank, let isLatest):
            let table = isLatest ? "objects" : "noncurrent"
            return try await database.read { connection in
                try Self.victims(
                    "SELECT bucket, key, version FROM \(table) WHERE bucket = $1 AND key = $2 AND rank = $3",
                    [SQLValue(bucket), SQLValue(key), SQLValue(rank)], on: connection)
            }
        case .part(let upload, _): return try await database.read { try Self.victims(upload: upload, on: $0) }
        }
    }

    /// The objects that are made of these parts. A look through all of them: it is rarely asked for.
    private static func victims(upload: String, on connection: any SQLConnection) throws -> [StorageReport.Victim] {
        var found: [StorageReport.Victim] = []
        for table in ["objects", "noncurrent"] {
            found += try victims("SELECT bucket, key, version FROM \(table) WHERE upload = $1", [SQLValue(upload)], on: connection)
        }
        return found.isEmpty ? [.init(bucket: nil, key: nil, versionID: nil)] : found
    }

    private static func victims(_ sql: String, _ arguments: [SQLValue], on connection: any SQLConnection) throws -> [StorageReport.Victim] {
        var found: [StorageReport.Victim] = []
        try connection.forEach(sql, arguments) { row in
            found.append(
                .init(
                    bucket: BucketName(try row.text(0)), key: ObjectKey(try row.text(1)),
                    versionID: try row.optionalText(2) ?? ObjectVersion.nullID))
            return true
        }
        return found
    }
}
