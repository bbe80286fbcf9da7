import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct MemoryTests {
    private static let mebibyte = 1024 * 1024

    @Test func aTwoHundredMegapixelHEICIsRefusedWithTheSettingThatWouldAllowIt() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_RENDER_MEMORY": "256MiB"])
        let answer = try await HTTPTestClient(server).upload(sample: "200-megapixels.heic", headers: ["Prefer": "wait=30"])
        #expect(answer.status == 400, "\(answer.text)")
        let messages = answer.json["file"] as? [String] ?? []
        #expect(messages.contains { $0.contains("AGROVET_RENDER_MEMORY") })
        #expect(server.peakMemory < 200 * Self.mebibyte, "\(server.peakMemory)")
        #expect(await server.stop() == 0)
    }

    @Test func aTwoHundredMegapixelHEICIsRenderedInABudgetThatHoldsIt() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_RENDER_MEMORY": "2GiB"])
        let client = HTTPTestClient(server)
        let answer = try await client.upload(sample: "200-megapixels.heic")
        let id = try #require(answer.json["id"] as? String, "\(answer.text)")
        let record = try await client.poll("/api/media/\(id)/", atMost: .seconds(300)) { $0.json["status"] as? String != "processing" }
        #expect(record.json["status"] as? String == "ready", "\(record.text)")
        #expect(server.peakMemory < 2048 * Self.mebibyte, "\(server.peakMemory)")
        #expect(await server.stop() == 0)
    }

    @Test func manyUploadsAtOnceStayInMemory() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        // 3 MB each: a photo with its bulk behind the end, which is stored and hashed like any other byte.
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        let bulk = Data(count: 3 * 1000 * 1000 - photo.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for connection in 0..<32 {
                group.addTask {
                    for number in 0..<5 {
                        let answer = try await client.upload([("photo.jpg", photo + bulk + Data("\(connection) \(number)".utf8))])
                        #expect(answer.status == 201)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(server.peakMemory < 300 * Self.mebibyte, "\(server.peakMemory / Self.mebibyte) MiB")
        #expect(await server.stop() == 0)
    }

    /// By clients of their own: what this process holds is not the server's.
    @Test func aLargeObjectIsNeverWholeInMemory() async throws {
        let server = try await AgrovetProcess.start()
        let folder = try TemporaryFolder()
        let path = folder.path + "/photo.jpg"
        // A photo with its bulk behind the end, which is stored, hashed and given like any other byte.
        try FileManager.default.copyItem(atPath: Executables.sample("photo.jpg"), toPath: path)
        #expect(truncate(path, 200_000_000) == 0)
        let authorization = "Authorization: Bearer \(server.token)"
        _ = try await HTTPTestClient(server).upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"])
        let before = server.peakMemory
        let sent = try await ChildProcess.run(
            "curl", ["-s", "-H", authorization, "-H", "Expect:", "-F", "file=@\(path)", server.baseURL + "/api/media/"])
        let record = try #require(try JSONSerialization.jsonObject(with: Data(sent.output.utf8)) as? [String: Any], "\(sent.output)")
        #expect(record["size"] as? Int == 200_000_000)
        let id = try #require(record["id"] as? String)
        let got = try await ChildProcess.run(
            "curl", ["-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", server.baseURL + "/media/\(id)/original"])
        #expect(got.output == "200 200000000")
        let after = server.peakMemory
        #expect(after - before < 120_000_000, "\(before / Self.mebibyte) MiB before, \(after / Self.mebibyte) after")
        #expect(await server.stop() == 0)
    }

    @Test func filesAreClosed() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        _ = try await client.upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"])
        let before = server.openFileCount
        for sample in ["photo.jpg", "photo.heic", "not-an-image.jpg", "truncated.jpg", "bomb.png", "animated.gif"] {
            for _ in 0..<5 { _ = try await client.upload(sample: sample, headers: ["Prefer": "wait=30"]) }
        }
        // Connections of the client's pool and the database's readers may come and go; a leak would be dozens, and stay.
        let deadline = ContinuousClock.now + Patience.usual
        while server.openFileCount >= before + 15, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(50)) }
        #expect(server.openFileCount < before + 15, "\(before) open before, \(server.openFileCount) after")
        #expect(await server.stop() == 0)
    }
}
