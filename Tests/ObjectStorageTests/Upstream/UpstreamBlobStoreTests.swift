import Crypto
import Foundation
import Logging
import NIOCore
import ObjectStorage
import Persistence
import TestSupport
import Testing

@Suite struct UpstreamBlobStoreTests {
    @Test func bytesComeBackWholeAndByRanges() async throws {
        let store = try await UpstreamFixture()
        defer { Task { await store.blobs.close() } }
        try await store.blobs.connect()
        // Nothing, few bytes, more than are fetched at once, and parts of 5 MiB with a rest.
        for count in [0, 1, 100_000, 3_000_000, 12_345_678] {
            let bytes = UpstreamFixture.bytes(count, seed: UInt64(count))
            let segment = try await store.put(bytes)
            #expect(segment.size == count)
            #expect(segment.sha256 == SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
            #expect(try await store.get(segment) == bytes)
            let reader = try #require(try await store.blobs.open(segment))
            for range in [0..<0, 0..<min(1, count), count / 2..<count / 2 + min(1000, count / 2), max(0, count - 1)..<count, count..<count]
            {
                #expect(try await store.get(segment, range) == Array(bytes[range]))
                #expect(Array(try await reader.read(range).readableBytesView) == Array(bytes[range]))
            }
            #expect(try await store.keys().contains(store.key(segment)))
        }
        #expect(store.temporaryFiles.isEmpty)
    }

    @Test func aBlobThatIsNotThereIsNotOpenedAndRemovedWithoutComplaint() async throws {
        let store = try await UpstreamFixture()
        defer { Task { await store.blobs.close() } }
        try await store.blobs.connect()
        let segments = [try await store.put([1, 2, 3]), try await store.put(UpstreamFixture.bytes(300_000))]
        for segment in segments {
            for _ in 0..<2 {
                try await store.blobs.remove(segment.sha256)
                #expect(try await store.blobs.open(segment) == nil)
            }
        }
        #expect(try await store.keys().isEmpty)
    }

    @Test func theSameBytesTakeTheirRoomOnce() async throws {
        let store = try await UpstreamFixture()
        defer { Task { await store.blobs.close() } }
        try await store.blobs.connect()
        let first = try await store.put([7, 7, 7])
        let second = try await store.put([7, 7, 7])
        #expect(first == second)
        #expect(try await store.keys().count == 1)
    }

