import Foundation
import ObjectStorage
import Persistence
import TestSupport
import Testing

@Suite struct PackTests {
    @Test func smallBlobsShareAFileAndLargeOnesDoNot() async throws {
        let fixture = try await StoreFixture { $0.packLimit = 1000 }
        let small = try await fixture.put("small", StoreFixture.pattern(1000, seed: 1))
        let large = try await fixture.put("large", StoreFixture.pattern(1001, seed: 2))
        #expect(small.segments[0].place != nil && large.segments[0].place == nil)
        #expect(fixture.files == [large.segments[0].sha256] && fixture.packs.count == 1)
        let reader = try #require(try await fixture.store.open(small, in: fixture.bucket))
        let (descriptor, offset) = try #require(try reader.openDescriptor(10..<20))
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 10)
        #expect(pread(descriptor, &bytes, 10, off_t(offset)) == 10)
        #expect(bytes == Array(StoreFixture.pattern(1000, seed: 1)[10..<20]))
    }

    @Test func bytesOfUnknownLengthSpillIntoAFileWhenTheyBecomeMany() async throws {
        let fixture = try await StoreFixture { $0.packLimit = 100_000 }
        for count in [99_999, 100_000, 100_001, 500_000] {
            let bytes = StoreFixture.pattern(count, seed: count)
            let writer = try await fixture.store.stage(size: nil)
            for start in stride(from: 0, to: count, by: 7_000) {
                try await writer.write(.init(bytes: bytes[start..<min(count, start + 7_000)]))
            }
            let blob = try await writer.finish()
            #expect(blob.size == count)
            _ = try await fixture.store.put(
                .staged(blob), key: ObjectKey("\(count)")!, in: fixture.bucket, etag: "", contentType: "", attributes: .init(owner: ""))
            #expect(try await fixture.get("\(count)") == bytes)
        }
        #expect(fixture.files.count == 2 && fixture.temporaryFiles.isEmpty)
    }

    @Test func withMemoryShortBlobsAreFiles() async throws {
        let fixture = try await StoreFixture { $0.stagingMemory = 2500 }
        var blobs: [any StagedBlob] = []
        for seed in 0..<4 { blobs.append(try await fixture.stage(StoreFixture.pattern(1000, seed: seed))) }
        #expect(fixture.temporaryFiles.count == 2)
        for (seed, blob) in blobs.enumerated() {
            _ = try await fixture.store.put(
                .staged(blob), key: ObjectKey("\(seed)")!, in: fixture.bucket, etag: "", contentType: "", attributes: .init(owner: ""))
            #expect(try await fixture.get("\(seed)") == StoreFixture.pattern(1000, seed: seed))
        }
        blobs = []
        // What was taken is given back, by a commit, a discard, and by letting go.
        for way in 0..<9 {
            let writer = try await fixture.store.stage(size: 2500)
            try await writer.write(.init(repeating: 1, count: 2500))
            #expect(fixture.temporaryFiles.isEmpty)
            switch way % 3 {
            case 0: await writer.cancel()
            case 1: await (try await writer.finish()).discard()
            default: break
            }
        }
    }

    @Test func packsRollAndGoOnAfterARestart() async throws {
        let folder: TemporaryFolder
        var versions: [ObjectVersion] = []
        do {
            let fixture = try await StoreFixture { $0.packSize = 10_000 }
            folder = fixture.folder
            for number in 0..<30 { versions.append(try await fixture.put("k\(number)", StoreFixture.pattern(1000, seed: number))) }
            #expect(fixture.packs.count == 3)
            await fixture.database.close()
        }
        // A write that a crash cut off.
        let last = try FileHandle(forUpdating: URL(fileURLWithPath: folder.path + "/objects/packs/00000003.pack"))
        try last.seekToEnd()
        try last.write(contentsOf: Data("AGROBLOB torn".utf8))
        try last.close()
        let fixture = try await StoreFixture(folder: folder) { $0.packSize = 10_000 }
        for number in 30..<60 { versions.append(try await fixture.put("k\(number)", StoreFixture.pattern(1000, seed: number))) }
        #expect(fixture.packs.count == 6)
        for (number, version) in versions.enumerated() {
            #expect(try await fixture.bytes(version) == StoreFixture.pattern(1000, seed: number))
        }
        #expect(try await fixture.store.verify().isFine)
    }

    @Test func manyWhoPutAtOnceAllGetTheirOwn() async throws {
        let fixture = try await StoreFixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<32 {
                group.addTask {
                    for round in 0..<30 {
                        let bytes = StoreFixture.pattern(Int.random(in: 1...9000), seed: worker * 1000 + round)
                        let version = try await fixture.put("\(worker)", bytes)
                        #expect(try await fixture.get("\(worker)") == bytes, "what was acknowledged is read")
                        #expect(version.size == bytes.count)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.store.usage(fixture.bucket).versions == 32)
        let report = try await fixture.store.verify()
        #expect(report.isFine && report.blobs == 32)
    }
}
