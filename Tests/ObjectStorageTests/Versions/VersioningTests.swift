import ObjectStorage
import Persistence
import TestSupport
import Testing

/// What S3's versioning rules say (Amazon S3 User Guide, "Retaining multiple versions of objects"), on both databases.
@Suite struct VersioningTests {
    private struct Refused: Error {}

    @Test(arguments: SQLDialect.allCases)
    func withoutVersioningTheLastBytesCountAndNothingElseIsLeft(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        let first = try await fixture.put("cow", [1])
        let second = try await fixture.put("cow", [2, 2])
        #expect(first.versionID == "null" && second.versionID == "null")
        #expect(try await fixture.get("cow") == [2, 2])
        #expect(try await fixture.get("cow", "null") == [2, 2])
        #expect(try await fixture.versions("cow") == ["null"])
        #expect(try await fixture.store.usage(fixture.bucket) == (1, 2))
        guard case .deleted(let gone) = try await fixture.delete("cow") else { throw Refused() }
        #expect(gone.size == 2)
        guard case .nothing = try await fixture.delete("cow") else { throw Refused() }
        #expect(try await fixture.find("cow") == nil)
        #expect(try await fixture.store.usage(fixture.bucket) == (0, 0))
    }

    @Test(arguments: SQLDialect.allCases)
    func enabledVersioningKeepsEveryVersionAndItsBytes(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        try await fixture.put("cow", [0])
        try await fixture.setVersioning(.enabled)
        let first = try await fixture.put("cow", [1])
        let second = try await fixture.put("cow", [2])
        #expect(first.versionID.utf8.count == 32 && first.versionID != second.versionID)
        #expect(try await fixture.versions("cow") == [second.versionID, first.versionID, "null"])
        #expect(try await fixture.get("cow") == [2])
        #expect(try await fixture.get("cow", first.versionID) == [1])
        #expect(try await fixture.get("cow", "null") == [0])
        #expect(try await fixture.find("cow", "no-such-version") == nil)
        #expect(try await fixture.find("cow", String(repeating: "0", count: 32)) == nil)
        #expect(try await fixture.store.usage(fixture.bucket) == (3, 3))
    }

    @Test(arguments: SQLDialect.allCases)
    func deletingWithoutAVersionPutsAMarkerOverAndDeletingTheMarkerBringsTheObjectBack(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        try await fixture.setVersioning(.enabled)
        let version = try await fixture.put("cow", [1])
        guard case .marked(let marker) = try await fixture.delete("cow") else { throw Refused() }
        #expect(marker.isDeleteMarker && marker.isLatest && marker.attributes.owner == "ana")
        #expect(try await fixture.find("cow")?.isDeleteMarker == true)
        #expect(try await fixture.get("cow", version.versionID) == [1])
        #expect(try await fixture.store.list(fixture.bucket, .init()).items.isEmpty)
        #expect(try await fixture.versions("cow") == ["-" + marker.versionID, version.versionID])
        // Of a key that never was as well.
        guard case .marked = try await fixture.delete("ghost") else { throw Refused() }
        guard case .deleted(let gone) = try await fixture.delete("cow", marker.versionID) else { throw Refused() }
        #expect(gone.isDeleteMarker)
        #expect(try await fixture.get("cow") == [1])
        #expect(try await fixture.find("cow")?.isLatest == true)
        #expect(try await fixture.store.list(fixture.bucket, .init()).items.map(\.key) == ["cow"])
    }

    @Test(arguments: SQLDialect.allCases)
    func deletingTheLatestVersionMakesTheOneBeforeItTheLatest(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        try await fixture.setVersioning(.enabled)
        var ids: [String] = []
        for number in 0..<5 { ids.append(try await fixture.put("cow", [UInt8(number)]).versionID) }
        // From the middle first, then from the top.
        try await fixture.delete("cow", ids[2])
        for (latest, before) in [(4, 3), (3, 1), (1, 0)] {
            #expect(try await fixture.get("cow") == [UInt8(latest)])
            try await fixture.delete("cow", ids[latest])
            #expect(try await fixture.find("cow")?.versionID == ids[before])
        }
        try await fixture.delete("cow", ids[0])
        #expect(try await fixture.find("cow") == nil)
        #expect(try await fixture.store.usage(fixture.bucket) == (0, 0))
        try await fixture.store.deleteBucket(fixture.bucket)
    }

