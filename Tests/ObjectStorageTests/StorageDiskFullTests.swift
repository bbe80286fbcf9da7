import Foundation
import ObjectStorage
import Persistence
import TestSupport
import Testing

/// A disk that is full: refused changes leave nothing, all others stand, and when there is room again the store goes on.
@Suite(.serialized) struct StorageDiskFullTests {
    private func fill(_ fixture: StoreFixture, size: Int) async throws -> (kept: [String: [UInt8]], refused: [String]) {
        var (kept, refused): ([String: [UInt8]], [String]) = ([:], [])
        for number in 0..<3000 where refused.count < 20 {
            let (key, bytes) = ("\(size)-\(number)", StoreFixture.pattern(size, seed: number))
            do {
                try await fixture.put(key, bytes)
                kept[key] = bytes
            } catch {
                #expect(error as? ObjectStoreError == .diskFull, "\(error)")
                refused.append(key)
            }
        }
        return (kept, refused)
    }

    @Test(arguments: [true, false], [30_000, 1_200_000])
    func aFullDiskIsToldAndRecoveredFrom(_ isIndexOnIt: Bool, _ size: Int) async throws {
        let disk = try await SmallDisk(mebibytes: 16)
        let filler = disk.path + "/filler"
        try Data(count: 4 << 20).write(to: URL(fileURLWithPath: filler))
        let fixture = try await StoreFixture(path: disk.path, indexPath: isIndexOnIt ? disk.path + "/index.sqlite" : nil)
        let (kept, refused) = try await fill(fixture, size: size)
        #expect(refused.count == 20 && kept.count > 3)
        for key in refused { #expect(try await fixture.find(key) == nil) }
        for (key, bytes) in kept { #expect(try await fixture.get(key) == bytes) }
        // Room again.
        try FileManager.default.removeItem(atPath: filler)
        for number in 0..<2 {
            try await fixture.put("later-\(number)", StoreFixture.pattern(size, seed: -1 - number))
            #expect(try await fixture.get("later-\(number)") == StoreFixture.pattern(size, seed: -1 - number))
        }
        for (key, bytes) in kept { #expect(try await fixture.get(key) == bytes) }
        let report = try await fixture.store.verify()
        #expect(report.isFine && report.orphans.isEmpty)
        #expect(report.blobs == kept.count + 2)
        // And what is deleted gives its room back.
        for key in kept.keys { try await fixture.delete(key) }
        _ = try await fixture.store.collectGarbage(deadShare: 0.01)
        await fixture.database.close()
        try await disk.unmount()
    }
}
