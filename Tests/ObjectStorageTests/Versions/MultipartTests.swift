import ObjectStorage
import Persistence
import TestSupport
import Testing

@Suite struct MultipartTests {
    private struct Refused: Error {}

    private func begin(_ fixture: StoreFixture, _ key: String) async throws -> VersionedObjectStore.Upload {
        var attributes = ObjectAttributes(owner: "ana")
        attributes.metadata = ["a": "b"]
        return try await fixture.store.createUpload(
            ObjectKey(key)!, in: fixture.bucket, contentType: "video/mp4", attributes: attributes)
    }

    private func put(_ fixture: StoreFixture, _ upload: VersionedObjectStore.Upload, _ number: Int, _ bytes: [UInt8]) async throws {
        try await fixture.store.putPart(
            .staged(try await fixture.stage(bytes)), ObjectPart(number: number, size: bytes.count, etag: "part-\(number)", modified: 1),
            of: upload)
    }

    @Sendable private static func finish(_ parts: [ObjectPart]) -> (String, ObjectAttributes) {
        var attributes = ObjectAttributes(owner: "ana")
        attributes.parts = parts
        return ("etag-\(parts.count)", attributes)
    }

    @Test(arguments: SQLDialect.allCases)
    func anObjectIsMadeOfTheNamedPartsInTheirOrder(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect) { $0.packLimit = 1000 }
        let upload = try await begin(fixture, "film")
        #expect(try await fixture.store.upload(upload.id, upload.key, in: fixture.bucket)?.attributes.metadata == ["a": "b"])
        let parts = [
            1: [UInt8](repeating: 1, count: 5000), 3: [UInt8](repeating: 3, count: 10), 7: [], 9: [UInt8](repeating: 9, count: 2000),
        ]
        for (number, bytes) in parts { try await put(fixture, upload, number, bytes) }
        try await put(fixture, upload, 3, [4])
        try await put(fixture, upload, 3, [3, 3])
        #expect(fixture.files.count == 2)
        #expect(try await fixture.store.parts(of: upload, after: 0, limit: 100).map(\.number) == [1, 3, 7, 9])
        #expect(try await fixture.store.parts(of: upload, after: 1, limit: 2).map(\.number) == [3, 7])
        #expect(try await fixture.find("film") == nil, "nothing half-made is visible")
        let missing = await #expect(throws: NoSuchPart.self) {
            _ = try await fixture.store.complete(upload, parts: [1, 2, 3], finish: Self.finish)
        }
        #expect(missing?.number == 2)
        await #expect(throws: Refused.self) { _ = try await fixture.store.complete(upload, parts: [1], finish: { _ in throw Refused() }) }
        await #expect(throws: Refused.self) {
            _ = try await fixture.store.complete(upload, parts: [1], finish: Self.finish, guard: { _ in throw Refused() })
        }
        let object = try await fixture.store.complete(upload, parts: [1, 3, 7], finish: Self.finish)
        let bytes = parts[1]! + [3, 3]
        #expect(object.size == bytes.count && object.etag == "etag-3" && object.contentType == "video/mp4")
        #expect(object.attributes.parts?.map(\.number) == [1, 3, 7])
        #expect(try await fixture.find("film") == object)
        #expect(try await fixture.get("film") == bytes)
        #expect(fixture.files.count == 1, "the part that was not named went")
        await #expect(throws: NoSuchUpload.self) { _ = try await fixture.store.complete(upload, parts: [1], finish: Self.finish) }
        await #expect(throws: NoSuchUpload.self) { try await put(fixture, upload, 1, [1]) }
        #expect(fixture.files.count == 1)
        await #expect(throws: NoSuchUpload.self) { try await fixture.store.abort(upload) }
        #expect(try await fixture.store.usage(fixture.bucket) == (1, bytes.count))

        let reader = try #require(try await fixture.store.open(object, in: fixture.bucket))
        for range in [0..<1, 4990..<5002, 5000..<5002, 4999..<5001, 5001..<5002, 0..<5002, 17..<17] {
            #expect(try await StoreFixture.bytes(reader, range) == Array(bytes[range]))
            #expect(Array(try await reader.read(range).readableBytesView) == Array(bytes[range]))
        }
        // A copy outlives it, and has its bytes in parts that S3 does not know of.
        var attributes = object.attributes
        attributes.parts = nil
        _ = try await fixture.store.put(
            .sharing(object), key: ObjectKey("copy")!, in: fixture.bucket, etag: "c", contentType: "", attributes: attributes)
        try await fixture.delete("film")
        #expect(try await fixture.get("copy") == bytes)
        #expect(try await fixture.find("copy")?.attributes.parts == nil)
        #expect(try await StoreFixture.bytes(reader, 0..<bytes.count) == bytes, "who reads it goes on")
        try await fixture.delete("copy")
        #expect(try await fixture.store.usage(fixture.bucket) == (0, 0))
    }

    @Test(arguments: SQLDialect.allCases)
    func anAbortedUploadLeavesNothing(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect) { $0.packLimit = 10 }
        let upload = try await begin(fixture, "film")
        try await put(fixture, upload, 1, StoreFixture.pattern(1000, seed: 1))
        try await put(fixture, upload, 2, [1])
        #expect(fixture.files.count == 1)
        try await fixture.store.abort(upload)
        #expect(fixture.files.isEmpty)
        #expect(try await fixture.store.parts(of: upload, after: 0, limit: 10).isEmpty)
        #expect(try await fixture.store.upload(upload.id, upload.key, in: fixture.bucket) == nil)
        #expect(try await fixture.store.upload("../../x", upload.key, in: fixture.bucket) == nil)
    }

    @Test func tenThousandPartsMakeOneObject() async throws {
        let fixture = try await StoreFixture()
        let upload = try await begin(fixture, "film")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<16 {
                group.addTask {
                    for number in stride(from: worker + 1, through: 10_000, by: 16) {
                        try await put(fixture, upload, number, [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)])
                    }
                }
            }
            try await group.waitForAll()
        }
        let object = try await fixture.store.complete(upload, parts: Array(1...10_000), finish: Self.finish)
        #expect(object.size == 20_000)
        let bytes = try #require(try await fixture.get("film"))
        #expect(bytes == (1...10_000).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
        #expect(try await fixture.find("film")?.attributes.parts?.count == 10_000)
    }

    @Test(arguments: SQLDialect.allCases)
    func aPartMayBeTheBytesOfAnObject(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect) { $0.packLimit = 1000 }
        let (small, large) = (StoreFixture.pattern(50, seed: 1), StoreFixture.pattern(5000, seed: 2))
        let upload = try await begin(fixture, "film")
        let sources = [try await fixture.put("small", small), try await fixture.put("large", large)]
        for (index, source) in sources.enumerated() {
            try await fixture.store.putPart(
                .sharing(source), ObjectPart(number: index + 1, size: source.size, etag: "e", modified: 1), of: upload)
        }
        let object = try await fixture.store.complete(upload, parts: [1, 2], finish: Self.finish)
        let next = try await begin(fixture, "film")
        try await fixture.store.putPart(.sharing(object), ObjectPart(number: 1, size: object.size, etag: "e", modified: 1), of: next)
        try await fixture.delete("small")
        try await fixture.delete("large")
        _ = try await fixture.store.complete(next, parts: [1], finish: Self.finish)
        #expect(try await fixture.get("film") == small + large)
        try await fixture.delete("film")
        #expect(try await fixture.files(settlingAt: 0).isEmpty)
    }

    @Test(arguments: SQLDialect.allCases)
    func uploadsAreListedByKeyThenByBeginning(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        var ids: [String] = []
        for key in ["b", "a/1", "b", "a/2", "c"] { ids.append(try await begin(fixture, key).id) }
        let order = [ids[1], ids[3], ids[0], ids[2], ids[4]]
        var query = VersionedObjectStore.ListQuery()
        #expect(try await fixture.store.listUploads(fixture.bucket, query).items.map(\.id) == order)
        query.limit = 1
        var paged: [String] = []
        while true {
            let page = try await fixture.store.listUploads(fixture.bucket, query)
            paged += page.items.map(\.id)
            guard let next = page.next else { break }
            (query.after, query.afterID) = (next, page.nextID)
        }
        #expect(paged == order)
        var delimited = VersionedObjectStore.ListQuery()
        delimited.delimiter = "/"
        let page = try await fixture.store.listUploads(fixture.bucket, delimited)
        #expect(page.commonPrefixes == ["a/"] && page.items.map(\.key.description) == ["b", "b", "c"])
    }
}
