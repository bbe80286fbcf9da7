import Foundation
import Logging
import NIOCore
import ObjectStorage
import Persistence
import TestSupport

/// A versioned store on one of the databases, in a folder of its own.
struct StoreFixture {
    static let bucket = BucketName("herd")!
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let folder: TemporaryFolder
    let database: any Database
    let blobs: LocalBlobStore
    let store: VersionedObjectStore
    var bucket: BucketName { Self.bucket }

    /// - Parameters:
    ///   - folder: of an earlier store, to go on with on SQLite.
    ///   - path: where blobs lie; nil: in the folder.
    ///   - indexPath: where the index of SQLite lies; nil: in the folder.
    init(
        _ dialect: SQLDialect = .sqlite, folder: TemporaryFolder? = nil, path: String? = nil, indexPath: String? = nil,
        _ configure: (inout LocalBlobStore.Configuration) -> Void = { _ in }
    ) async throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        switch dialect {
        case .sqlite: database = try SQLiteDatabase(.init(path: indexPath ?? folder.path + "/index.sqlite"))
        case .postgresql: database = PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
        }
        try await Migrator.migrate(database, service: "objects", VersionedObjectStore.migrations)
        var configuration = LocalBlobStore.Configuration()
        configure(&configuration)
        let path = path ?? folder.path
        // Work that a store before this one has begun may hold the folder a moment longer.
        blobs = try await Self.takingOver {
            try LocalBlobStore(folder: path + "/objects", temporaryFolder: path + "/tmp", configuration: configuration)
        }
        var cached = VersionedObjectStore.Configuration()
        // As it has to be where other processes may write to the same database.
        if dialect == .postgresql { cached.cachedObjects = 0 }
        store = VersionedObjectStore(database: database, blobs: blobs, configuration: cached, logger: Self.logger)
        if try await store.bucket(Self.bucket) == nil {
            try await store.createBucket(Bucket(name: Self.bucket, owner: "ana", created: 1))
        }
    }

    static func takingOver<T>(_ open: () throws -> T) async throws -> T {
        let deadline = ContinuousClock.now + Patience.usual
        while true {
            do {
                return try open()
            } catch let failure as FolderLock.Failure {
                guard ContinuousClock.now < deadline else { throw failure }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    func setVersioning(_ versioning: Versioning) async throws {
        try await store.updateBucket(Self.bucket) { $0.versioning = versioning }
    }

    func stage(_ bytes: some Sequence<UInt8>) async throws -> any StagedBlob {
        let bytes = ByteBuffer(bytes: bytes)
        let writer = try await store.stage(size: bytes.readableBytes)
        try await writer.write(bytes)
        return try await writer.finish()
    }

    @discardableResult
    func put(
        _ key: String, _ bytes: some Sequence<UInt8>, _ change: (inout ObjectAttributes) -> Void = { _ in },
        guard: VersionedObjectStore.Guard? = nil
    ) async throws -> ObjectVersion {
        var attributes = ObjectAttributes(owner: "ana")
        change(&attributes)
        return try await store.put(
            .staged(try await stage(bytes)), key: ObjectKey(key)!, in: Self.bucket, etag: "etag-" + key, contentType: "text/plain",
            attributes: attributes, guard: `guard`)
    }

    func find(_ key: String, _ version: String? = nil) async throws -> ObjectVersion? {
        try await store.find(ObjectKey(key)!, version: version, in: Self.bucket)
    }

    func bytes(_ version: ObjectVersion) async throws -> [UInt8]? {
        guard let reader = try await store.open(version, in: Self.bucket) else { return nil }
        return try await Self.bytes(reader, 0..<version.size)
    }

    /// Nil where there is none, or a delete marker.
    func get(_ key: String, _ version: String? = nil) async throws -> [UInt8]? {
        for _ in 0..<100 {
            guard let found = try await find(key, version), !found.isDeleteMarker else { return nil }
            if let bytes = try await bytes(found) { return bytes }
        }
        return nil
    }

    static func bytes(_ reader: any VersionReader, _ range: Range<Int>) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in reader.chunks(range) { bytes += chunk.readableBytesView }
        return bytes
    }

    @discardableResult
    func delete(_ key: String, _ version: String? = nil) async throws -> VersionedObjectStore.DeletionOutcome {
        try await store.delete([.init(key: ObjectKey(key)!, versionID: version, owner: "ana")], in: Self.bucket)[0]
    }

    /// Version ids of a key, the newest first; delete markers with a `-` in front.
    func versions(_ key: String) async throws -> [String] {
        var query = VersionedObjectStore.ListQuery()
        query.prefix = key
        return try await store.listVersions(Self.bucket, query).items.filter { $0.key.description == key }
            .map { ($0.isDeleteMarker ? "-" : "") + $0.versionID }
    }

    /// Names of the blobs that are files of their own.
    var files: [String] {
        let names = FileManager.default.enumerator(atPath: folder.path + "/objects")?.compactMap { $0 as? String } ?? []
        return names.filter { !$0.hasPrefix("quarantine") }.map { ($0 as NSString).lastPathComponent }.filter { $0.count == 64 }.sorted()
    }

    /// The same, once there are so many: what a reader has had open goes behind its back.
    func files(settlingAt count: Int) async throws -> [String] {
        let deadline = ContinuousClock.now + Patience.usual
        while files.count != count, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        return files
    }

    var packs: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/objects/packs")) ?? []).sorted()
    }

    var temporaryFiles: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/tmp")) ?? [] }

    /// Bytes that differ from those of another seed.
    static func pattern(_ count: Int, seed: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 2_654_435_761 >> 7) ^ UInt8(truncatingIfNeeded: seed >> ($0 & 15)) }
    }
}
