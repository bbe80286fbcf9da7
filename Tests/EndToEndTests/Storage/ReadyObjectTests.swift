import Foundation
import TestSupport
import Testing

/// Objects that are answered on the connection's own thread are answered as those that go the usual way, and no more is answered there
/// than may be.
@Suite struct ReadyObjectTests {
    /// What no two answers have in common.
    private static let own: Set<String> = ["date", "x-amz-request-id", "x-amz-id-2", "server", "connection"]

    private func told(_ answer: HTTPTestClient.Answer) -> [String] {
        ["\(answer.status)"]
            + answer.headers.map { ($0.name.lowercased(), $0.value) }.filter { !Self.own.contains($0.0) }
            .map { "\($0.0): \($0.1)" }.sorted()
    }

    private func ready(_ server: AgrovetProcess) async throws -> Int {
        let text = try await HTTPTestClient(server).get("/metrics").text
        return text.split(separator: "\n").filter { $0.hasPrefix("agrovet_ready_answers_total{route=\"s3:") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    }

    @Test func bothWaysSayTheSame() async throws {
        let server = try await AgrovetProcess.start()
        let client = S3TestClient(server)
        for bucket in ["ready", "versions"] { #expect(try await client.request(.PUT, bucket).status == 200) }
        let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        #expect(try await client.request(.PUT, "versions", query: "versioning=", body: Data(enabled.utf8)).status == 200)
        func bytes(_ count: Int) -> Data { Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }) }
        let described = [
            "Content-Type": "text/plain", "Cache-Control": "max-age=5", "x-amz-meta-Colour": "verde", "x-amz-storage-class": "STANDARD_IA",
            "x-amz-tagging": "a=b&c=d", "Content-Disposition": "attachment",
        ]
        let objects: [(String, Data, [String: String])] = [
            ("ready/small", bytes(4096), [:]), ("ready/described", bytes(100), described), ("ready/empty", Data(), [:]),
            ("ready/packed", bytes(100_000), [:]), ("ready/file", bytes(3_000_000), [:]), ("versions/ñandú + más", bytes(10), [:]),
            ("ready/sealed", bytes(5000), ["x-amz-server-side-encryption": "AES256"]),
        ]
        for (path, content, headers) in objects {
            #expect(try await client.put(path, content, headers: headers).status == 200, "\(path)")
            // Some are first read from the index.
            #expect(try await client.get(path, query: "x-id=GetObject").body == content)
        }
        let before = try await ready(server)
        var asked = 0
        for (path, content, _) in objects {
            let etag = try #require(try await client.request(.HEAD, path, query: "x-id=HeadObject")["ETag"])
            for headers in [
                [:], ["Range": "bytes=2-5"], ["Range": "bytes=-3"], ["Range": "bytes=99999999-"], ["If-None-Match": etag],
                ["If-None-Match": "\"other\""], ["If-Match": "\"other\""], ["x-amz-checksum-mode": "ENABLED"],
                ["x-amz-expected-bucket-owner": "nobody"], ["If-Modified-Since": "Wed, 21 Oct 2099 07:28:00 GMT"],
                ["Origin": "https://example.com"],
            ] as [[String: String]] {
                for isHEAD in [false, true] {
                    let usual = try await client.request(isHEAD ? .HEAD : .GET, path, query: "x-id=1", headers: headers)
                    let other = try await client.request(isHEAD ? .HEAD : .GET, path, headers: headers)
                    #expect(told(other) == told(usual), "\(isHEAD ? "HEAD" : "GET") \(path) \(headers)")
                    if other.status < 300, !isHEAD {
                        #expect(other.body == usual.body, "\(path) \(headers)")
                        if headers.isEmpty { #expect(other.body == content) }
                    }
                    asked += 1
                }
            }
        }
        // All but the sealed one's, those that ask for a condition of writing or for another origin's sake, and the refused.
        let given = try await ready(server) - before
        #expect(given > asked / 2 && given < asked, "\(given) of \(asked)")
        #expect(await server.stop() == 0)
    }

    /// Lists of folders are answered there once they are in memory, as the usual way answers them, and never by what was.
    @Test func bothWaysListTheSame() async throws {
        let server = try await AgrovetProcess.start()
        let client = S3TestClient(server)
        #expect(try await client.request(.PUT, "listed").status == 200)
        for key in ["a/1", "a/2", "b & c/ñ", "b & c/d/e", "top"] {
            #expect(try await client.put("listed/" + key, Data("x".utf8)).status == 200)
        }
        let queries = [
            "delimiter=%2F", "delimiter=%2F&list-type=2", "delimiter=%2F&encoding-type=url&list-type=2&max-keys=1",
            "delimiter=%2F&fetch-owner=true&list-type=2&prefix=b%20%26%20c%2F", "delimiter=%2F&list-type=2&start-after=a%2F",
            "delimiter=%2F&list-type=2&max-keys=0", "delimiter=%2F&list-type=2&max-keys=x", "delimiter=%2F&marker=b&max-keys=2",
            "list-type=2", "delimiter=%2F&list-type=2&prefix=nothing%2F", "delimiter=1&list-type=2",
        ]
        let before = try await ready(server)
        for round in 0..<2 {
            for query in queries {
                for headers in [[:], ["Origin": "https://example.com"], ["x-amz-expected-bucket-owner": "nobody"]] {
                    let usual = try await client.request(.GET, "listed", query: query + "&x-id=1", headers: headers)
                    let other = try await client.request(.GET, "listed", query: query, headers: headers)
                    #expect(told(other) == told(usual), "\(query) \(headers)")
                    if other.status == 200 { #expect(other.text == usual.text, "\(query) \(headers)") }
                }
            }
            // What changes between is told by both.
            if round == 0 { #expect(try await client.put("listed/c/1", Data()).status == 200) }
        }
        let given = try await ready(server) - before
        #expect(given >= 10 && given < 2 * queries.count, "\(given)")

        let list = "delimiter=%2F&list-type=2"
        for number in 0..<20 {
            #expect(try await client.put("listed/new\(number)/a", Data()).status == 200)
            #expect(try await client.request(.GET, "listed", query: list).text.contains("<Prefix>new\(number)/</Prefix>"))
            #expect(try await client.request(.DELETE, "listed/new\(number)/a").status == 204)
            #expect(try await !client.request(.GET, "listed", query: list).text.contains("new\(number)"))
        }
        #expect(try await HTTPTestClient(server.s3URL).anonymous.get("/listed?" + list).status == 403)
        #expect(await server.stop() == 0)
    }

    @Test func whoMayNotReadIsRefusedAndWhatHasGoneIsGone() async throws {
        let server = try await AgrovetProcess.start()
        let client = S3TestClient(server)
        #expect(try await client.request(.PUT, "guarded").status == 200)
        #expect(try await client.put("guarded/a", Data("first".utf8)).status == 200)
        #expect(try await client.get("guarded/a").text == "first")
        let root = server.s3RootKey
        let forged = S3TestClient(server, key: S3KeyPair(id: root.id, secret: String(root.secret.reversed())))
        #expect(try await forged.get("guarded/a").s3Code == "SignatureDoesNotMatch")
        let unknown = S3TestClient(server, key: S3KeyPair(id: "AKIDNOBODY0000000000", secret: root.secret))
        #expect(try await unknown.get("guarded/a").s3Code == "InvalidAccessKeyId")
        let anonymous = try await HTTPTestClient(server.s3URL).anonymous.get("/guarded/a")
        #expect(anonymous.status == 403 && anonymous.s3Code == "AccessDenied")

        #expect(try await client.put("guarded/a", Data("second".utf8)).status == 200)
        #expect(try await client.get("guarded/a").text == "second")
        #expect(try await client.request(.DELETE, "guarded/a").status == 204)
        #expect(try await client.get("guarded/a").s3Code == "NoSuchKey")

        // Open to everybody, and closed again.
        #expect(try await client.put("guarded/b", Data("open".utf8)).status == 200)
        let policy = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",\
            "Resource":"arn:aws:s3:::guarded/*"}]}
            """
        _ = try await client.request(.DELETE, "guarded", query: "publicAccessBlock=")
        #expect(try await client.request(.PUT, "guarded", query: "policy=", body: Data(policy.utf8)).status == 204)
        for _ in 0..<3 { #expect(try await HTTPTestClient(server.s3URL).anonymous.get("/guarded/b").text == "open") }
        #expect(try await client.request(.DELETE, "guarded", query: "policy=").status == 204)
        #expect(try await HTTPTestClient(server.s3URL).anonymous.get("/guarded/b").status == 403)
        #expect(await server.stop() == 0)
    }
}
