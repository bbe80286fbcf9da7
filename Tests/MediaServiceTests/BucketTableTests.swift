import Events
import Foundation
import MediaService
import ObjectStorage
import Persistence
import TestSupport
import Testing

/// On both engines.
@Suite struct BucketTableTests {
    private let photos = BucketName("photos")!
    private let cow = ObjectKey("farm/cow's.jpg")!

    private func database(_ dialect: SQLDialect, _ folder: TemporaryFolder) async throws -> any Database {
        let database: any Database =
            switch dialect {
            case .sqlite: try SQLiteDatabase(.init(path: folder.path + "/media.sqlite"))
            case .postgresql: PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
            }
        try await Migrator.migrate(database, service: "media", MediaService.migrations)
        return database
    }

    private func change(_ key: ObjectKey, media: String = #"{"visibility":"public","owner":"eva"}"#) throws -> BucketEvent {
        try #require(try BucketEvent(Self.event(key: key.description, media: media)))
    }

    private static func event(type: String = "s3.object.created", bucket: String = "photos", key: String, media: String) throws
        -> CloudEvent
    {
        let name = String(decoding: try JSONSerialization.data(withJSONObject: [key]).dropFirst().dropLast(), as: UTF8.self)
        let data = #"{"bucket":"\#(bucket)","key":\#(name),"is_media":\#(media != "null"),"media":\#(media)}"#
        return CloudEvent(id: UUIDv7.make(), source: "/agrovet/s3", type: type, subject: "x", time: Date(), data: data)
    }

    private func lease(_ database: any Database, now: Int64, until: Int64) async throws -> BucketTable.Lease? {
        try await database.write { try BucketTable.leaseNext(now: now, until: until, on: $0) }
    }

    private func request(_ change: BucketEvent, _ database: any Database, now: Int64) async throws {
        try await database.write { try BucketTable.request(change, now: now, on: $0) }
    }

    @Test func onlyChangesInMediaBucketsMatter() throws {
        let marked = try BucketEvent(Self.event(key: "a\u{1F404}\"b", media: #"{"visibility":"private"}"#))
        #expect(marked?.bucket == photos)
        #expect(marked?.key == ObjectKey("a\u{1F404}\"b"))
        #expect(marked?.mark == MediaBucketMark(visibility: .private))
        #expect(try BucketEvent(Self.event(type: "s3.object.removed", key: "a", media: "{}"))?.mark == MediaBucketMark())
        #expect(try BucketEvent(Self.event(key: "a", media: "null")) == nil)
        #expect(try BucketEvent(Self.event(type: "s3.object.updated", key: "a", media: "{}")) == nil)
        #expect(throws: (any Error).self) { try BucketEvent(Self.event(bucket: "No Bucket", key: "a", media: "{}")) }
    }

    @Test(arguments: SQLDialect.allCases)
    func aKeyThatChangesTenTimesIsLookedAtOnce(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await database(dialect, folder)
        for time in 1...10 { try await request(try change(cow), database, now: Int64(time)) }
        #expect(try await database.read { try BucketTable.waiting(on: $0) } == 1)
        #expect(try await !database.read { try BucketTable.isDue(now: 9, on: $0) })
        #expect(try await lease(database, now: 9, until: 100) == nil)
        let lease = try #require(try await lease(database, now: 10, until: 100))
        #expect(lease.bucket == photos && lease.key == cow && lease.attempt == 1)
        #expect(lease.mark == MediaBucketMark(visibility: .public, owner: "eva"))
        #expect(try await self.lease(database, now: 99, until: 200) == nil, "it is held")
        try await database.write { try BucketTable.finish(lease, on: $0) }
        #expect(try await database.read { try BucketTable.waiting(on: $0) } == 0)
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func aChangeDuringTheWorkIsNotTakenForDone(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await database(dialect, folder)
        try await request(try change(cow), database, now: 1)
        let first = try #require(try await lease(database, now: 1, until: 100))
        try await request(try change(cow, media: "{}"), database, now: 2)
        #expect(try await lease(database, now: 3, until: 100) == nil, "one at a time for a key")
        try await database.write { try BucketTable.finish(first, on: $0) }
        let second = try #require(try await lease(database, now: 3, until: 100))
        #expect(second.key == cow && second.attempt == 1)
        #expect(second.mark == MediaBucketMark(), "as the bucket is marked now")
        // Put back after it has changed once more: the wait is for what failed, not for what came.
        try await request(try change(cow), database, now: 4)
        try await database.write { try BucketTable.release(second, runAfter: 5000, countsAttempt: true, on: $0) }
        let third = try #require(try await lease(database, now: 4, until: 100))
        try await database.write { try BucketTable.finish(third, on: $0) }
        #expect(try await database.read { try BucketTable.waiting(on: $0) } == 0)
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func whoHasLostAJobCannotEndIt(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await database(dialect, folder)
        try await request(try change(cow), database, now: 1)
        let slow = try #require(try await lease(database, now: 1, until: 10))
        let fast = try #require(try await lease(database, now: 10, until: 20))
        #expect(fast.attempt == 2)
        await #expect(throws: BucketTable.LeaseLost.self) {
            try await database.write { connection in
                try BucketTable.put(.init(version: "1", mediaID: nil), cow, in: photos, on: connection)
                try BucketTable.finish(slow, on: connection)
            }
        }
        #expect(try await database.read { try BucketTable.known(cow, in: photos, on: $0) } == nil, "nothing of it is written")
        try await database.write { try BucketTable.renew(slow, until: 1000, on: $0) }
        try await database.write { try BucketTable.release(slow, runAfter: 0, countsAttempt: true, on: $0) }
        #expect(try await lease(database, now: 19, until: 30) == nil, "still the other's")
        try await database.write { try BucketTable.renew(fast, until: 50, on: $0) }
        #expect(try await lease(database, now: 49, until: 60) == nil)
        // A start after a crash frees them all.
        try await database.write { try BucketTable.releaseAll(on: $0) }
        let third = try #require(try await lease(database, now: 49, until: 60))
        #expect(third.attempt == 3)
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func anAttemptThatWasNotTheObjectsFaultDoesNotCount(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await database(dialect, folder)
        try await request(try change(cow), database, now: 1)
        for _ in 1...3 {
            let lease = try #require(try await lease(database, now: 1, until: 10))
            #expect(lease.attempt == 1)
            try await database.write { try BucketTable.release(lease, runAfter: 1, countsAttempt: false, on: $0) }
        }
        let lease = try #require(try await lease(database, now: 1, until: 10))
        try await database.write { try BucketTable.release(lease, runAfter: 7, countsAttempt: true, on: $0) }
        #expect(try await self.lease(database, now: 6, until: 10) == nil)
        #expect(try await self.lease(database, now: 7, until: 10)?.attempt == 2)
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func whatAKeyBecameIsRememberedUntilItIsForgotten(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await database(dialect, folder)
        let id = MediaID()
        let other = ObjectKey("farm/cow\u{2019}s.jpg")!
        for known in [BucketTable.Known(version: "null 1 abc", mediaID: id), .init(version: "null 2 def", mediaID: nil)] {
            try await database.write { try BucketTable.put(known, cow, in: photos, on: $0) }
            #expect(try await database.read { try BucketTable.known(cow, in: photos, on: $0) } == known)
            #expect(try await database.read { try BucketTable.known(other, in: photos, on: $0) } == nil)
        }
        try await database.write { try BucketTable.forget(cow, in: photos, on: $0) }
        #expect(try await database.read { try BucketTable.known(cow, in: photos, on: $0) } == nil)
        await database.close()
    }
}
