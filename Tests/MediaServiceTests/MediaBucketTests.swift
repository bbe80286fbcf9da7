import Events
import Foundation
import Imaging
import Logging
import MediaPipeline
import MediaService
import NIOCore
import ObjectStorage
import Persistence
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import WebAPI

/// Objects of a media bucket become media, on both engines: the store, the journal, the log, the pipeline and the media service as they
/// are; only the S3 protocol in front of the store is left out.
@Suite struct MediaBucketTests {
    private static let photos = BucketName("photos")!

    private final class Relays: Sendable {
        let current = Mutex<[OutboxRelay]>([])

        func wake() {
            for relay in current.withLock({ $0 }) { relay.wake() }
        }
    }

    /// What a server is made of, as far as it matters here.
    private final class House: Sendable {
        let folder: TemporaryFolder
        let database: any Database
        let index: SQLiteDatabase
        let objects: LocalObjectStore
        let log: FileEventLog
        let media: MediaService
        /// Of the run under way.
        let relays: Relays
        let pipeline: MediaPipeline
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var store: VersionedObjectStore { objects.versions }

        /// - Parameter url: of the media service's database; nil: SQLite.
        init(_ folder: TemporaryFolder, url: String?) async throws {
            self.folder = folder
            database =
                if let url {
                    PostgreSQLDatabase(configuration: .init(url: url))
                } else {
                    try SQLiteDatabase(.init(path: folder.path + "/media.sqlite"))
                }
            index = try SQLiteDatabase(.init(path: folder.path + "/objects.sqlite"))
            try await Migrator.migrate(database, service: "media", MediaService.migrations)
            try await Migrator.migrate(index, service: "objects", LocalObjectStore.migrations + [Outbox.migration])
            log = try FileEventLog(folder: folder.path + "/events", logger: logger)
            relays = Relays()
            let relays = relays
            objects = try LocalObjectStore(
                folder: folder.path + "/objects", temporaryFolder: folder.path + "/tmp", database: index,
                journal: Self.journal { relays.wake() }, logger: logger)
            try await objects.recover()
            var settings = PipelineSettings()
            settings.presets = [Preset(name: "thumb", box: PixelSize(width: 64, height: 64), mode: .crop)]
            settings.workers = 1
            pipeline = MediaPipeline(settings: settings)
            var mediaSettings = MediaSettings()
            mediaSettings.temporaryFolder = folder.path + "/tmp"
            mediaSettings.jobBackoff = .milliseconds(10)
            let signer = URLSigner(secret: "secret")
            media = MediaService(
                database: database, objects: objects, pipeline: pipeline, signer: signer, settings: mediaSettings,
                transforms: TransformSettings(signer: TransformSigner(keys: ["key"]), cacheFolder: folder.path + "/cache"),
                intake: IntakeSettings(
                    resumable: ResumableSettings(folder: folder.path + "/uploads"), presign: PresignSettings(signer: signer)),
                metrics: MetricsRegistry(), logger: logger, wakeRelay: { relays.wake() })
            try await media.prepare()
        }

        /// Events in the form of the S3 service's (docs/MEDIA_BUCKETS.md).
        private static func journal(_ wake: @escaping @Sendable () -> Void) -> ObjectJournal {
            ObjectJournal(documents: ["media"], committed: wake) { change, bucket, connection in
                let isRemoved = change.kind == .removed || change.kind == .marked
                let data = JSONText.object([
                    ("bucket", JSONText.string(bucket.name.description)), ("key", JSONText.string(change.version.key.description)),
                    ("media", bucket.documents["media"] ?? "null"),
                ])
                try Outbox.append(
                    CloudEvent(
                        id: UUIDv7.make(), source: "/agrovet/s3", type: isRemoved ? "s3.object.removed" : "s3.object.created", subject: "x",
                        time: Date(), data: data),
                    topic: "s3.events", on: connection)
            }
        }

        func makeBucket(versioning: Versioning = .off, mark: String = "{}") async throws {
            try await store.createBucket(
                Bucket(name: photos, owner: "eva", created: 0, versioning: versioning, documents: ["media": mark]))
        }

        @discardableResult
        func put(_ bytes: Data, _ key: String, owner: String = "eva") async throws -> ObjectVersion {
            let writer = try await store.stage(size: bytes.count)
            try await writer.write(ByteBuffer(bytes: bytes))
            return try await store.put(
                .staged(try await writer.finish()), key: ObjectKey(key)!, in: photos, etag: "\(bytes.hashValue)",
                contentType: "application/octet-stream", attributes: ObjectAttributes(owner: owner))
        }

