import Foundation
import NIOCore
import ObjectStorage
import Persistence
import TestSupport
import Testing

/// `agrovet storage`, as a person at a terminal has it.
@Suite struct StorageCommandTests {
    private func agrovet(_ data: String, _ arguments: String...) async throws -> (status: Int32, output: String, errors: String) {
        let run = try await ChildProcess.run(Executables.agrovet, ["storage"] + arguments + ["--data", data])
        return (run.status, run.output, run.errors)
    }

    @Test func whatIsRottenIsToldAndWhatIsInUseIsNotChanged() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/data"
        try FileManager.default.createDirectory(atPath: data + "/db", withIntermediateDirectories: true)
        let nothing = try await agrovet(data + "-none", "verify")
        #expect(nothing.status == 1 && nothing.errors.contains("holds no storage"))
        let place: PackPlace
        do {
            // This process has the storage, as the server would.
            let fixture = try await StoreFixture(path: data, indexPath: data + "/db/objects.sqlite")
            place = try #require(try await fixture.put("cow", StoreFixture.pattern(1000, seed: 1)).segments[0].place)
            try await fixture.put("calf", StoreFixture.pattern(500, seed: 2))
            let fine = try await agrovet(data, "verify")
            #expect(fine.status == 0 && fine.output.contains("2 blobs with 1500 bytes read, 0 missing or rotten"), "\(fine)")
            let usage = try await agrovet(data, "usage")
            #expect(usage.status == 0 && usage.output.contains("herd") && usage.output.contains("1500 bytes of blobs"), "\(usage)")
            for change in [["gc"], ["verify", "--repair"]] {
                let refused = try await ChildProcess.run(Executables.agrovet, ["storage"] + change + ["--data", data])
                #expect(refused.status == 1 && refused.errors.contains("stop the server for this"), "\(refused)")
            }
            let pack = try FileHandle(forUpdating: URL(fileURLWithPath: data + "/objects/packs/00000001.pack"))
            try pack.seek(toOffset: UInt64(place.offset + 10))
            try pack.write(contentsOf: Data([1, 2, 3, 4]))
            try pack.close()
            let rotten = try await agrovet(data, "verify")
            #expect(rotten.status == 1 && rotten.output.contains("hits herd/cow version null"), "\(rotten)")
            await fixture.database.close()
        }
        _ = try await StoreFixture.takingOver { try FolderLock(folder: data + "/objects") }
        let repaired = try await agrovet(data, "verify", "--repair")
        #expect(repaired.status == 1 && repaired.output.contains("1 missing or rotten"), "\(repaired)")
        let again = try await agrovet(data, "verify")
        #expect(again.status == 1 && again.output.contains("missing "), "\(again)")
        #expect(try await agrovet(data, "gc").status == 0)
    }
}
