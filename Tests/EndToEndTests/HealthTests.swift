import Foundation
import TestSupport
import Testing

@Suite struct HealthTests {
    @Test func healthTellsOfDatabaseDiskAndQueue() async throws {
        let client = try await SharedServer.client.anonymous
        #expect(try await client.get("/health/live/").status == 200)
        for path in ["/health/", "/health", "/health/ready/"] {
            let answer = try await client.get(path)
            #expect(answer.status == 200)
            let checks = try #require(answer.json["checks"] as? [String: [String: Any]])
            #expect(Set(checks.keys).isSuperset(of: ["database", "disk", "queue"]))
            #expect(checks.values.allSatisfy { $0["status"] as? String == "ok" })
        }
    }

    @Test func aDiskThatIsAlmostFullMakesTheServerNotReady() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_MINIMUM_FREE_DISK": "1000TiB"])
        let client = HTTPTestClient(server)
        let answer = try await client.get("/health/ready/")
        #expect(answer.status == 503)
        #expect((answer.json["checks"] as? [String: [String: Any]])?["disk"]?["status"] as? String == "failed")
        #expect(try await client.get("/health/live/").status == 200)
        #expect(await server.stop() == 0)
    }

    @Test func metricsPassPromtool() async throws {
        let client = try await SharedServer.client
        _ = try await client.upload(sample: "gray.jpg", headers: ["Prefer": "wait=30"])
        let metrics = try await client.get("/metrics")
        #expect(metrics["Content-Type"]?.hasPrefix("text/plain; version=0.0.4") == true)
        let folder = try TemporaryFolder()
        try metrics.body.write(to: URL(fileURLWithPath: folder.path + "/metrics"))
        let check = try await ChildProcess.run("sh", ["-c", "promtool check metrics < '\(folder.path)/metrics'"])
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        for name in [
            "agrovet_http_requests_total", "agrovet_uploads_total", "agrovet_render_duration_seconds_bucket", "agrovet_render_jobs",
        ] {
            #expect(metrics.text.contains(name), "\(name)")
        }
    }

    @Test func logsAreJSONLinesWithRequestIdsAndWithoutSecrets() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        let answer = try await client.request(.GET, "/api/media/?search=geheim", headers: ["X-Request-Id": "test-request-1"])
        #expect(answer["X-Request-Id"] == "test-request-1")
        let lines = server.log.split(separator: "\n")
        for line in lines {
            #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) is [String: Any], "\(line)")
        }
        #expect(lines.contains { $0.contains("test-request-1") && $0.contains("/api/media/") })
        #expect(!server.log.contains(server.token))
        #expect(!server.log.contains("geheim"), "a query may hold a signature, so none is logged")
        #expect(await server.stop() == 0)
    }

    @Test func aLogThatCannotBeWrittenDoesNotEndTheServer() async throws {
        let folder = try TemporaryFolder()
        // Standard error is a full disk.
        let child = try ChildProcess(
            "sh", ["-c", "exec '\(Executables.agrovet)' serve --port 0 --s3-port 0 --data '\(folder.path)/storage' 2> /dev/full"],
            output: folder.path + "/out")
        var base: Substring?
        let deadline = ContinuousClock.now + Patience.usual
        while base == nil, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
            let output = (try? String(contentsOfFile: folder.path + "/out", encoding: .utf8)) ?? ""
            base = output.firstMatch(of: /Open (http:\/\/[0-9.:]+)/)?.output.1
        }
        let client = HTTPTestClient(String(try #require(base)))
        for _ in 0..<3 { #expect(try await client.get("/nowhere").status == 404) }
        child.kill(SIGTERM)
        #expect(await child.wait(atMost: Patience.usual) == 0)
    }
}
