import Crypto
import Foundation
import Logging
import NIOCore
import ObjectStorage
import Persistence
import TestSupport
import Testing

@Suite struct LocalObjectStoreTests {
    private static let bucket = BucketName("media")!
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A store in a folder of its own.
    private struct Fixture {
        let folder: TemporaryFolder
        let store: LocalObjectStore
        let database: SQLiteDatabase

        init(_ folder: TemporaryFolder? = nil) async throws {
            let folder = try folder ?? TemporaryFolder()
            self.folder = folder
            database = try SQLiteDatabase(.init(path: folder.path + "/index.sqlite"))
            try await Migrator.migrate(database, service: "objects", LocalObjectStore.migrations)
            store = try await Self.open(folder, database)
            try await store.createBucket(bucket)
        }

        /// Opens the store, when what worked for the one before it has ended and its lock has gone with it.
        private static func open(_ folder: TemporaryFolder, _ database: SQLiteDatabase) async throws -> LocalObjectStore {
            try await StoreFixture.takingOver {
                try LocalObjectStore(
                    folder: folder.path + "/objects", temporaryFolder: folder.path + "/tmp", database: database, logger: logger)
            }
        }

        /// Names of the blobs on disk.
        var blobs: [String] {
            let names = FileManager.default.enumerator(atPath: folder.path + "/objects")?.compactMap { $0 as? String } ?? []
            return names.map { ($0 as NSString).lastPathComponent }.filter { $0.count == 64 }.sorted()
        }

        var temporaryFiles: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/tmp")) ?? [] }

        @discardableResult
        func put(_ key: String, _ bytes: some Sequence<UInt8>) async throws -> ObjectInfo {
            let writer = try await store.stage()
            try await writer.write(ByteBuffer(bytes: bytes))
            return try await store.commit(try await writer.finish(), to: ObjectKey(key)!, in: bucket, contentType: "image/webp")
        }

        func get(_ key: String) async throws -> [UInt8]? {
            guard let reader = try await store.open(ObjectKey(key)!, in: bucket) else { return nil }
            return try await Self.bytes(reader, 0..<reader.info.size)
        }

        static func bytes(_ reader: any ObjectReader, _ range: Range<Int>) async throws -> [UInt8] {
            var bytes: [UInt8] = []
            for try await chunk in reader.chunks(range) { bytes += chunk.readableBytesView }
            return bytes
        }

        /// What is removed behind the scenes has gone when this returns.
        func settle(_ count: Int) async throws {
            let deadline = ContinuousClock.now + Patience.usual
            while blobs.count != count, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        }
    }

