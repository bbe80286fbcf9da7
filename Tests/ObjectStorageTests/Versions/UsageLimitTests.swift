import ObjectStorage
import Persistence
import Testing

/// What a bucket may hold is held, whatever comes at one moment.
@Suite struct UsageLimitTests {
    private static func put(_ key: String, _ count: Int, limit: UsageLimit, _ fixture: StoreFixture) async throws -> Bool {
        do {
            _ = try await fixture.store.put(
                .staged(try await fixture.stage(StoreFixture.pattern(count, seed: key.hashValue))), key: ObjectKey(key)!,
                in: fixture.bucket, etag: "e", contentType: "text/plain", attributes: ObjectAttributes(owner: "ana"), limit: limit)
            return true
        } catch is NoRoom {
            return false
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func changesThatComeTogetherDoNotPassIt(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        for (limit, name, fitting) in [
            (UsageLimit(bytes: nil, versions: 10), "a", 10), (UsageLimit(bytes: 10 * 100 + 7 * 1000, versions: nil), "b", 7),
        ] {
            let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask { try await Self.put("\(name)\(number)", name == "a" ? 100 : 1000, limit: limit, fixture) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(taken == fitting, "\(name)")
        }
        let usage = try await fixture.store.usage(fixture.bucket)
        #expect(usage == (17, 8000))
        // What was refused left nothing, and what goes gives its room back.
        #expect(fixture.temporaryFiles.isEmpty)
        var query = VersionedObjectStore.ListQuery()
        query.prefix = "a"
        let one = try #require(try await fixture.store.list(fixture.bucket, query).items.first?.key)
        try await fixture.delete(one)
        let full = UsageLimit(bytes: nil, versions: 17)
        #expect(try await Self.put("c", 1, limit: full, fixture))
        #expect(try await !Self.put("d", 1, limit: full, fixture))
    }

    @Test(arguments: SQLDialect.allCases)
    func anUploadThatDoesNotFitStaysAnUpload(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        let attributes = ObjectAttributes(owner: "ana")
        let upload = try await fixture.store.createUpload(
            ObjectKey("parts")!, in: fixture.bucket, contentType: "text/plain", attributes: attributes)
        for number in 1...2 {
            try await fixture.store.putPart(
                .staged(try await fixture.stage([UInt8](repeating: 7, count: 60))),
                ObjectPart(number: number, size: 60, etag: "e", modified: 0), of: upload)
        }
        func complete(_ limit: UsageLimit) async throws {
            _ = try await fixture.store.complete(upload, parts: [1, 2], limit: limit, finish: { _ in ("e-2", attributes) })
        }
        await #expect(throws: NoRoom.self) { try await complete(UsageLimit(bytes: 119, versions: nil)) }
        #expect(try await fixture.find("parts") == nil)
        try await complete(UsageLimit(bytes: 120, versions: 1))
        #expect(try await fixture.find("parts")?.size == 120)
    }
}
