import Foundation
import TestSupport
import Testing

/// The whole server with its objects on an S3 endpoint that is not ours.
@Suite struct UpstreamTests {
    private func renditions(_ client: HTTPTestClient, _ record: [String: Any]) async throws -> [HTTPTestClient.Answer] {
        var answers: [HTTPTestClient.Answer] = []
        for rendition in try #require(record["renditions"] as? [[String: Any]]) {
            answers.append(try await client.anonymous.get(try #require(rendition["url"] as? String)))
        }
        return answers
    }

    @Test func mediaLiesUpstreamFromItsUploadToItsDeletion() async throws {
        let upstream = try await SeaweedFSServer.shared
        let bucket = try await upstream.makeBucket()
        let environment = upstream.settings(bucket: bucket, prefix: "agrovet")
        // Its own, for it outlives the first of both servers.
        let folder = try TemporaryFolder()
        var server = try await AgrovetProcess.start(environment: environment, dataFolder: folder.path + "/storage")
        var client = HTTPTestClient(server)
        #expect(try await client.get("/health/").text.contains("upstream"))
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        let record = try await client.upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"]).json
        #expect(record["status"] as? String == "ready")
        let original = try #require(record["url"] as? String)
        let range = try await client.get(original, headers: ["Range": "bytes=1000-1999"])
        #expect(range.status == 206)
        #expect(range.body == photo[1000..<2000])
        #expect(try await client.get(original).body == photo)
        #expect(try await renditions(client, record).allSatisfy { $0.status == 200 })
        #expect(try await upstream.client.keys(of: bucket, prefix: "agrovet/blobs/").count == 9)
        let here = FileManager.default.enumerator(atPath: server.dataFolder + "/objects")?.compactMap { $0 as? String } ?? []
        #expect(here.allSatisfy { !$0.contains(record["sha256"] as? String ?? "-") })

        // A crash: what was acknowledged is there, and nothing of it is taken for an orphan.
        await server.kill()
        server = try await AgrovetProcess.start(environment: environment, dataFolder: server.dataFolder)
        client = HTTPTestClient(server)
        let id = try #require(record["id"] as? String)
        #expect(try await client.get("/media/\(id)/original").body == photo)
        #expect(try await client.get("/media/\(id)/small.webp").status == 200)

        #expect(try await client.request(.DELETE, "/api/media/\(id)/").status == 204)
        let deadline = ContinuousClock.now + Patience.usual
        while try await !upstream.client.keys(of: bucket, prefix: "agrovet/blobs/").isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try await upstream.client.keys(of: bucket, prefix: "agrovet/blobs/").isEmpty)
        #expect(await server.stop() == 0)
        #expect(!server.log.contains(SeaweedFSServer.key.secret))
    }

    @Test func whileTheEndpointIsAwayTheAnswerIs503AndAfterwardsAllIsWell() async throws {
        let upstream = try await SeaweedFSServer.start()
        let bucket = try await upstream.makeBucket()
        let environment = upstream.settings(bucket: bucket).merging(["AGROVET_UPSTREAM_RETRIES": "0"]) { $1 }
        let server = try await AgrovetProcess.start(environment: environment)
        let client = HTTPTestClient(server)
        let record = try await client.upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"]).json
        let original = try #require(record["url"] as? String)
        await upstream.kill()
        let refused = try await client.upload(sample: "alpha.png")
        #expect(refused.status == 503)
        #expect(refused["Retry-After"] != nil)
        #expect(refused.json["code"] as? String == "unavailable")
        #expect(try await client.get(original).status == 503)
        #expect(try await client.get("/health/ready/").status == 503)
        #expect(try await client.get("/health/live/").status == 200)
        #expect(try await server.lastingTemporaryFiles().isEmpty)

        let again = try await upstream.again()
        let taken = try await client.upload(sample: "alpha.png", headers: ["Prefer": "wait=30"])
        #expect(taken.json["status"] as? String == "ready")
        #expect(try await client.get(original).status == 200)
        #expect(try await client.get("/health/ready/").status == 200)
        #expect(await server.stop() == 0)
        await again.kill()
    }

    @Test func settingsThatAreNotCompleteAreToldAtTheStart() async throws {
        for (environment, expected) in [
            (["AGROVET_OBJECT_STORE": "s3"], "upstream-endpoint"),
            (
                [
                    "AGROVET_OBJECT_STORE": "s3", "AGROVET_UPSTREAM_ENDPOINT": "http://127.0.0.1:1", "AGROVET_UPSTREAM_BUCKET": "No Bucket",
                    "AGROVET_UPSTREAM_ACCESS_KEY": "x", "AGROVET_UPSTREAM_SECRET_KEY": "hidden-secret",
                ], "upstream-bucket"
            ),
            (["AGROVET_UPSTREAM_ENDPOINT": "ftp://x"], "upstream-endpoint"), (["AGROVET_UPSTREAM_PREFIX": "a//b"], "upstream-prefix"),
        ] {
            let folder = try TemporaryFolder()
            let result = try await ChildProcess.run(
                Executables.agrovet, ["serve", "--port", "0", "--s3-port", "0", "--data", folder.path + "/storage"],
                environment: environment)
            #expect(result.status != 0)
            #expect(result.errors.contains(expected))
            #expect(!result.errors.contains("hidden-secret"))
        }
    }
}
