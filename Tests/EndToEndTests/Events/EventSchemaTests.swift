import Foundation
import TestSupport
import Testing

/// `GET /api/events/schema/`: by public tools, and against what the server really tells.
@Suite struct EventSchemaTests {
    private func check(_ document: String, _ events: [String]) async throws -> (status: Int32, output: String, errors: String) {
        let folder = try TemporaryFolder()
        let python = try await PythonEnvironment.interpreter(with: ["asyncapi3==0.0.2", "jsonschema==4.23.0"])
        try document.write(toFile: folder.path + "/document.json", atomically: true, encoding: .utf8)
        try events.joined(separator: "\n").write(toFile: folder.path + "/events", atomically: true, encoding: .utf8)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/asyncapi_check.py"
        return try await ChildProcess.run(python, [script, folder.path + "/document.json", folder.path + "/events"])
    }

    @Test func theDocumentIsAsyncAPIAndEveryEventIsAsItSays() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        let id = try #require(try await client.upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"]).json["id"] as? String)
        _ = try await client.upload(sample: "video.mp4", headers: ["Prefer": "wait=60"])
        _ = try await client.send(.PATCH, "/api/media/\(id)/", json: #"{"title":"Vaca","visibility":"private"}"#)
        _ = try await client.request(.DELETE, "/api/media/\(id)/")

        let answer = try await client.anonymous.get("/api/events/schema/")
        #expect(answer.status == 200)
        #expect(answer["Content-Type"] == "application/json")
        #expect(answer.json["asyncapi"] as? String == "3.0.0")
        let stream = try #require((answer.json["servers"] as? [String: [String: Any]])?["stream"])
        #expect("http://\(stream["host"] as? String ?? "")" == server.baseURL)

        func tail() async throws -> String {
            let result = try await ChildProcess.run(
                Executables.agrovet, ["events", "tail", "media.events", "--from", "beginning", "--json", "--data", server.dataFolder])
            #expect(result.status == 0, "\(result.errors)")
            return result.output
        }
        // What an answer tells of gets into the topic a moment later.
        var told = try await tail()
        let deadline = ContinuousClock.now + Patience.usual
        while !told.split(separator: "\n").contains(where: { $0.contains("media.deleted") && $0.contains(id) }),
            ContinuousClock.now < deadline
        {
            try await Task.sleep(for: .milliseconds(200))
            told = try await tail()
        }
        let events = try told.split(separator: "\n").map { line in
            let json = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            return String(decoding: try JSONSerialization.data(withJSONObject: try #require(json["event"])), as: UTF8.self)
        }
        #expect(events.count >= 6)
        let result = try await check(answer.text, events)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("\(events.count) events"))

        // The check finds what is wrong.
        let broken = events.map { $0.replacing("\"visibility\":\"public\"", with: "\"visibility\":\"everybody\"") }
        #expect(try await check(answer.text, broken).status != 0)
        #expect(try await check(answer.text.replacing("\"action\":\"send\"", with: "\"action\":\"shout\""), events).status != 0)
        #expect(await server.stop() == 0)
    }
}