    @Test(arguments: SQLDialect.allCases)
    func suspendedVersioningReplacesTheNullVersionOnly(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        try await fixture.put("cow", [0])
        try await fixture.setVersioning(.enabled)
        let kept = try await fixture.put("cow", [1])
        try await fixture.setVersioning(.suspended)
        // The null version behind the latest goes, the latest stays.
        #expect(try await fixture.put("cow", [2]).versionID == "null")
        #expect(try await fixture.versions("cow") == ["null", kept.versionID])
        #expect(try await fixture.get("cow") == [2])
        // The null version that is the latest is replaced.
        try await fixture.put("cow", [3])
        #expect(try await fixture.versions("cow") == ["null", kept.versionID])
        #expect(try await fixture.get("cow", "null") == [3])
        // A marker is the null version too.
        guard case .marked(let marker) = try await fixture.delete("cow") else { throw Refused() }
        #expect(marker.versionID == "null")
        #expect(try await fixture.versions("cow") == ["-null", kept.versionID])
        #expect(try await fixture.store.usage(fixture.bucket) == (1, 1))
        // Enabled again: the marker stays behind what comes.
        try await fixture.setVersioning(.enabled)
        let last = try await fixture.put("cow", [4])
        #expect(try await fixture.versions("cow") == [last.versionID, "-null", kept.versionID])
    }