        func delete(_ key: String, version: String? = nil) async throws {
            _ = try await store.delete([.init(key: ObjectKey(key)!, versionID: version, owner: "eva")], in: photos)
        }

        /// The row of the item that a key is; nil where it is none.
        func item(_ key: String) async throws -> SQLRow? {
            try await database.read { connection in
                try connection.query(
                    """
                    SELECT media.* FROM media JOIN bucket_objects ON bucket_objects.media_id = media.id
                    WHERE bucket_objects.key = $1 AND bucket_objects.bucket = 'photos'
                    """, [SQLValue(key)]
                ).first
            }
        }

        func itemCount() async throws -> Int {
            try await database.read { try $0.query("SELECT COUNT(*) AS items FROM media").first?.int("items") ?? -1 }
        }

        /// Nothing waits anywhere: not in the outboxes, not with the consumer, not in a queue.
        func isQuiet() async throws -> Bool {
            guard try await index.read({ try Outbox.pendingCount(on: $0) }) == 0 else { return false }
            let told = try await log.endOffset(of: "s3.events")
            return try await database.read { connection in
                let read = try connection.query("SELECT next_offset FROM inbox_offsets WHERE topic = 's3.events'").first?.int("next_offset")
                let renders = try connection.query("SELECT 1 AS one FROM render_jobs").count
                let removals = try connection.query("SELECT 1 AS one FROM object_removals").count
                let isRead = Int64(read ?? 0) == told
                return try isRead && BucketTable.waiting(on: connection) == 0 && renders == 0 && removals == 0
                    && Outbox.pendingCount(on: connection) == 0
            }
        }

        func mediaEvents() async throws -> [CloudEvent] {
            try await log.read(topic: MediaService.topic, from: 0, limit: 1000, wait: .zero).map(\.event)
        }

        /// Runs all services while `body` does something, until nothing waits any more.
        func run(
            _ settings: MediaBucketSettings = .init(), bytes: MediaBuckets.Bytes? = nil, _ body: @escaping @Sendable () async throws -> Void
        ) async throws {
            let store = store
            let buckets = MediaBuckets(
                media: media, log: log, store: store, settings: settings,
                bytes: bytes ?? { version, bucket in
                    guard let reader = try await store.open(version, in: bucket) else { return .gone }
                    return .bytes(reader.chunks(0..<version.size))
                })
            try await buckets.prepare()
            let begun = [index as any Database, database].map { OutboxRelay(database: $0, log: log, logger: logger) }
            relays.current.withLock { $0 = begun }
            let group = ServiceGroup(services: begun + media.services + buckets.services, logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                do {
                    try await body()
                    try await waitUntilQuiet()
                } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }

        func waitUntilQuiet() async throws {
            let deadline = ContinuousClock.now + Patience.usual
            while try await !isQuiet() {
                guard ContinuousClock.now < deadline else { throw AgrovetProcess.Failure(description: "it does not come to an end") }
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        func close() async throws {
            pipeline.close()
            try await objects.close()
            await database.close()
            await index.close()
        }
    }

    private func url(_ dialect: SQLDialect) async throws -> String? {
        dialect == .postgresql ? try await PostgreSQLServer.shared.makeDatabase() : nil
    }

    private func sample(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: Executables.sample(name))) }

    private func house(_ dialect: SQLDialect) async throws -> House { try await House(try TemporaryFolder(), url: try await url(dialect)) }

