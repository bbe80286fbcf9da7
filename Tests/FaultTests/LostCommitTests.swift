import Foundation
import TestSupport
import Testing

/// A database that is gone when it was asked to commit may have done so.
@Suite struct LostCommitTests {
    @Test func aRecordThatIsThereAllTheSameKeepsItsBytes() async throws {
        let folder = try TemporaryFolder()
        let database = try await PostgreSQLServer.shared.makeDatabase()
        let url = try #require(URLComponents(string: database))
        let script = Executables.packageRoot + "/Tests/FaultTests/lost_commit.py"
        let proxy = try await PythonServer.start(
            script, ["\(try #require(url.port))", "INSERT INTO media (", folder.path + "/happened"], folder: folder)
        var through = url
        through.port = proxy.port
        let server = try await AgrovetProcess.start(environment: ["AGROVET_DATABASE_URL": try #require(through.string)])
        let client = HTTPTestClient(server)
        let answer = try await client.upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"])
        #expect(FileManager.default.fileExists(atPath: folder.path + "/happened"), "the answer to COMMIT was lost")
        #expect(answer.status == 201 && answer.json["status"] as? String == "ready", "\(answer.text)")
        let list = try await client.get("/api/media/").json["results"] as? [[String: Any]] ?? []
        #expect(list.count == 1)
        for record in list {
            let id = try #require(record["id"] as? String)
            let original = try await client.get("/media/\(id)/original")
            #expect(original.body == (try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))), "\(original.status)")
        }
        #expect(await server.stop() == 0)
        await proxy.stop()
    }
}
