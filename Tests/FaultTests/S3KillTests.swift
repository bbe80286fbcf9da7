import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct S3KillTests {
    @Test(arguments: 1...3)
    func whatWasAcknowledgedIsWholeAndNothingHalfMadeIsSeen(_ round: Int) async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        let server = try await AgrovetProcess.start(dataFolder: data)
        let client = S3TestClient(server)
        #expect(try await client.request(.PUT, "storm").status == 200)
        let storm = S3Storm(client, bucket: "storm")
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<10 { group.addTask { await storm.rage(worker: worker) } }
            // In the middle of the storm, at another moment each round; by what was acknowledged, however slow the machine is.
            let deadline = ContinuousClock.now + Patience.usual
            while storm.acknowledged < 300 * round + 37, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(2)) }
            await server.kill()
            // The HTTP client would try to connect again for as long as a request may take.
            group.cancelAll()
        }
        #expect(storm.acknowledged > 100, "the storm was one")

        let again = try await AgrovetProcess.start(dataFolder: data)
        let survivor = S3TestClient(again)
        var present: Set<String> = []
        for (key, possible) in storm.expectations {
            let answer = try await survivor.get("storm/\(key)")
            let found = answer.status == 404 ? nil : answer.body
            #expect(answer.status == 200 || answer.status == 404, "\(key): \(answer.status)")
            #expect(possible.contains(found), "\(key): \(found?.count ?? -1) bytes of \(possible.map { $0?.count ?? -1 }) that may be")
            if found != nil { present.insert(key) }
        }
        #expect(present.count > 50)
        #expect(Set(try await survivor.keys(of: "storm")) == present, "what is listed is what can be read")
        #expect(try await again.lastingTemporaryFiles() == [], "no temporary file is left")

        // It works on, on what the crash left.
        let content = S3Storm.content(7, bytes: 10_000)
        #expect(try await survivor.put("storm/after", content).status == 200)
        #expect(try await survivor.get("storm/after").body == content)
        #expect(await again.stop() == 0)
    }
}