    @Test(arguments: SQLDialect.allCases)
    func aGuardSeesWhatIsThereAndItsRefusalLeavesEverything(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        try await fixture.put("cow", [1], guard: { if $0 != nil { throw Refused() } })
        await #expect(throws: Refused.self) { try await fixture.put("cow", [2], guard: { if $0 != nil { throw Refused() } }) }
        #expect(try await fixture.get("cow") == [1])
        let store = fixture.store
        let outcomes = try await store.delete(
            [
                .init(key: ObjectKey("cow")!, versionID: nil, owner: "ana", guard: { _ in throw Refused() }),
                .init(key: ObjectKey("none")!, versionID: nil, owner: "ana", guard: { #expect($0 == nil) }),
            ], in: fixture.bucket)
        guard case .refused(let error) = outcomes[0], error is Refused, case .nothing = outcomes[1] else { throw Refused() }
        #expect(try await fixture.get("cow") == [1])
    }

    /// Ten thousand tries to be the first: `If-None-Match: *` has one winner for each key.
    @Test(arguments: SQLDialect.allCases)
    func ofTwoWhoRaceForOneKeyOneWins(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        for round in 0..<10 {
            let wins: [Int] = await withTaskGroup(of: Int.self) { group in
                for racer in 0..<8 {
                    group.addTask {
                        do {
                            try await fixture.put("key-\(round)", [UInt8(racer)], guard: { if $0 != nil { throw Refused() } })
                            return racer
                        } catch {
                            #expect(error is Refused, "\(error)")
                            return -1
                        }
                    }
                }
                return await group.reduce(into: [Int]()) { if $1 >= 0 { $0.append($1) } }
            }
            #expect(wins.count == 1)
            #expect(try await fixture.get("key-\(round)") == wins.map { UInt8($0) })
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func everyAttributeComesBackAndCanBeChanged(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        let put = try await fixture.put("cow", [1, 2, 3]) { attributes in
            attributes.headers = ["cache-control": "no-cache"]
            attributes.metadata = ["breed": "Holstein 🐄"]
            attributes.tags = [.init(key: "a", value: ""), .init(key: "é", value: "&")]
            attributes.acl = "<private>"
            attributes.storageClass = "GLACIER"
            attributes.checksum = .init(algorithm: "CRC32", value: "AAAAAA==-2", isComposite: true)
            attributes.clientSize = 2
            attributes.encryption = "{}"
            attributes.retention = .init(mode: .compliance, until: 7)
            attributes.hasLegalHold = true
        }
        #expect(try await fixture.find("cow") == put)
        let listed = try #require(try await fixture.store.list(fixture.bucket, .init()).items.first)
        #expect(listed.size == 2 && listed.storageClass == "GLACIER" && listed.checksumAlgorithm == "CRC32" && listed.isComposite)
        #expect(listed.owner == "ana" && listed.etag == "etag-cow" && listed.modified == put.modified)
        let changed = try await fixture.store.update(ObjectKey("cow")!, version: nil, in: fixture.bucket) { version in
            version.etag = "other"
            version.contentType = "image/png"
            version.attributes.tags = []
            version.attributes.hasLegalHold = false
        }
        #expect(changed?.modified == put.modified && changed?.etag == "other" && changed?.attributes.tags == [])
        #expect(try await fixture.find("cow") == changed)
        #expect(try await fixture.get("cow") == [1, 2, 3])
        #expect(try await fixture.store.update(ObjectKey("none")!, version: nil, in: fixture.bucket) { _ in } == nil)
        await #expect(throws: Refused.self) {
            _ = try await fixture.store.update(ObjectKey("cow")!, version: nil, in: fixture.bucket) { _ in throw Refused() }
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func bytesAreSharedOrCopiedAndOutliveTheirSource(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect) { $0.packLimit = 1000 }
        for count in [0, 10, 1000, 1001, 300_000] {
            let bytes = StoreFixture.pattern(count, seed: count)
            let source = try await fixture.put("source", bytes)
            let copy = try await fixture.store.put(
                .sharing(source), key: ObjectKey("copy-\(count)")!, in: fixture.bucket, etag: "e", contentType: "",
                attributes: source.attributes)
            try await fixture.delete("source")
            #expect(try await fixture.bytes(copy) == bytes)
            #expect(try await fixture.get("copy-\(count)") == bytes)
        }
        #expect(fixture.files.count == 2)
        // To itself: S3 lets a copy replace its own source to change its attributes.
        let itself = try #require(try await fixture.find("copy-300000"))
        _ = try await fixture.store.put(
            .sharing(itself), key: itself.key, in: fixture.bucket, etag: "e", contentType: "", attributes: itself.attributes)
        #expect(try await fixture.get("copy-300000")?.count == 300_000)
        // What is gone cannot be shared.
        let gone = try #require(try await fixture.find("copy-1001"))
        try await fixture.delete("copy-1001")
        await #expect(throws: SourceGone.self) {
            _ = try await fixture.store.put(
                .sharing(gone), key: ObjectKey("x")!, in: fixture.bucket, etag: "e", contentType: "", attributes: gone.attributes)
        }
        for version in try await fixture.store.listVersions(fixture.bucket, .init()).items {
            try await fixture.delete(version.key.description)
        }
        #expect(try await fixture.files(settlingAt: 0).isEmpty)
    }

    @Test(arguments: SQLDialect.allCases)
    func bucketsAreMadeChangedListedAndDeleted(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        let names = ["alpha", "alpha.beta", "beta", "zeta"].map { BucketName($0)! }
        for (index, name) in names.enumerated() {
            try await fixture.store.createBucket(Bucket(name: name, owner: index.isMultiple(of: 2) ? "even" : "odd", created: 5))
        }
        let exists = await #expect(throws: BucketExists.self) {
            try await fixture.store.createBucket(Bucket(name: names[0], owner: "other", created: 6))
        }
        #expect(exists?.owner == "even")
        func list(_ owner: String?, _ prefix: String, _ after: String?, _ limit: Int) async throws -> [String] {
            try await fixture.store.buckets(owner: owner, prefix: prefix, after: after, limit: limit).map(\.name.description)
        }
        #expect(try await list(nil, "", nil, 10) == ["alpha", "alpha.beta", "beta", "herd", "zeta"])
        #expect(try await list("even", "", nil, 10) == ["alpha", "beta"])
        #expect(try await list(nil, "al", nil, 10) == ["alpha", "alpha.beta"])
        #expect(try await list(nil, "", "beta", 1) == ["herd"])
        let changed = try await fixture.store.updateBucket(names[0]) {
            $0.versioning = .suspended
            $0.documents["policy"] = "{\"Version\": \"é\"}"
        }
        #expect(try await fixture.store.bucket(names[0]) == changed)
        #expect(changed.documents.count == 1 && changed.versioning == .suspended)
        await #expect(throws: ObjectStoreError.noSuchBucket) { try await fixture.store.updateBucket(BucketName("nowhere")!) { _ in } }
        await #expect(throws: ObjectStoreError.noSuchBucket) { try await fixture.store.deleteBucket(BucketName("nowhere")!) }
        try await fixture.put("cow", [1])
        await #expect(throws: BucketNotEmpty.self) { try await fixture.store.deleteBucket(fixture.bucket) }
        try await fixture.delete("cow")
        let upload = try await fixture.store.createUpload(
            ObjectKey("u")!, in: fixture.bucket, contentType: "", attributes: .init(owner: "ana"))
        await #expect(throws: BucketNotEmpty.self) { try await fixture.store.deleteBucket(fixture.bucket) }
        try await fixture.store.abort(upload)
        try await fixture.store.deleteBucket(fixture.bucket)
        #expect(try await fixture.store.bucket(fixture.bucket) == nil)
        await #expect(throws: ObjectStoreError.noSuchBucket) { try await fixture.put("cow", [1]) }
        // Of the same name, with nothing of the old one.
        try await fixture.store.createBucket(Bucket(name: fixture.bucket, owner: "eva", created: 9))
        #expect(try await fixture.store.bucket(fixture.bucket)?.owner == "eva")
    }
}
