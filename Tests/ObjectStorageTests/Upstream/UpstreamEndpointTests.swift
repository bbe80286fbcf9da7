import ObjectStorage
import Testing

@Suite struct UpstreamEndpointTests {
    @Test(arguments: [
        ("http://127.0.0.1:9000", true, "http://127.0.0.1:9000/bucket/a/b?x=1", "127.0.0.1:9000", "/bucket/a/b"),
        (
            "https://s3.eu-south-2.amazonaws.com/", false, "https://bucket.s3.eu-south-2.amazonaws.com/a/b?x=1",
            "bucket.s3.eu-south-2.amazonaws.com", "/a/b"
        ),
        (
            "https://ref.supabase.co/storage/v1/s3", true, "https://ref.supabase.co/storage/v1/s3/bucket/a/b?x=1", "ref.supabase.co",
            "/storage/v1/s3/bucket/a/b"
        ),
        ("https://minio.internal:443", true, "https://minio.internal/bucket/a/b?x=1", "minio.internal", "/bucket/a/b"),
        ("http://minio.internal:80/", true, "http://minio.internal/bucket/a/b?x=1", "minio.internal", "/bucket/a/b"),
        ("http://[::1]:9000", true, "http://[::1]:9000/bucket/a/b?x=1", "[::1]:9000", "/bucket/a/b"),
    ])
    func requestsAreAddressedAsTheEndpointWantsIt(
        url: String, isPathStyle: Bool, expected: String, authority: String, path: String
    ) throws {
        let endpoint = try #require(UpstreamEndpoint(url, isPathStyle: isPathStyle))
        let request = endpoint.request("GET", bucket: "bucket", key: "a/b", query: "x=1")
        #expect(endpoint.url(of: request) == expected)
        #expect(request.authority == authority)
        #expect(request.path == path)
    }

    @Test func theBucketItselfIsAddressedToo() throws {
        let path = try #require(UpstreamEndpoint("http://h:1"))
        #expect(path.request("GET", bucket: "b", key: "", query: "").path == "/b")
        let host = try #require(UpstreamEndpoint("http://h:1", isPathStyle: false))
        #expect(host.request("GET", bucket: "b", key: "", query: "").path == "/")
    }

    @Test(arguments: [
        "", "127.0.0.1:9000", "ftp://h", "http://", "http:///x", "http://u:p@h", "http://h/x?y=1", "http://h#x", "http://a b",
        "http://:9000",
    ])
    func whatIsNoAddressIsRefused(url: String) { #expect(UpstreamEndpoint(url) == nil) }

    @Test func waitsDoubleUpToTenSecondsAndEnd() {
        let backoff = Backoff(retries: 9)
        let waits = (1...10).map { backoff.wait(before: $0, jitter: 1) }
        #expect(waits.prefix(7) == [200, 400, 800, 1600, 3200, 6400, 10_000].map { .milliseconds($0) }[...])
        #expect(waits[8] == .seconds(10))
        #expect(waits[9] == nil)
        #expect(Backoff(retries: 0).wait(before: 1) == nil)
        for _ in 0..<100 {
            let wait = backoff.wait(before: 1) ?? .zero
            #expect(wait >= .milliseconds(100) && wait <= .milliseconds(200))
        }
    }
}
