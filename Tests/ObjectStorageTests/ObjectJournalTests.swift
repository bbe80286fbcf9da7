import Foundation
import Logging
import NIOCore
import ObjectStorage
import Persistence
import Synchronization
import TestSupport
import Testing

/// Changes of objects are told in their own transaction, on both engines.
@Suite struct ObjectJournalTests {
    private static let told = BucketName("told")!
    private static let other = BucketName("other")!
    private let cow = ObjectKey("cow")!

    private final class Counter: Sendable {
        let commits = Mutex(0)
    }

    private final class House: Sendable {
        let folder: TemporaryFolder
        let database: any Database
        let store: VersionedObjectStore
        let counter = Counter()

        init(_ dialect: SQLDialect) async throws {
            folder = try TemporaryFolder()
            database =
                switch dialect {
                case .sqlite: try SQLiteDatabase(.init(path: folder.path + "/objects.sqlite"))
                case .postgresql: PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
                }
            let lines = Migration(
                "0001-lines",
                "CREATE TABLE lines (sequence BIGINT PRIMARY KEY, line TEXT NOT NULL, size BIGINT NOT NULL CHECK (size <> 13))")
            try await Migrator.migrate(database, service: "objects", VersionedObjectStore.migrations + [lines])
            let counter = counter
            let journal = ObjectJournal(documents: ["mark"], committed: { counter.commits.withLock { $0 += 1 } }) {
                change, bucket, connection in
                let line = "\(change.kind) by \(change.origin.cause): \(change.version.key) \(bucket.documents["mark"] ?? "")"
                try connection.execute(
                    "INSERT INTO lines (sequence, line, size) VALUES ($1, $2, $3)",
                    [SQLValue(change.sequence), SQLValue(line), SQLValue(change.version.size)])
            }
            store = VersionedObjectStore(
                database: database,
                blobs: try LocalBlobStore(folder: folder.path + "/objects", temporaryFolder: folder.path + "/tmp"), journal: journal,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await store.createBucket(Bucket(name: told, owner: "eva", created: 0, documents: ["mark": "!"]))
            try await store.createBucket(Bucket(name: other, owner: "eva", created: 0, documents: ["policy": "{}"]))
        }

        @discardableResult
        func put(_ size: Int, _ key: ObjectKey, in bucket: BucketName, guard: VersionedObjectStore.Guard? = nil) async throws
            -> ObjectVersion
        {
            let writer = try await store.stage(size: size)
            try await writer.write(ByteBuffer(repeating: 7, count: size))
            return try await store.put(
                .staged(try await writer.finish()), key: key, in: bucket, etag: "e", contentType: "text/plain",
                attributes: ObjectAttributes(owner: "eva"), guard: `guard`)
        }

        /// What was told since the last time, in the order of its sequence.
        func lines() async throws -> [String] {
            try await database.write { connection in
                let lines = try connection.query("SELECT line FROM lines ORDER BY sequence").map { try $0.text("line") }
                _ = try connection.execute("DELETE FROM lines")
                return lines
            }
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func everyChangeOfABucketThatIsMarkedIsToldInOrder(_ dialect: SQLDialect) async throws {
        let house = try await House(dialect)
        try await house.put(3, cow, in: Self.told)
        try await house.put(4, cow, in: Self.told)
        _ = try await house.store.update(cow, version: nil, in: Self.told) { $0.attributes.tags = [ObjectTag(key: "a", value: "b")] }
        _ = try await house.store.delete([.init(key: cow, versionID: nil, owner: "eva")], in: Self.told)
        // There is nothing to be deleted.
        _ = try await house.store.delete([.init(key: cow, versionID: nil, owner: "eva")], in: Self.told)
        let expected = ["created by put: cow !", "created by put: cow !", "updated by edit: cow !", "removed by deletion: cow !"]
        #expect(try await house.lines() == expected)
        #expect(house.counter.commits.withLock { $0 } == 4)

        try await house.store.updateBucket(Self.told) {
            $0.versioning = .enabled
            $0.documents["mark"] = "?"
        }
        let version = try await house.put(5, cow, in: Self.told).versionID
        _ = try await house.store.delete([.init(key: cow, versionID: nil, owner: "eva")], in: Self.told)
        _ = try await house.store.delete([.init(key: cow, versionID: version, owner: "eva", from: .init(.lifecycle))], in: Self.told)
        #expect(try await house.lines() == ["created by put: cow ?", "marked by deletion: cow ?", "removed by lifecycle: cow ?"])
        let upload = try await house.store.createUpload(
            cow, in: Self.told, contentType: "text/plain", attributes: ObjectAttributes(owner: "eva"))
        try await house.store.putPart(.empty, ObjectPart(number: 1, size: 0, etag: "e", modified: 0), of: upload)
        _ = try await house.store.complete(upload, parts: [1], finish: { _ in ("e-1", ObjectAttributes(owner: "eva")) })
        _ = try await house.store.update(cow, version: nil, in: Self.told, from: .init(.tagging)) { $0.attributes.tags = [] }
        #expect(try await house.lines() == ["created by completion: cow ?", "updated by tagging: cow ?"])

        // Another process changes the mark: heeded at once, whatever this one remembers.
        try await VersionedObjectStore.updateBucket(Self.told, in: house.database) { $0.documents["mark"] = nil }
        try await house.put(6, cow, in: Self.told)
        #expect(try await house.lines() == [])
        await house.database.close()
    }

    @Test func whoAskedForAChangeIsTold() async throws {
        func requester(_ user: String) -> ObjectChange.Requester { .init(user: user, requestID: "R", address: nil) }
        let seen = Mutex<[String]>([])
        let folder = try TemporaryFolder()
        let database = try SQLiteDatabase(.init(path: folder.path + "/objects.sqlite"))
        try await Migrator.migrate(database, service: "objects", VersionedObjectStore.migrations)
        let journal = ObjectJournal(documents: ["mark"], committed: {}) { change, _, _ in
            seen.withLock { $0.append("\(change.origin.cause) \(change.origin.requester?.user ?? "-")") }
        }
        let store = VersionedObjectStore(
            database: database, blobs: try LocalBlobStore(folder: folder.path + "/objects", temporaryFolder: folder.path + "/tmp"),
            journal: journal, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await store.createBucket(Bucket(name: Self.told, owner: "eva", created: 0, documents: ["mark": "!"]))
        let attributes = ObjectAttributes(owner: "eva")
        _ = try await store.put(
            .empty, key: cow, in: Self.told, etag: "e", contentType: "text/plain", attributes: attributes,
            from: .init(.copy, by: requester("luz")))
        _ = try await store.update(cow, version: nil, in: Self.told, from: .init(.acl, by: requester("ben"))) { $0.attributes.acl = "{}" }
        let upload = try await store.createUpload(cow, in: Self.told, contentType: "text/plain", attributes: attributes)
        try await store.putPart(.empty, ObjectPart(number: 1, size: 0, etag: "e", modified: 0), of: upload)
        _ = try await store.complete(upload, parts: [1], by: requester("ana"), finish: { _ in ("e-1", attributes) })
        _ = try await store.delete([.init(key: cow, versionID: nil, owner: "eva")], in: Self.told)
        #expect(seen.withLock { $0 } == ["copy luz", "acl ben", "completion ana", "deletion -"])
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func aBucketThatIsNotMarkedIsNotTold(_ dialect: SQLDialect) async throws {
        let house = try await House(dialect)
        try await house.put(3, cow, in: Self.other)
        _ = try await house.store.delete([.init(key: cow, versionID: nil, owner: "eva")], in: Self.other)
        #expect(try await house.lines() == [])
        #expect(house.counter.commits.withLock { $0 } == 0)
        await #expect(throws: ObjectStoreError.noSuchBucket) {
            try await VersionedObjectStore.updateBucket(BucketName("nobodys")!, in: house.database) { $0.documents["mark"] = "!" }
        }
        await house.database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func whatIsRefusedIsNotToldAndWhatCannotBeToldIsNotDone(_ dialect: SQLDialect) async throws {
        struct Refused: Error {}
        let house = try await House(dialect)
        await #expect(throws: Refused.self) {
            try await house.put(3, cow, in: Self.told) { _ in throw Refused() }
        }
        #expect(try await house.lines() == [])
        // The journal's own statement fails for 13 bytes; others that come at the same time are none the worse for it.
        let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
            for size in 10..<20 {
                group.addTask {
                    let version = try? await house.put(size, ObjectKey("k\(size)")!, in: Self.told)
                    return (size, version != nil)
                }
            }
            return await group.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
        }
        #expect(outcomes.filter { !$0.value }.map(\.key) == [13])
        #expect(try await house.lines().count == 9)
        #expect(try await house.store.find(ObjectKey("k13")!, version: nil, in: Self.told) == nil)
        #expect(try await house.store.usage(Self.told).versions == 9)
        await house.database.close()
    }
}