    @Test(arguments: SQLDialect.allCases)
    func aPhotoBecomesAPrivateItemOfWhoStoredItAndGoesWithItsObject(_ dialect: SQLDialect) async throws {
        let house = try await house(dialect)
        let photo = try sample("gray.jpg")
        try await house.makeBucket()
        try await house.run {
            try await house.put(photo, "farm/The cow.jpg")
            try await house.waitUntilQuiet()
            let item = try #require(try await house.item("farm/The cow.jpg"))
            #expect(try item.text("status") == "ready")
            #expect(try item.text("title") == "The cow.jpg")
            #expect(try item.text("filename") == "The cow.jpg")
            #expect(try item.text("owner") == "eva")
            #expect(try item.text("visibility") == "private")
            let original = try #require(
                try await house.objects.open(ObjectKey(item.text("id") + "/original")!, in: BucketName(MediaService.bucket)!))
            #expect(try Data(contentsOf: URL(fileURLWithPath: try await original.localPath())) == photo)
            try await house.delete("farm/The cow.jpg")
        }
        #expect(try await house.itemCount() == 0)
        #expect(try await house.mediaEvents().map(\.type) == ["media.created", "media.ready", "media.deleted"])
        #expect(try await house.objects.list(BucketName(MediaService.bucket)!, prefix: "", after: nil, limit: 10).isEmpty)
        try await house.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func theMarkSaysWhoseTheItemsAreAndWhoSeesThem(_ dialect: SQLDialect) async throws {
        let house = try await house(dialect)
        let photo = try sample("gray.jpg")
        try await house.makeBucket(mark: #"{"visibility":"public","owner":"herd"}"#)
        try await house.run { try await house.put(photo, "a.jpg") }
        #expect(try await house.item("a.jpg")?.text("visibility") == "public")
        #expect(try await house.item("a.jpg")?.text("owner") == "herd")
        try await house.store.updateBucket(Self.photos) { $0.documents["media"] = "{}" }
        var settings = MediaBucketSettings()
        settings.owners = ["root": "admin"]
        settings.visibility = .public
        try await house.run(settings) { try await house.put(photo, "b.jpg", owner: "root") }
        #expect(try await house.item("b.jpg")?.text("owner") == "admin")
        #expect(try await house.item("b.jpg")?.text("visibility") == "public")
        // No longer a media bucket: what there is stays, what comes is an object and nothing else.
        try await house.store.updateBucket(Self.photos) { $0.documents["media"] = nil }
        try await house.run {
            try await house.put(photo, "c.jpg")
            try await house.delete("a.jpg")
        }
        #expect(try await house.itemCount() == 2)
        try await house.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func whatReplacesAPhotoReplacesItsItem(_ dialect: SQLDialect) async throws {
        let house = try await house(dialect)
        let (gray, other) = (try sample("gray.jpg"), try sample("palette.png"))
        try await house.makeBucket()
        try await house.run { try await house.put(gray, "a.jpg") }
        let first = try #require(try await house.item("a.jpg")).text("id")
        // The same bytes again are the same item.
        try await house.run { try await house.put(gray, "a.jpg") }
        #expect(try await house.item("a.jpg")?.text("id") == first)
        try await house.run { try await house.put(other, "a.jpg") }
        let second = try #require(try await house.item("a.jpg"))
        #expect(try second.text("id") != first)
        #expect(try second.text("format") == "png")
        #expect(try await house.itemCount() == 1)
        // No picture: the object stays, the item goes.
        try await house.run { try await house.put(Data("no picture".utf8), "a.jpg") }
        #expect(try await house.itemCount() == 0)
        #expect(try await house.store.find(ObjectKey("a.jpg")!, version: nil, in: Self.photos)?.size == 10)
        try await house.run { try await house.put(gray, "a.jpg") }
        #expect(try await house.itemCount() == 1)
        let deleted = try await house.mediaEvents().filter { $0.type == "media.deleted" }.map(\.subject)
        #expect(deleted == [first, try second.text("id")])
        try await house.close()
    }

    @Test func withVersionsTheItemIsWhatTheLatestVersionIs() async throws {
        let house = try await house(.sqlite)
        let (gray, other) = (try sample("gray.jpg"), try sample("palette.png"))
        try await house.makeBucket(versioning: .enabled)
        let versions = Mutex<[String]>([])
        try await house.run {
            try await house.put(gray, "a")
            let version = try await house.put(other, "a").versionID
            versions.withLock { $0.append(version) }
        }
        #expect(try await house.item("a")?.text("format") == "png")
        // The version under it comes up again.
        try await house.run { try await house.delete("a", version: versions.withLock { $0[0] }) }
        #expect(try await house.item("a")?.text("format") == "jpeg")
        try await house.run { try await house.delete("a") }
        #expect(try await house.itemCount() == 0)
        let marker = try #require(try await house.store.find(ObjectKey("a")!, version: nil, in: Self.photos))
        #expect(marker.isDeleteMarker)
        try await house.run { try await house.delete("a", version: marker.versionID) }
        #expect(try await house.item("a")?.text("format") == "jpeg", "without its marker the object is back")
        try await house.close()
    }

    @Test func whatIsNoMediaIsLeftAlone() async throws {
        let house = try await house(.sqlite)
        let (photo, broken, empty) = (try sample("gray.jpg"), try sample("truncated.jpg"), Data())
        try await house.makeBucket()
        let endless = Data(repeating: 0x20, count: 3_000_000)
        let read = Mutex(0)
        let store = house.store
        var settings = MediaBucketSettings()
        settings.objectBytes = 4_000_000
        try await house.run(
            settings,
            bytes: { version, bucket in
                if version.key.description == "sealed" { return .sealed }
                guard let reader = try await store.open(version, in: bucket) else { return .gone }
                guard version.key.description == "endless.txt" else { return .bytes(reader.chunks(0..<version.size)) }
                return .bytes(
                    AsyncThrowingStream {
                        read.withLock { read in
                            read += 100_000
                            return read > endless.count ? nil : ByteBuffer(repeating: 0x20, count: 100_000)
                        }
                    })
            }
        ) {
            try await house.put(endless, "endless.txt")
            try await house.waitUntilQuiet()
            #expect(read.withLock { $0 } < 1_000_000, "only its beginning is read")
            try await house.put(broken, "broken.jpg")
            try await house.put(empty, "empty.jpg")
            try await house.put(photo, "sealed")
            try await house.put(photo + Data(count: 4_000_000), "too large.jpg")
            try await house.put(photo, "photo.jpg")
        }
        #expect(try await house.itemCount() == 1)
        #expect(try await house.item("photo.jpg") != nil)
        #expect(try await house.store.usage(Self.photos).versions == 6, "as objects they are there")
        #expect(try await house.log.endOffset(of: "s3.events.dead") == 0)
        try await house.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func anOutageIsWaitedForAndAFailureIsTriedAgain(_ dialect: SQLDialect) async throws {
        struct Away: Error {}
        let house = try await house(dialect)
        let photo = try sample("gray.jpg")
        try await house.makeBucket()
        let tries = Mutex(0)
        let store = house.store
        try await house.run(bytes: { version, bucket in
            if version.key.description == "lost.jpg" { throw Away() }
            let number = tries.withLock { tries in
                tries += 1
                return tries
            }
            if number < 3 { throw Away() }
            if number == 3 { return .gone }
            let reader = try await store.open(version, in: bucket)!
            return .bytes(reader.chunks(0..<version.size))
        }) {
            try await house.put(photo, "late.jpg")
            try await house.put(photo, "lost.jpg")
        }
        #expect(try await house.item("late.jpg")?.text("status") == "ready")
        #expect(try await house.itemCount() == 1, "given up after some attempts")
        try await house.close()
    }

    @Test func anItemThatWasDeletedDoesNotComeBack() async throws {
        let house = try await house(.sqlite)
        let photo = try sample("gray.jpg")
        try await house.makeBucket()
        try await house.run { try await house.put(photo, "a.jpg") }
        _ = try await house.database.write { try $0.execute("DELETE FROM media") }
        // The same event once more, as a log may tell it.
        let event = try #require(try await house.log.read(topic: "s3.events", from: 0, limit: 1, wait: .zero).first?.event)
        let again = CloudEvent(
            id: UUIDv7.make(), source: event.source, type: event.type, subject: event.subject, time: Date(), data: event.data)
        try await house.run { try await house.log.append([again], to: "s3.events") }
        #expect(try await house.itemCount() == 0)
        try await house.close()
    }

    @Test func whatCannotBeReadOfTheLogHoldsNothingUp() async throws {
        let house = try await house(.sqlite)
        let photo = try sample("gray.jpg")
        try await house.makeBucket()
        let poison = ["{}", #"{"bucket":"X","key":"a","media":{}}"#, #"{"bucket":"photos","key":"","media":{}}"#].map {
            CloudEvent(id: UUIDv7.make(), source: "/agrovet/s3", type: "s3.object.created", subject: "x", time: Date(), data: $0)
        }
        // Nobody but the media service writes to its bucket, whatever the log says.
        let own = CloudEvent(
            id: UUIDv7.make(), source: "/agrovet/s3", type: "s3.object.removed", subject: "x", time: Date(),
            data: #"{"bucket":"media","key":"a","media":{}}"#)
        try await house.run {
            try await house.log.append(poison + [own], to: "s3.events")
            try await house.put(photo, "a.jpg")
        }
        #expect(try await house.itemCount() == 1)
        #expect(try await house.log.endOffset(of: "s3.events.dead") == 3)
        try await house.close()
    }
}
