import Foundation
import TestSupport
import Testing

/// Objects on another Agrovet, reached by TLS with a certificate of an authority that nobody knows.
@Suite struct UpstreamTLSTests {
    private static let bucket = "below"

    /// An Agrovet with a bucket, and TLS in front of it.
    private struct Upstream {
        let server: AgrovetProcess
        let proxy: PythonServer
        let authority: PrivateAuthority

        init(names: String = "DNS:localhost,IP:127.0.0.1") async throws {
            authority = try await PrivateAuthority()
            server = try await AgrovetProcess.start()
            let port = try #require(server.s3URL.split(separator: ":").last.flatMap { Int($0) })
            proxy = try await TLSProxy.start(try await authority.issue(names), before: port)
            #expect(try await S3TestClient(server).request(.PUT, bucket).status == 200)
        }

        func settings(host: String = "127.0.0.1", trusting path: String) -> [String: String] {
            let key = server.s3RootKey
            return [
                "AGROVET_OBJECT_STORE": "s3", "AGROVET_UPSTREAM_ENDPOINT": "https://\(host):\(proxy.port)",
                "AGROVET_UPSTREAM_BUCKET": bucket, "AGROVET_UPSTREAM_PREFIX": "above", "AGROVET_UPSTREAM_ACCESS_KEY": key.id,
                "AGROVET_UPSTREAM_SECRET_KEY": key.secret, "AGROVET_UPSTREAM_CA_FILE": path, "AGROVET_UPSTREAM_PART_SIZE": "5MiB",
            ]
        }

        func stop() async {
            await proxy.stop()
            await server.stop()
        }
    }

    /// Bytes that compress to nothing less and differ everywhere.
    private static func noise(_ count: Int) -> Data {
        var state: UInt64 = 88_172_645_463_325_252
        return Data(
            (0..<count).map { _ in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return UInt8(truncatingIfNeeded: state >> 24)
            })
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func whatIsStoredLiesOnAnotherAgrovetAndComesBackAfterACrash(host: String) async throws {
        let upstream = try await Upstream()
        let settings = upstream.settings(host: host, trusting: upstream.authority.certificate)
        // Its own, for it outlives the first of both servers.
        let folder = try TemporaryFolder()
        var server = try await AgrovetProcess.start(environment: settings, dataFolder: folder.path + "/storage")
        var s3 = S3TestClient(server)
        // One request, and parts behind one another.
        let (small, large) = (Self.noise(100_000), Self.noise(12 << 20))
        #expect(try await s3.request(.PUT, "herd").status == 200)
        #expect(try await s3.put("herd/small", small).status == 200)
        #expect(try await s3.put("herd/large", large).status == 200)
        let record = try await HTTPTestClient(server).upload(sample: "photo.jpg", headers: ["Prefer": "wait=60"]).json
        #expect(record["status"] as? String == "ready")
        let below = S3TestClient(upstream.server)
        #expect(try await below.keys(of: Self.bucket, prefix: "above/blobs/").count >= 3)

        await server.kill()
        server = try await AgrovetProcess.start(environment: settings, dataFolder: folder.path + "/storage")
        s3 = S3TestClient(server)
        #expect(try await s3.get("herd/small").body == small)
        #expect(try await s3.get("herd/large").body == large)
        let range = try await s3.request(.GET, "herd/large", headers: ["Range": "bytes=5242000-5244000"])
        #expect(range.status == 206)
        #expect(range.body == large[5_242_000...5_244_000])
        for key in ["small", "large"] { #expect(try await s3.request(.DELETE, "herd/\(key)").status == 204) }
        let id = try #require(record["id"] as? String)
        #expect(try await HTTPTestClient(server).request(.DELETE, "/api/media/\(id)/").status == 204)
        let deadline = ContinuousClock.now + Patience.usual
        while try await !below.keys(of: Self.bucket, prefix: "above/blobs/").isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try await below.keys(of: Self.bucket, prefix: "above/blobs/").isEmpty)
        #expect(await server.stop() == 0)
        await upstream.stop()
    }

    @Test func whoIsNotTrustedIsToldOfAtTheStart() async throws {
        let upstream = try await Upstream(names: "DNS:localhost")
        let stranger = try await PrivateAuthority()
        let noCertificate = stranger.folder.path + "/words"
        try "no certificate\n".write(toFile: noCertificate, atomically: true, encoding: .utf8)
        for (settings, expected) in [
            // Another authority; none but those of the system; a certificate for another name; files that are none.
            (upstream.settings(host: "localhost", trusting: stranger.certificate), "its certificate is not trusted"),
            (upstream.settings(host: "localhost", trusting: ""), "its certificate is not trusted"),
            (upstream.settings(host: "127.0.0.1", trusting: upstream.authority.certificate), "its certificate is not trusted"),
            (upstream.settings(host: "localhost", trusting: noCertificate), "upstream-ca-file"),
            (upstream.settings(host: "localhost", trusting: noCertificate + "-not-there"), "upstream-ca-file"),
        ] {
            let folder = try TemporaryFolder()
            let result = try await ChildProcess.run(
                Executables.agrovet, ["serve", "--port", "0", "--s3-port", "0", "--data", folder.path + "/storage"], environment: settings)
            #expect(result.status != 0)
            #expect(result.errors.contains(expected), "\(result.errors)")
            #expect(!result.errors.contains(upstream.server.s3RootKey.secret))
        }
        // Nothing was left with the stranger.
        #expect(try await S3TestClient(upstream.server).keys(of: Self.bucket).isEmpty)
        await upstream.stop()
    }
}