    @Test func namesAreListedByTheirFirstDigits() async throws {
        let store = try await UpstreamFixture()
        defer { Task { await store.blobs.close() } }
        try await store.blobs.connect()
        var expected: [String: Set<String>] = [:]
        for number in 0..<40 {
            let segment = try await store.put([UInt8(number), 1])
            expected[String(segment.sha256.prefix(2)), default: []].insert(segment.sha256)
        }
        for (prefix, names) in expected { #expect(Set(try await store.blobs.names(prefix: prefix)) == names) }
        let unused = try #require((0..<256).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.first { expected[$0] == nil })
        #expect(try await store.blobs.names(prefix: unused).isEmpty)
    }

    @Test func bytesThatChangedUpstreamAreNotGiven() async throws {
        let store = try await UpstreamFixture()
        defer { Task { await store.blobs.close() } }
        try await store.blobs.connect()
        for count in [1000, 2_000_000] {
            var bytes = UpstreamFixture.bytes(count)
            let segment = try await store.put(bytes)
            bytes[count / 2] ^= 1
            try await store.server.client.put("\(store.bucket)/agrovet/\(store.key(segment))", Data(bytes))
            let error = await #expect(throws: ObjectStoreError.self) { try await store.get(segment) }
            guard case .corrupt = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            try await store.server.client.put("\(store.bucket)/agrovet/\(store.key(segment))", Data(bytes.dropLast()))
            await #expect(throws: ObjectStoreError.self) { try await store.blobs.open(segment) }
            try await store.blobs.quarantine(segment.sha256)
            #expect(try await store.blobs.open(segment) == nil)
            #expect(try await store.keys().contains("quarantine/\(segment.sha256)"))
        }
        // Of one that is not there nothing can be set aside.
        try await store.blobs.quarantine(String(repeating: "0", count: 64))
    }

    @Test func uploadsThatNobodyWillCompleteAreSwept() async throws {
        let store = try await UpstreamFixture()
        defer { Task { await store.blobs.close() } }
        try await store.blobs.connect()
        let path = "\(store.bucket)/agrovet/blobs/ab/\(String(repeating: "ab", count: 32))"
        let begun = try await store.server.client.request(.POST, path, query: "uploads=")
        let id = try #require(begun.values(of: "UploadId").first)
        #expect(try await store.server.client.request(.PUT, path, query: "partNumber=1&uploadId=\(id)", body: Data([1])).status == 200)
        let elsewhere = try await store.server.client.request(.POST, "\(store.bucket)/other/key", query: "uploads=")
        let other = try #require(elsewhere.values(of: "UploadId").first)
        #expect(try await store.blobs.sweepTemporary() == 1)
        #expect(try await store.server.client.request(.GET, path, query: "uploadId=\(id)").status == 404)
        #expect(try await store.server.client.request(.GET, "\(store.bucket)/other/key", query: "uploadId=\(other)").status == 200)
    }

    @Test func aStoreOpensOnlyWhatIsItsOwn() async throws {
        let store = try await UpstreamFixture()
        try await store.blobs.connect()
        try await store.put([1])
        await store.blobs.close()

        let stranger = try await UpstreamFixture(on: store.server, bucket: store.bucket)
        defer { Task { await stranger.blobs.close() } }
        let error = await #expect(throws: ObjectStoreError.self) { try await stranger.blobs.connect() }
        #expect("\(error!)".contains("another store"))
        let beside = try await UpstreamFixture(on: store.server, bucket: store.bucket) { $0.prefix = "beside/" }
        defer { Task { await beside.blobs.close() } }
        try await beside.blobs.connect()
        #expect(try await beside.keys().isEmpty)

        // A store whose blobs are gone, or were somewhere else.
        _ = try await store.server.client.request(.DELETE, "\(store.bucket)/beside/agrovet-store")
        let lost = await #expect(throws: ObjectStoreError.self) { try await beside.blobs.connect() }
        #expect("\(lost!)".contains("does not hold this store's blobs"))
    }

    @Test func aClaimThatACrashCutShortIsTakenUpAgain() async throws {
        let store = try await UpstreamFixture()
        defer { Task { await store.blobs.close() } }
        try await store.blobs.connect()
        let folder = store.folder.path + "/objects/"
        // As between the two steps of the first start.
        #expect(rename(folder + "upstream-store", folder + "upstream-claim") == 0)
        try await store.blobs.connect()
        #expect(FileManager.default.fileExists(atPath: folder + "upstream-store"))
        #expect(rename(folder + "upstream-store", folder + "upstream-claim") == 0)
        _ = try await store.server.client.request(.DELETE, "\(store.bucket)/agrovet/agrovet-store")
        try await store.blobs.connect()
        #expect(FileManager.default.fileExists(atPath: folder + "upstream-store"))
    }

    @Test func whatIsWrongForGoodIsToldAtOnceAndWithoutTheSecret() async throws {
        let missing = try await UpstreamFixture(bucket: "there-is-none")
        defer { Task { await missing.blobs.close() } }
        let error = await #expect(throws: ObjectStoreError.self) { try await missing.blobs.connect() }
        #expect("\(error!)".contains("there-is-none"))

        let locked = try await UpstreamFixture { $0.secretKey = "not-the-secret-key" }
        defer { Task { await locked.blobs.close() } }
        let refused = await #expect(throws: ObjectStoreError.self) { try await locked.blobs.connect() }
        guard case .failed(let reason) = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(reason.contains("SignatureDoesNotMatch"))
        #expect(!reason.contains("not-the-secret-key"))
    }

    @Test func anEndpointThatIsNotThereIsUnavailable() async throws {
        let store = try await UpstreamFixture {
            // A port that nobody listens on.
            $0.endpoint = UpstreamEndpoint("http://127.0.0.1:1")!
            $0.retries = 1
        }
        defer { Task { await store.blobs.close() } }
        let error = await #expect(throws: ObjectStoreError.self) { try await store.blobs.connect() }
        guard case .unavailable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let staged = try await store.stage([1, 2, 3])
        await #expect(throws: ObjectStoreError.self) { try await store.blobs.publish(staged) }
    }

    /// The store of the media service and of S3 over it, with its recovery.
    @Test func objectsOverItAreWholeAndRecover() async throws {
        let store = try await UpstreamFixture()
        defer { Task { await store.blobs.close() } }
        try await store.blobs.connect()
        let database = try SQLiteDatabase(.init(path: store.folder.path + "/index.sqlite"))
        try await Migrator.migrate(database, service: "objects", LocalObjectStore.migrations)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let objects = LocalObjectStore(
            versions: VersionedObjectStore(database: database, blobs: store.blobs, logger: logger), blobs: store.blobs,
            temporaryFolder: store.folder.path + "/tmp")
        try await objects.recover()
        let bucket = BucketName("media")!
        try await objects.createBucket(bucket)
        let bytes = UpstreamFixture.bytes(700_000)
        let writer = try await objects.stage()
        try await writer.write(ByteBuffer(bytes: bytes))
        let key = ObjectKey("a/original")!
        try await objects.commit(try await writer.finish(), to: key, in: bucket, contentType: "image/jpeg")

        // A file for those who need one, for as long as they hold the reader.
        var reader = try await objects.open(key, in: bucket)
        let path = try #require(try await reader?.localPath())
        #expect(FileManager.default.contents(atPath: path) == Data(bytes))
        reader = nil
        #expect(store.temporaryFiles.isEmpty)

        let orphan = try await store.put([9, 9, 9])
        let recovery = try await objects.recover()
        #expect(recovery.orphans == 1)
        #expect(recovery.missing.isEmpty)
        #expect(try await store.blobs.open(orphan) == nil)
        #expect(try await objects.copy(key, to: ObjectKey("b")!, in: bucket)?.size == bytes.count)
        try await objects.delete([key, ObjectKey("b")!], in: bucket)
        #expect(try await store.keys().isEmpty)
        try await objects.close()
        await database.close()
    }
}
