import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct DiskFullTests {
    @Test func aFullDiskAnswers507LosesNothingAndRecovers() async throws {
        let disk = try await SmallDisk(mebibytes: 24)
        // Room that comes back later.
        let filler = disk.path + "/filler"
        try Data(count: 8 * 1024 * 1024).write(to: URL(fileURLWithPath: filler))
        let server = try await AgrovetProcess.start(dataFolder: disk.path + "/storage")
        let client = HTTPTestClient(server)
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))

        var acknowledged: [String: Data] = [:]
        var refusals = 0
        for number in 0..<400 where refusals < 5 {
            let bytes = photo + Data("photo \(number)".utf8)
            let answer = try await client.upload([("\(number).jpg", bytes)])
            if answer.status == 201 {
                acknowledged[try #require(answer.json["id"] as? String)] = bytes
            } else {
                #expect(answer.status == 507, "\(answer.status) \(answer.text)")
                #expect(answer.json["code"] as? String == "insufficient_storage")
                refusals += 1
            }
        }
        #expect(refusals == 5, "the disk became full")
        #expect(acknowledged.count > 3)
        // Renders are tried again meanwhile, and have a temporary file while they are.
        #expect(try await server.lastingTemporaryFiles() == [], "refused uploads leave nothing")
        for (id, bytes) in acknowledged {
            #expect(try await client.get("/media/\(id)/original").body == bytes)
        }
        #expect(try await client.get("/health/live/").status == 200)
        #expect(try await client.get("/health/ready/").status == 503)

        // Room again: uploads are taken, and what could not be rendered is.
        try FileManager.default.removeItem(atPath: filler)
        #expect(try await client.upload([("later.jpg", photo)]).status == 201)
        for id in acknowledged.keys {
            let record = try await client.poll("/api/media/\(id)/") { $0.json["status"] as? String != "processing" }
            #expect(record.json["status"] as? String == "ready", "\(record.text)")
        }
        #expect(await server.stop() == 0)
        try await disk.unmount()
    }
}
