import Foundation
import ObjectStorage
import Persistence
import TestSupport
import Testing

@Suite struct UpkeepTests {
    /// Changes one byte of a file.
    private static func flip(_ path: String, at offset: Int) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(offset))
        let byte = try #require(try file.read(upToCount: 1))[0]
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data([byte ^ 1]))
        try file.close()
    }

    private func path(_ fixture: StoreFixture, _ version: ObjectVersion) -> (path: String, offset: Int) {
        let segment = version.segments[0]
        guard let place = segment.place else {
            return ("\(fixture.folder.path)/objects/\(segment.sha256.prefix(2))/\(segment.sha256)", 0)
        }
        return (fixture.folder.path + "/objects/packs/" + String(format: "%08d.pack", place.pack), place.offset)
    }

    @Test(arguments: SQLDialect.allCases)
    func aStoreThatIsInOrderIsFine(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect) { $0.packLimit = 1000 }
        for count in [0, 1, 1000, 1001, 400_000] { try await fixture.put("k\(count)", StoreFixture.pattern(count, seed: count)) }
        let report = try await fixture.store.verify()
        #expect(report.isFine && report.orphans.isEmpty)
        #expect(report.blobs == 4 && report.bytes == 402_002)
    }

    @Test(arguments: SQLDialect.allCases)
    func rottenAndMissingBytesAreFoundWithTheObjectsThatTheyHit(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect) { $0.packLimit = 1000 }
        let packed = try await fixture.put("packed", StoreFixture.pattern(500, seed: 1))
        let file = try await fixture.put("file", StoreFixture.pattern(5000, seed: 2))
        let missing = try await fixture.put("missing", StoreFixture.pattern(6000, seed: 3))
        try await fixture.put("fine", [1, 2, 3])
        try await fixture.put("also", StoreFixture.pattern(5000, seed: 2))
        let places = [packed, file].map { path(fixture, $0) }
        for place in places { try Self.flip(place.path, at: place.offset + 100) }
        try FileManager.default.removeItem(atPath: path(fixture, missing).path)
        let orphan = String(repeating: "ab", count: 32)
        try Data([1]).write(to: URL(fileURLWithPath: "\(fixture.folder.path)/objects/ab/\(orphan)"))

        for repair in [false, true] {
            let report = try await fixture.store.verify(repair: repair)
            let found = report.findings.map { "\($0.fault) \($0.victims.compactMap { $0.key?.description }.sorted())" }.sorted()
            #expect(found == ["missing [\"missing\"]", "rotten [\"also\", \"file\"]", "rotten [\"packed\"]"])
            #expect(report.orphans == [orphan] && report.isRepaired == repair)
        }
        // After the repair nobody is given wrong bytes, and what is stored again is whole.
        for key in ["packed", "file", "also"] { await #expect(throws: ObjectStoreError.self) { _ = try await fixture.get(key) } }
        #expect(FileManager.default.fileExists(atPath: fixture.folder.path + "/objects/quarantine/" + file.segments[0].sha256))
        let again = try await fixture.store.verify()
        #expect(again.orphans.isEmpty && again.findings.allSatisfy { $0.fault == .missing })
        try await fixture.put("packed", StoreFixture.pattern(500, seed: 1))
        try await fixture.put("file", StoreFixture.pattern(5000, seed: 2))
        #expect(try await fixture.get("packed") == StoreFixture.pattern(500, seed: 1))
        #expect(try await fixture.get("also") == StoreFixture.pattern(5000, seed: 2))
        try await fixture.delete("missing")
        #expect(try await fixture.store.verify().isFine)
    }

    @Test(arguments: SQLDialect.allCases)
    func packsThatAreMostlyDeadAreGivenUpWhileReadersAndWritersGoOn(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect) { $0.packSize = 20_000 }
        try await fixture.setVersioning(.enabled)
        let count = 200
        var first: [ObjectVersion] = []
        for number in 0..<count {
            first.append(try await fixture.put("k\(number)", StoreFixture.pattern(1000, seed: number)))
        }
        let upload = try await fixture.store.createUpload(
            ObjectKey("film")!, in: fixture.bucket, contentType: "", attributes: .init(owner: "ana"))
        for number in 1...3 {
            try await fixture.store.putPart(
                .staged(try await fixture.stage(StoreFixture.pattern(700, seed: -number))),
                ObjectPart(number: number, size: 700, etag: "e", modified: 1), of: upload)
        }
        #expect(fixture.packs.count > 8)
        // Every fifth stays; of those every tenth lies behind a newer version.
        for number in 0..<count where !number.isMultiple(of: 5) { try await fixture.delete("k\(number)", first[number].versionID) }
        for number in stride(from: 0, to: count, by: 10) { try await fixture.put("k\(number)", [1]) }
        let known = first
        let held = try #require(try await fixture.store.open(first[5], in: fixture.bucket))
        let before = fixture.packs.count

        let garbage = try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for round in 0..<40 {
                        let number = Int.random(in: 0..<count / 5) * 5
                        #expect(try await fixture.get("k\(number)", known[number].versionID) == StoreFixture.pattern(1000, seed: number))
                        try await fixture.put("w\(worker)", StoreFixture.pattern(300, seed: round))
                        #expect(try await fixture.get("w\(worker)") == StoreFixture.pattern(300, seed: round))
                    }
                }
            }
            let garbage = try await fixture.store.collectGarbage()
            try await group.waitForAll()
            return garbage
        }
        #expect(garbage.packs > 4 && garbage.moved > 20 && garbage.bytes > 80_000 && garbage.kept.isEmpty)
        #expect(fixture.packs.count < before)
        for number in stride(from: 0, to: count, by: 5) {
            #expect(try await fixture.get("k\(number)", first[number].versionID) == StoreFixture.pattern(1000, seed: number))
        }
        #expect(try await StoreFixture.bytes(held, 0..<1000) == StoreFixture.pattern(1000, seed: 5), "an open reader goes on")
        let film = try await fixture.store.complete(upload, parts: [1, 2, 3], finish: { _ in ("e", .init(owner: "ana")) })
        #expect(try await fixture.bytes(film) == (1...3).flatMap { StoreFixture.pattern(700, seed: -$0) })
        #expect(try await fixture.store.verify().isFine)
    }

    @Test func garbageIsCollectedAndWhatIsOnItsWayIsNot() async throws {
        let fixture = try await StoreFixture { $0.packLimit = 0 }
        let orphan = String(repeating: "ab", count: 32)
        try Data([1]).write(to: URL(fileURLWithPath: "\(fixture.folder.path)/objects/ab/\(orphan)"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for round in 0..<20 {
                        let bytes = StoreFixture.pattern(100, seed: worker * 100 + round)
                        try await fixture.put("k\(worker)", bytes)
                        #expect(try await fixture.get("k\(worker)") == bytes)
                    }
                }
            }
            for _ in 0..<3 { _ = try await fixture.store.collectGarbage() }
            try await group.waitForAll()
        }
        #expect(try await fixture.files(settlingAt: 4).count == 4)
        #expect(!fixture.files.contains(orphan))
        #expect(try await fixture.store.verify().isFine)
    }

    @Test func aScrubTellsTheSameAtABoundedRate() async throws {
        let fixture = try await StoreFixture()
        let version = try await fixture.put("cow", StoreFixture.pattern(500, seed: 1))
        let place = path(fixture, version)
        try Self.flip(place.path, at: place.offset)
        let seen = Counter()
        let report = try await fixture.store.verify { await seen.add($0) }
        #expect(report.findings.map(\.fault) == [.rotten])
        #expect(await seen.bytes == 500)
    }

    private actor Counter {
        private(set) var bytes = 0
        func add(_ bytes: Int) { self.bytes += bytes }
    }
}
