import Foundation
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct KillTests {
    /// What the server has acknowledged: id and the bytes' SHA-256 as the record has it.
    private final class Acknowledged: Sendable {
        private let records = Mutex<[String: Data]>([:])
        func add(_ id: String, _ bytes: Data) { records.withLock { $0[id] = bytes } }
        var all: [String: Data] { records.withLock { $0 } }
    }

    /// A photo that differs from every other in what stands behind its end.
    private static func photo(_ number: Int) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg"))) + Data("upload \(number)".utf8)
    }

    @Test(arguments: 1...3)
    func whatWasAcknowledgedSurvivesAKillAndBecomesReady(_ round: Int) async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        let server = try await AgrovetProcess.start(dataFolder: data)
        let client = HTTPTestClient(server)
        let acknowledged = Acknowledged()
        await withTaskGroup(of: Void.self) { group in
            for uploader in 0..<8 {
                group.addTask {
                    for number in 0..<200 {
                        guard let bytes = try? Self.photo(uploader * 1000 + number),
                            let answer = try? await client.upload([("\(uploader)-\(number).jpg", bytes)]), answer.status == 201,
                            let id = answer.json["id"] as? String
                        else { return }
                        acknowledged.add(id, bytes)
                    }
                }
            }
            // In the middle of the storm, at another moment each round; by what was acknowledged, however slow the machine is.
            let deadline = ContinuousClock.now + Patience.usual
            while acknowledged.all.count < 8 + 7 * round, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(3)) }
            await server.kill()
            // The HTTP client would try to connect again for as long as a request may take, and find another test's server there.
            group.cancelAll()
        }
        #expect(acknowledged.all.count > 5, "the storm was one")

        let again = try await AgrovetProcess.start(dataFolder: data)
        let survivor = HTTPTestClient(again)
        #expect(try await again.lastingTemporaryFiles() == [], "no temporary file is left")
        for (id, bytes) in acknowledged.all {
            let record = try await survivor.poll("/api/media/\(id)/") {
                $0.json["status"] as? String != "processing"
            }
            #expect(record.status == 200, "\(id)")
            #expect(record.json["status"] as? String == "ready", "\(id): \(record.text)")
            #expect(try await survivor.get("/media/\(id)/original").body == bytes)
            #expect(try await survivor.get("/media/\(id)/thumb.webp").status == 200)
        }
        // What was stored but not acknowledged has either become a record or is gone.
        let listed = try await survivor.get("/api/media/?page_size=1").json["count"] as? Int ?? 0
        #expect(listed >= acknowledged.all.count)
        #expect(await again.stop() == 0)
    }

    @Test func aServerThatIsAskedToStopEndsWhatIsUnderWay() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        let server = try await AgrovetProcess.start(dataFolder: data)
        let client = HTTPTestClient(server)
        var ids: [String] = []
        for number in 0..<12 {
            ids.append(try #require(try await client.upload([("\(number).jpg", try Self.photo(number))]).json["id"] as? String))
        }
        #expect(await server.stop() == 0)
        let again = try await AgrovetProcess.start(dataFolder: data)
        for id in ids {
            let record = try await HTTPTestClient(again).poll("/api/media/\(id)/") { $0.json["status"] as? String != "processing" }
            #expect(record.json["status"] as? String == "ready")
        }
        #expect(await again.stop() == 0)
    }
}