    private static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func bytesComeBackWholeAndInParts() async throws {
        let fixture = try await Fixture()
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let info = try await fixture.put("cow/original", bytes)
        #expect(info.size == bytes.count)
        #expect(info.sha256 == Self.sha256(bytes))
        #expect(try await fixture.get("cow/original") == bytes)
        let reader = try #require(try await fixture.store.open(ObjectKey("cow/original")!, in: Self.bucket))
        #expect(reader.info == info)
        for range in [0..<0, 0..<1, 262_143..<262_145, 999_999..<1_000_000, 100_000..<900_000] {
            #expect(try await Fixture.bytes(reader, range) == Array(bytes[range]))
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: try await reader.localPath())) == Data(bytes))
        #expect(fixture.temporaryFiles.isEmpty)
    }

    @Test func whatIsNotThereIsNil() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.store.head(ObjectKey("none")!, in: Self.bucket) == nil)
        #expect(try await fixture.get("none") == nil)
        #expect(try await fixture.store.copy(ObjectKey("none")!, to: ObjectKey("other")!, in: Self.bucket) == nil)
        try await fixture.store.delete([ObjectKey("none")!], in: Self.bucket)
        await #expect(throws: ObjectStoreError.noSuchBucket) {
            let blob = try await fixture.store.stage().finish()
            try await fixture.store.commit(blob, to: ObjectKey("a")!, in: BucketName("nowhere")!, contentType: "")
        }
        #expect(fixture.temporaryFiles.isEmpty)
        #expect(fixture.blobs.isEmpty)
    }

    @Test func theSameBytesTakeTheirRoomOnceAndGoWithTheLastOfThem() async throws {
        let fixture = try await Fixture()
        try await fixture.put("a", [1, 2, 3])
        try await fixture.put("b", [1, 2, 3])
        _ = try await fixture.store.copy(ObjectKey("a")!, to: ObjectKey("c")!, in: Self.bucket)
        #expect(fixture.blobs.count == 1)
        let usage = try await fixture.store.usage()
        #expect(usage == (objects: 3, bytes: 9, storedBytes: 3))
        try await fixture.store.delete([ObjectKey("a")!, ObjectKey("b")!], in: Self.bucket)
        #expect(fixture.blobs.count == 1)
        #expect(try await fixture.get("c") == [1, 2, 3])
        try await fixture.store.delete([ObjectKey("c")!], in: Self.bucket)
        try await fixture.settle(0)
        #expect(fixture.blobs.isEmpty)
    }

    @Test func aReaderKeepsItsBytesThroughReplacementAndDeletion() async throws {
        let fixture = try await Fixture()
        try await fixture.put("a", [1, 1, 1])
        do {
            let reader = try #require(try await fixture.store.open(ObjectKey("a")!, in: Self.bucket))
            try await fixture.put("a", [2, 2])
            #expect(try await fixture.get("a") == [2, 2])
            try await fixture.store.delete([ObjectKey("a")!], in: Self.bucket)
            #expect(try await fixture.get("a") == nil)
            #expect(try await Fixture.bytes(reader, 0..<3) == [1, 1, 1])
            #expect(try Data(contentsOf: URL(fileURLWithPath: try await reader.localPath())) == Data([1, 1, 1]))
        }
        try await fixture.settle(0)
        #expect(fixture.blobs.isEmpty, "the bytes go with the last reader")
    }

    @Test func storingAndDeletingTheSameBytesAtOnceNeverLosesThem() async throws {
        let fixture = try await Fixture()
        let bytes: [UInt8] = [7, 7, 7]
        try await fixture.put("anchor", [0])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for round in 0..<60 {
                        let key = "\(worker)-\(round)"
                        try await fixture.put(key, bytes)
                        #expect(try await fixture.get(key) == bytes, "what was acknowledged can be read")
                        try await fixture.store.delete([ObjectKey(key)!], in: Self.bucket)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await fixture.settle(1)
        #expect(fixture.blobs.count == 1, "nothing is left of what was deleted")
    }

    /// Two deletions of one blob's last names: whoever looks first must not leave the blob to the other, who did not get to.
    @Test func deletingTheLastNamesOfABlobAtOnceLeavesNothingOfIt() async throws {
        let fixture = try await Fixture()
        for round in 0..<30 {
            let keys = (0..<6).map { "\(round)-\($0)" }
            for key in keys { try await fixture.put(key, [UInt8(round), 1]) }
            await withThrowingTaskGroup(of: Void.self) { group in
                for key in keys { group.addTask { try await fixture.store.delete([ObjectKey(key)!], in: Self.bucket) } }
            }
        }
        #expect(try await fixture.store.usage().objects == 0)
        #expect(fixture.blobs.isEmpty)
    }

    @Test func keysAreListedByTheirBytesInPages() async throws {
        let fixture = try await Fixture()
        let keys = ["a", "a/", "a/b", "a/b/c", "a0", "b", "é", "e\u{301}", "Z", "日本", "a/../x", "//", "%", "_"]
        for key in keys { try await fixture.put(key, Array(key.utf8)) }
        let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        func list(_ prefix: String, _ after: String?, _ limit: Int) async throws -> [String] {
            try await fixture.store.list(Self.bucket, prefix: prefix, after: after, limit: limit).map(\.key.description)
        }
        func same(_ found: [String], _ expected: [String]) -> Bool { found.map { Array($0.utf8) } == expected.map { Array($0.utf8) } }
        #expect(same(try await list("", nil, 100), sorted))
        var paged: [String] = []
        while true {
            let page = try await list("", paged.last, 3)
            if page.isEmpty { break }
            paged += page
        }
        #expect(same(paged, sorted))
        #expect(same(try await list("a/", nil, 100), ["a/", "a/../x", "a/b", "a/b/c"]))
        #expect(same(try await list("a/", "a/../x", 100), ["a/b", "a/b/c"]))
        #expect(same(try await list("é", nil, 100), ["é"]), "another spelling of é is another key")
        #expect(try await list("none", nil, 100).isEmpty)
    }

    @Test func aClientsWordsNeverBecomeAPath() async throws {
        let fixture = try await Fixture()
        for key in ["../../etc/passwd", "/etc/passwd", "a\u{0}b".replacing("\0", with: "~"), String(repeating: "x", count: 1024)] {
            try await fixture.put(key, Array(key.utf8))
            #expect(try await fixture.get(key) == Array(key.utf8))
        }
        #expect(fixture.blobs.count == 4)
        #expect(ObjectKey("") == nil)
        #expect(ObjectKey(String(repeating: "x", count: 1025)) == nil)
        for name in ["ab", "UPPER", "under_score", "-a-", "a..b", String(repeating: "a", count: 64)] {
            #expect(BucketName(name) == nil, "\(name)")
        }
    }

    @Test func aCancelledOrDroppedUploadLeavesNothing() async throws {
        let fixture = try await Fixture()
        var writer: (any BlobWriter)? = try await fixture.store.stage()
        try await writer?.write(ByteBuffer(repeating: 1, count: 1_000_000))
        await writer?.cancel()
        #expect(fixture.temporaryFiles.isEmpty)
        writer = try await fixture.store.stage()
        try await writer?.write(ByteBuffer(repeating: 1, count: 1_000_000))
        writer = nil
        #expect(fixture.temporaryFiles.isEmpty)
        let blob = try await fixture.store.stage().finish()
        await blob.discard()
        await blob.discard()
        #expect(fixture.temporaryFiles.isEmpty)
    }

    @Test func whatACrashLeftIsFound() async throws {
        let folder = try TemporaryFolder()
        let lost: ObjectInfo
        do {
            let fixture = try await Fixture(folder)
            try await fixture.put("kept", [1])
            lost = try await fixture.put("lost", [2])
            await fixture.database.close()
        }
        let orphan = Self.sha256([3])
        try Data([3]).write(to: URL(fileURLWithPath: "\(folder.path)/objects/\(orphan.prefix(2))/\(orphan)"))
        try Data([4]).write(to: URL(fileURLWithPath: folder.path + "/tmp/upload-left"))
        try FileManager.default.removeItem(atPath: "\(folder.path)/objects/\(lost.sha256.prefix(2))/\(lost.sha256)")
        let fixture = try await Fixture(folder)
        let recovery = try await fixture.store.recover()
        #expect(recovery.temporaryFiles == 1)
        #expect(recovery.orphans == 1)
        #expect(recovery.missing == [lost.sha256])
        #expect(fixture.temporaryFiles.isEmpty)
        #expect(fixture.blobs == [Self.sha256([1])])
        #expect(try await fixture.get("kept") == [1])
        await #expect(throws: ObjectStoreError.self) { _ = try await fixture.get("lost") }
    }

    @Test func aBlobThatIsDroppedWithoutACommitLeavesNothing() async throws {
        let fixture = try await Fixture()
        do {
            let writer = try await fixture.store.stage()
            try await writer.write(ByteBuffer(repeating: 1, count: 1000))
            let blob = try await writer.finish()
            #expect(fixture.temporaryFiles.count == 1)
            withExtendedLifetime(blob) {}
        }
        #expect(fixture.temporaryFiles.isEmpty)
    }

    @Test func aCancelledTaskStillTidiesUp() async throws {
        let fixture = try await Fixture()
        try await fixture.put("a", [1])
        let writer = try await fixture.store.stage()
        try await writer.write(ByteBuffer(repeating: 1, count: 1000))
        let blob = try await writer.finish()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            await blob.discard()
            try await fixture.store.delete([ObjectKey("a")!], in: Self.bucket)
        }
        task.cancel()
        try await task.value
        #expect(fixture.temporaryFiles.isEmpty)
        #expect(fixture.blobs.isEmpty)
        withExtendedLifetime(blob) {}
    }

    @Test func aStoreThatIsClosedWithAReaderOpenIsSweptAtTheNextStart() async throws {
        let folder = try TemporaryFolder()
        do {
            let fixture = try await Fixture(folder)
            try await fixture.put("a", [1])
            let reader = try #require(try await fixture.store.open(ObjectKey("a")!, in: Self.bucket))
            try await fixture.store.delete([ObjectKey("a")!], in: Self.bucket)
            try await fixture.store.close()
            #expect(fixture.blobs.count == 1, "the reader's bytes stand")
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/objects/.clean"), "nothing says that all is in order")
            await fixture.database.close()
            withExtendedLifetime(reader) {}
        }
        let fixture = try await Fixture(folder)
        try await fixture.store.recover()
        #expect(fixture.blobs.isEmpty)
        try await fixture.store.close()
        #expect(FileManager.default.fileExists(atPath: folder.path + "/objects/.clean"))
    }

    @Test func keysAreToldApartByTheirBytes() async throws {
        let (one, other) = (ObjectKey("\u{E9}")!, ObjectKey("e\u{301}")!)
        #expect(one != other)
        #expect(Set([one, other]).count == 2)
        #expect(ObjectKey("\u{E9}") == one)
        #expect(ObjectKey("a\0b") == nil)
    }

    @Test func aBlobThatWasCutIsCorruptNotShort() async throws {
        let fixture = try await Fixture()
        let info = try await fixture.put("a", [UInt8](repeating: 5, count: 1000))
        truncate("\(fixture.folder.path)/objects/\(info.sha256.prefix(2))/\(info.sha256)", 500)
        await #expect(throws: ObjectStoreError.self) { _ = try await fixture.get("a") }
        try await fixture.put("a", [UInt8](repeating: 5, count: 1000))
        #expect(try await fixture.get("a")?.count == 1000, "storing the bytes again mends them")
    }

    @Test func oneProcessAtATimeHasTheFolder() async throws {
        let fixture = try await Fixture()
        await #expect(throws: FolderLock.Failure.self) { _ = try await Fixture(fixture.folder) }
        try await fixture.put("a", [1])
    }
}
