import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct S3DiskFullTests {
    @Test func aFullDiskRefusesWithACodeLosesNothingAndRecovers() async throws {
        let disk = try await SmallDisk(mebibytes: 40)
        // Room that comes back later.
        let filler = disk.path + "/filler"
        try Data(count: 16 * 1024 * 1024).write(to: URL(fileURLWithPath: filler))
        let server = try await AgrovetProcess.start(dataFolder: disk.path + "/storage")
        let client = S3TestClient(server)
        #expect(try await client.request(.PUT, "full").status == 200)

        // Small ones, which are packed together, and large ones, which are files of their own.
        var acknowledged: [String: Data] = [:]
        var refusals = 0
        for number in 0..<4000 where refusals < 12 {
            let content = S3Storm.content(number, bytes: number % 3 == 0 ? 700_000 : 20_000)
            let answer = try await client.put("full/\(number)", content)
            if answer.status == 200 {
                acknowledged["\(number)"] = content
            } else {
                #expect(answer.status == 507, "\(answer.status) \(answer.text)")
                #expect(answer.s3Code == "InsufficientStorage")
                refusals += 1
            }
        }
        #expect(refusals == 12, "the disk became full")
        #expect(acknowledged.count > 10)
        #expect(try await server.lastingTemporaryFiles() == [], "refused uploads leave nothing")
        for (key, content) in acknowledged { #expect(try await client.get("full/\(key)").body == content, "\(key)") }
        #expect(Set(try await client.keys(of: "full")) == Set(acknowledged.keys))

        // Room again: objects are taken, and survive the server.
        try FileManager.default.removeItem(atPath: filler)
        for number in 0..<6 {
            let content = S3Storm.content(number, bytes: number % 2 == 0 ? 700_000 : 20_000)
            let answer = try await client.put("full/later-\(number)", content)
            #expect(answer.status == 200, "\(answer.status) \(answer.text)")
            acknowledged["later-\(number)"] = content
        }
        #expect(await server.stop() == 0)
        let again = try await AgrovetProcess.start(dataFolder: disk.path + "/storage")
        let survivor = S3TestClient(again)
        for (key, content) in acknowledged { #expect(try await survivor.get("full/\(key)").body == content, "\(key)") }
        #expect(await again.stop() == 0)
        try await disk.unmount()
    }
}
