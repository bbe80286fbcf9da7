import Foundation
import Logging
import NIOCore
import ObjectStorage
import Persistence
import S3Service
import TestSupport
import Testing

/// The runner on a real store, on both engines, with a clock that tests set.
@Suite struct LifecycleRunnerTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private struct Fixture {
        let folder: TemporaryFolder
        let database: any Database
        let store: VersionedObjectStore
        let bucket = BucketName("field")!

        init(_ dialect: SQLDialect, _ rules: String, versioning: Versioning) async throws {
            folder = try TemporaryFolder()
            database = try await Sample.database(dialect, folder)
            try await Migrator.migrate(database, service: "objects", VersionedObjectStore.migrations)
            let objects = try LocalObjectStore(
                folder: folder.path + "/objects", temporaryFolder: folder.path + "/tmp", database: database,
                configuration: Sample.storeConfiguration(dialect), logger: logger)
            store = objects.versions
            let text = "<LifecycleConfiguration>\(rules)</LifecycleConfiguration>"
            try await store.createBucket(
                Bucket(name: bucket, owner: "ana", created: 0, versioning: versioning, documents: ["lifecycle": text]))
        }

        @discardableResult
        func put(_ key: String, _ change: (inout ObjectAttributes) -> Void = { _ in }) async throws -> ObjectVersion {
            var attributes = ObjectAttributes(owner: "ana")
            change(&attributes)
            return try await store.put(
                .empty, key: ObjectKey(key)!, in: bucket, etag: "e", contentType: "text/plain", attributes: attributes)
        }

        func delete(_ key: String) async throws {
            _ = try await store.delete([.init(key: ObjectKey(key)!, versionID: nil, owner: "ana")], in: bucket)
        }

        /// A pass that takes place so many days of ten minutes from now.
        func pass(after days: Int) async {
            await LifecycleRunner(
                store: store, clock: LifecycleClock(day: .seconds(600)), interval: .seconds(60), logger: logger,
                now: { Date().addingTimeInterval(Double(days) * 600 + 1) }
            ).pass()
        }

        /// `key`, or `key!` for a delete marker; the newest of a key first.
        func versions() async throws -> [String] {
            var query = VersionedObjectStore.ListQuery()
            query.limit = 1000
            var names: [String] = []
            repeat {
                let page = try await store.listVersions(bucket, query)
                names += page.items.map { "\($0.key)" + ($0.isDeleteMarker ? "!" : "") }
                (query.after, query.afterID) = (page.next, page.nextID)
            } while query.after != nil
            return names
        }
    }

    private static func rule(_ inside: String) -> String { "<Rule><Status>Enabled</Status>\(inside)</Rule>" }

    @Test(arguments: SQLDialect.allCases)
    func withoutVersionsWhatExpiresIsGone(_ dialect: SQLDialect) async throws {
        let fixture = try await Fixture(
            dialect, Self.rule("<Prefix>old/</Prefix><Expiration><Days>2</Days></Expiration>"), versioning: .off)
        for key in ["new/a", "old/a", "old/b"] { try await fixture.put(key) }
        await fixture.pass(after: 1)
        #expect(try await fixture.versions() == ["new/a", "old/a", "old/b"])
        await fixture.pass(after: 2)
        #expect(try await fixture.versions() == ["new/a"])
        await fixture.database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func withVersionsAMarkerComesFirstAndAllGoesInTheEnd(_ dialect: SQLDialect) async throws {
        let fixture = try await Fixture(
            dialect,
            Self.rule(
                """
                <Prefix/><Expiration><Days>1</Days></Expiration>\
                <NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>
                """), versioning: .enabled)
        try await fixture.put("a")
        try await fixture.put("a")
        await fixture.pass(after: 1)
        #expect(try await fixture.versions() == ["a!", "a"], "the older version was noncurrent for a day, the newer one is since now")
        await fixture.pass(after: 2)
        #expect(try await fixture.versions() == ["a!"])
        await fixture.pass(after: 3)
        #expect(try await fixture.versions().isEmpty)
        await fixture.database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func lockedVersionsStay(_ dialect: SQLDialect) async throws {
        let fixture = try await Fixture(
            dialect,
            Self.rule(
                "<Prefix/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>"),
            versioning: .enabled)
        try await fixture.put("held") { $0.hasLegalHold = true }
        try await fixture.put("kept") { $0.retention = ObjectRetention(mode: .governance, until: .max) }
        try await fixture.put("free")
        for key in ["held", "kept", "free"] { try await fixture.delete(key) }
        await fixture.pass(after: 5)
        #expect(try await fixture.versions() == ["free!", "held!", "held", "kept!", "kept"])
        await fixture.database.close()
    }

    /// More than a page of a list, so that a page ends with what is removed.
    @Test(arguments: SQLDialect.allCases)
    func manyVersionsGoPageByPage(_ dialect: SQLDialect) async throws {
        let fixture = try await Fixture(
            dialect,
            Self.rule("<Filter><Prefix>d/</Prefix></Filter><Expiration><Days>1</Days></Expiration>"), versioning: .off)
        let store = fixture.store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<1203 {
                group.addTask { try await fixture.put((index % 3 == 0 ? "d/" : "e/") + String(index)) }
            }
            try await group.waitForAll()
        }
        await fixture.pass(after: 1)
        #expect(try await fixture.versions().count == 802)
        var query = VersionedObjectStore.ListQuery()
        query.prefix = "d/"
        #expect(try await store.list(fixture.bucket, query).items.isEmpty)
        await fixture.database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func uploadsThatNobodyCompletesGo(_ dialect: SQLDialect) async throws {
        let fixture = try await Fixture(
            dialect,
            Self.rule(
                """
                <Prefix>up/</Prefix><AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation>\
                </AbortIncompleteMultipartUpload>
                """), versioning: .off)
        for key in ["up/a", "other"] {
            _ = try await fixture.store.createUpload(
                ObjectKey(key)!, in: fixture.bucket, contentType: "text/plain", attributes: ObjectAttributes(owner: "ana"))
        }
        func uploads() async throws -> [String] {
            try await fixture.store.listUploads(fixture.bucket, VersionedObjectStore.ListQuery()).items.map(\.key.description)
        }
        await fixture.pass(after: 1)
        #expect(try await uploads() == ["other", "up/a"])
        await fixture.pass(after: 2)
        #expect(try await uploads() == ["other"])
        await fixture.database.close()
    }
}
