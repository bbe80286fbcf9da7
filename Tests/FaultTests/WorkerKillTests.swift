import Foundation
import TestSupport
import Testing

@Suite struct WorkerKillTests {
    /// The codec workers of a server.
    private func workers(of server: AgrovetProcess) async throws -> [pid_t] {
        let children = try await ChildProcess.run("pgrep", ["-P", "\(server.processID)", "-f", "codec-worker"])
        return children.output.split(separator: "\n").compactMap { pid_t($0) }
    }

    @Test func killingWorkersInALoopWhileUploadsComeLosesNone() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        let killer = Task {
            var killed = 0
            // Fewer rounds than the tries of a job, however slow the machine is.
            for _ in 0..<8 where !Task.isCancelled {
                for worker in try await workers(of: server) where kill(worker, SIGKILL) == 0 { killed += 1 }
                try? await Task.sleep(for: .milliseconds(300))
            }
            return killed
        }
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<30 {
                group.addTask {
                    let answer = try await client.upload([("\(number).jpg", photo + Data("\(number)".utf8))])
                    #expect(answer.status == 201, "\(answer.text)")
                    return answer.json["id"] as? String ?? ""
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for id in ids {
            let record = try await client.poll("/api/media/\(id)/", atMost: .seconds(120)) { $0.json["status"] as? String != "processing" }
            #expect(record.json["status"] as? String == "ready", "\(record.text)")
        }
        killer.cancel()
        #expect(try await killer.value > 2, "workers were killed")
        #expect(await server.stop() == 0)
        #expect(try await workers(of: server).isEmpty, "no worker outlives the server")
    }

    @Test func workersEndWithAServerThatIsKilled() async throws {
        let server = try await AgrovetProcess.start()
        _ = try await HTTPTestClient(server).upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"])
        let orphans = try await workers(of: server)
        #expect(!orphans.isEmpty)
        await server.kill()
        let deadline = ContinuousClock.now + .seconds(10)
        while orphans.contains(where: { kill($0, 0) == 0 }), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        #expect(orphans.allSatisfy { kill($0, 0) != 0 })
    }
}
