import Foundation
import TestSupport
import Testing

/// Renditions on disk are bounded, and made again when they are asked for.
@Suite struct RenditionEvictionTests {
    private func upload(_ client: HTTPTestClient, _ sample: String) async throws -> (id: String, bytes: Int) {
        let record = try await client.upload(sample: sample, headers: ["Prefer": "wait=30"]).json
        let renditions = try #require(record["renditions"] as? [[String: Any]])
        return (try #require(record["id"] as? String), renditions.reduce(0) { $0 + ($1["size"] as? Int ?? 0) })
    }

    /// Names of an item's renditions that are not on disk, such as `small.webp`.
    private func evicted(_ id: String, _ server: AgrovetProcess) async throws -> Set<String> {
        let script = """
            import sqlite3, sys
            with sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, timeout=30) as base:
                for preset, format in base.execute("SELECT preset, format FROM renditions WHERE kept = 0 AND media_id = ?", (sys.argv[2],)):
                    print(f"{preset}.{dict(jpeg='jpg').get(format, format)}")
            """
        let result = try await ChildProcess.run("python3", ["-c", script, server.dataFolder + "/db/media.sqlite", id])
        try #require(result.status == 0, "\(result.errors)")
        return Set(result.output.split(separator: "\n").map(String.init))
    }

    private func metric(_ name: String, _ client: HTTPTestClient) async throws -> Int {
        let text = try await client.get("/metrics").text
        return text.split(separator: "\n").first { $0.hasPrefix(name + " ") }.flatMap { Int($0.dropFirst(name.count + 1)) } ?? 0
    }

    @Test func theLeastRecentlyUsedGoAndAreMadeAgainOnce() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        var server = try await AgrovetProcess.start(dataFolder: data)
        var client = HTTPTestClient(server)
        let first = try await upload(client, "photo.jpg")
        var tags: [String: String] = [:]
        for preset in ["thumb", "small", "medium", "large"] {
            for file in ["\(preset).webp", "\(preset).jpg"] {
                tags[file] = try #require(try await client.anonymous.get("/media/\(first.id)/\(file)")["ETag"])
            }
        }
        func told() async throws -> [String] {
            let renditions = try await client.get("/api/media/\(first.id)/").json["renditions"] as? [[String: Any]] ?? []
            return renditions.map { rendition in
                ["name", "format", "width", "height", "size"].map { "\(rendition[$0] ?? "")" }.joined(separator: " ")
            }
        }
        let before = try await told()
        #expect(await server.stop() == 0)

        // Room for half of it.
        server = try await AgrovetProcess.start(
            arguments: ["--set", "rendition-cache-size=\(first.bytes / 2)", "--set", "delivery-recheck=0s"], dataFolder: data)
        client = HTTPTestClient(server)
        _ = try await client.poll("/metrics") { $0.text.contains("agrovet_renditions_evicted_total") }
        let gone = try await evicted(first.id, server)
        #expect(!gone.isEmpty)
        #expect(try await told() == before, "the record tells the same")
        let original = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        #expect(try await client.anonymous.get("/media/\(first.id)/original").body == original, "originals stay")

        // Made again, once for all who ask, and the same as it was.
        let name = gone.contains("medium.webp") ? "medium.webp" : try #require(gone.min())
        let reader = client.anonymous
        let answers = try await withThrowingTaskGroup(of: HTTPTestClient.Answer.self) { group in
            for _ in 0..<100 { group.addTask { try await reader.get("/media/\(first.id)/\(name)") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 200 })
        #expect(Set(answers.map(\.body)).count == 1)
        #expect(answers[0]["ETag"] == tags[name], "\(name)")
        #expect(try await metric("agrovet_renditions_on_request_total", client) == 1)

        // What is used stays, what is not used goes, when others come.
        let second = try await upload(client, "alpha.png")
        #expect(second.bytes > 0)
        let evictions = try await metric("agrovet_renditions_evicted_total", client)
        _ = try await client.poll("/metrics") { answer in
            let line = answer.text.split(separator: "\n").first { $0.hasPrefix("agrovet_renditions_evicted_total ") }
            return (line?.split(separator: " ").last.flatMap { Int($0) } ?? 0) >= evictions
        }
        for (file, tag) in tags {
            let answer = try await client.anonymous.get("/media/\(first.id)/\(file)")
            #expect(answer.status == 200 && answer["ETag"] == tag, "\(file) is for ever")
        }
        #expect(try await told() == before, "the record tells the same")
        #expect(await server.stop() == 0)
    }

    @Test func itIsTheSameOnPostgreSQL() async throws {
        let url = try await PostgreSQLServer.shared.makeDatabase()
        let server = try await AgrovetProcess.start(
            arguments: ["--set", "rendition-cache-size=50kB"], environment: ["AGROVET_DATABASE_URL": url])
        let client = HTTPTestClient(server)
        let id = try await upload(client, "photo.jpg").id
        let metrics = try await client.poll("/metrics") { $0.text.contains("agrovet_renditions_evicted_total") }
        #expect(metrics.text.contains("agrovet_renditions_evicted_total"))
        for preset in ["thumb", "small", "medium", "large"] {
            #expect(try await client.anonymous.get("/media/\(id)/\(preset).webp").status == 200, "\(preset)")
        }
        #expect(await server.stop() == 0)
    }

    @Test func moreThanTheLimitAtOnceAreAskedToComeBack() async throws {
        let server = try await AgrovetProcess.start(arguments: ["--set", "rendition-renders=1"])
        let client = HTTPTestClient(server)
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        var refused: [HTTPTestClient.Answer] = []
        var paths: [String] = []
        // On a busy machine the requests may come one after the other, each when the last has been answered: then again.
        for attempt in 0..<20 where refused.isEmpty {
            // What follows a picture's end makes it another file.
            let record = try await client.upload([("photo.jpg", photo + Data("\(attempt)".utf8))], headers: ["Prefer": "wait=30"]).json
            let id = try #require(record["id"] as? String)
            // PNG is not among what the plan promises.
            paths = ["thumb", "small", "medium", "large"].map { "/media/\(id)/\($0).png" }
            let answers = try await withThrowingTaskGroup(of: HTTPTestClient.Answer.self) { [paths] group in
                for path in paths { for _ in 0..<5 { group.addTask { try await client.anonymous.get(path) } } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.status)).isSubset(of: [200, 503]))
            refused = answers.filter { $0.status == 503 }
        }
        #expect(!refused.isEmpty && refused.allSatisfy { $0["Retry-After"] == "1" && $0.json["code"] as? String == "busy" })
        for path in paths { #expect(try await client.anonymous.poll(path) { $0.status == 200 }.status == 200) }
        #expect(try await client.get("/metrics").text.contains("agrovet_renditions_refused_total \(refused.count)"))
        #expect(await server.stop() == 0)
    }

    @Test func aTransformThatHasGoneFromTheCacheIsMadeAgain() async throws {
        let server = try await AgrovetProcess.start(
            arguments: ["--set", "transform-unsigned=true", "--set", "delivery-cache-bytes=0"])
        let client = HTTPTestClient(server)
        let path = "/img/unsigned/w:80/\(try await upload(client, "photo.jpg").id).webp"
        let first = try await client.anonymous.get(path)
        #expect(first.status == 200)
        // Between the look at what is kept and the opening of the file, as far as the server can tell.
        let cache = server.dataFolder + "/cache"
        for file in try FileManager.default.subpathsOfDirectory(atPath: cache) where file.hasSuffix(".webp") {
            try FileManager.default.removeItem(atPath: cache + "/" + file)
        }
        let again = try await client.anonymous.get(path)
        #expect(again.status == 200 && again.body == first.body)
        #expect(try await metric(#"agrovet_transforms_rendered_total{format="webp"}"#, client) == 2)
        #expect(await server.stop() == 0)
    }
}
