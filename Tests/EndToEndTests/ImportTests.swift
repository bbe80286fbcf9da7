import Foundation
import TestSupport
import Testing

/// `POST /api/media/import/` against a real web server on this machine, which the setting `import-allow` permits.
@Suite struct ImportTests {
    private func run(
        allow: String = "127.0.0.1", _ settings: [String] = [], _ body: (AgrovetProcess, HTTPTestClient, ImportSource) async throws -> Void
    ) async throws {
        let source = try await ImportSource.start()
        var arguments = ["--set", "import-ports=80,443,\(source.port)"]
        for setting in settings + (allow.isEmpty ? [] : ["import-allow=\(allow)"]) { arguments += ["--set", setting] }
        let server = try await AgrovetProcess.start(arguments: arguments)
        do {
            try await body(server, HTTPTestClient(server), source)
        } catch {
            await server.stop()
            await source.stop()
            throw error
        }
        #expect(try await server.lastingTemporaryFiles() == [], "nothing half fetched stays")
        #expect(await server.stop() == 0)
        await source.stop()
    }

    private func take(_ client: HTTPTestClient, _ url: String, _ more: String = "") async throws -> HTTPTestClient.Answer {
        try await client.send(.POST, "/api/media/import/", json: #"{"url": "\#(url)"\#(more)}"#)
    }

    private func message(_ answer: HTTPTestClient.Answer) -> String { (answer.json["url"] as? [String])?.first ?? "" }

    @Test func aPhotoIsFetchedAndTakenInLikeAnUpload() async throws {
        try await run { _, client, source in
            let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
            let answer = try await take(
                client, source.url + "/photo.jpg?size=large",
                #", "title": "Vaca", "alt": "Una vaca", "visibility": "private", "purpose": "ad""#)
            #expect(answer.status == 201, "\(answer.text)")
            let record = answer.json
            let id = try #require(record["id"] as? String)
            #expect(answer["Location"] == "\(client.baseURL)/api/media/\(id)/")
            #expect(record["filename"] as? String == "photo.jpg")
            #expect(record["title"] as? String == "Vaca")
            #expect(record["alt"] as? String == "Una vaca")
            #expect(record["visibility"] as? String == "private")
            #expect(record["purpose"] as? String == "ad")
            #expect(try await client.get("/media/\(id)/original").body == photo)
            // Through redirects, and by the name that the server there gives.
            let hop = source.url + "/to?" + (source.url + "/to?/named").urlQueryEncoded
            let redirected = try await take(client, hop)
            #expect(redirected.status == 201, "\(redirected.text)")
            #expect(redirected.json["filename"] as? String == "caballo.jpg")
        }
    }

    @Test func nothingOfThisMachineOrItsNetworkIsFetchedWithoutAnException() async throws {
        try await run(allow: "") { server, client, source in
            let words = message(try await take(client, "http://does-not-exist.invalid/"))
            #expect(!words.isEmpty)
            for host in [
                "127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "[::]", "0.0.0.0",
                "0", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
            ] {
                let answer = try await take(client, "http://\(host):\(source.port)/photo.jpg")
                #expect(answer.status == 400, "\(host)")
                #expect(answer["X-Error-Code"] == "url_unreachable", "\(host)")
                #expect(message(answer) == words, "a closed address looks like one that is not there")
            }
            for host in ["169.254.169.254", "10.0.0.1", "192.168.1.1", "[fd00:ec2::254]"] {
                #expect(message(try await take(client, "http://\(host)/latest/meta-data/")) == words)
            }
            #expect(try await client.get("/api/media/").json["count"] as? Int == 0)
            #expect(!server.log.contains("meta-data"), "what is asked for is not logged")
        }
    }

    @Test func aRedirectIsCheckedLikeTheFirstAddress() async throws {
        // Only the source's own address is permitted, and not by every name.
        try await run { _, client, source in
            for target in [
                "http://127.0.0.2:\(source.port)/photo.jpg", "http://[::1]:\(source.port)/photo.jpg", "http://169.254.169.254/",
                "http://0.0.0.0:\(source.port)/photo.jpg", "http://localhost.invalid/",
            ] {
                let answer = try await take(client, source.url + "/to?" + target.urlQueryEncoded)
                #expect(answer.status == 400)
                #expect(answer["X-Error-Code"] == "url_unreachable", "\(target): \(answer.text)")
            }
            for target in ["file:///etc/passwd", "http://127.0.0.1:22/", "http://user@127.0.0.1:\(source.port)/photo.jpg", "gopher://x/"] {
                let answer = try await take(client, source.url + "/to?" + target.urlQueryEncoded)
                #expect(answer["X-Error-Code"] == "invalid_url", "\(target): \(answer.text)")
            }
            #expect(try await take(client, source.url + "/loop")["X-Error-Code"] == "too_many_redirects")
            #expect(try await take(client, source.url + "/nowhere")["X-Error-Code"] == "url_status")
        }
    }

    @Test func whatIsNoPhotoOrNotThereIsRefused() async throws {
        try await run { _, client, source in
            let text = try await take(client, source.url + "/text")
            #expect(text.status == 400)
            #expect(text["X-Error-Code"] == "unknown_format")
            #expect((text.json["file"] as? [String])?.isEmpty == false)
            let missing = try await take(client, source.url + "/status/404")
            #expect(missing.status == 400)
            #expect(message(missing).contains("404"))
            #expect(try await take(client, source.url + "/status/500")["X-Error-Code"] == "url_status")
            #expect(try await take(client, source.url + "/status/206")["X-Error-Code"] == "url_status")
            #expect(try await take(client, source.url + "/short")["X-Error-Code"] == "url_unreachable", "a body that breaks off")
            #expect(try await take(client, source.url + "/status/401")["X-Error-Code"] == "url_status", "and no credentials are sent")
            #expect(try await take(client, "http://127.0.0.1:1/photo.jpg")["X-Error-Code"] == "invalid_url", "a port that is not permitted")
        }
    }

    @Test func bodiesAreBoundedBothByWhatTheyAnnounceAndByWhatTheyAre() async throws {
        try await run(["upload-limit=1MiB"]) { _, client, source in
            for path in ["/huge", "/endless"] {
                let answer = try await take(client, source.url + path)
                #expect(answer.status == 413, "\(path): \(answer.text)")
                #expect(answer["X-Error-Code"] == "content_too_large")
                #expect(answer.text.contains("upload-limit"))
            }
        }
    }

    @Test func aServerThatIsSlowOrSilentIsGivenUp() async throws {
        try await run(["import-timeout=1s", "imports=1"]) { _, client, source in
            for path in ["/slow", "/silent"] {
                let answer = try await take(client, source.url + path)
                #expect(answer.status == 400)
                #expect(["import_timeout", "url_unreachable"].contains(answer["X-Error-Code"] ?? ""), "\(path): \(answer.text)")
            }
        }
    }

    @Test func onlySoManyAreFetchedAtOnce() async throws {
        try await run(["import-timeout=80s", "imports=1"]) { _, client, source in
            let first = Task { try await take(client, source.url + "/silent") }
            _ = try await HTTPTestClient(source.url).poll("/last") { $0.json["path"] as? String == "/silent" }
            let answer = try await take(client, source.url + "/photo.jpg")
            #expect(answer.status == 503)
            #expect(answer["Retry-After"] != nil)
            _ = try await first.value
            #expect(try await take(client, source.url + "/photo.jpg").status == 201, "the place is free again")
        }
    }

    /// Nobody holds all places with sources that send nothing.
    @Test func eachUserHasOnlySoMany() async throws {
        try await run(["import-timeout=80s", "imports-per-user=1"]) { server, client, source in
            let first = Task { try await take(client, source.url + "/silent") }
            _ = try await HTTPTestClient(source.url).poll("/last") { $0.json["path"] as? String == "/silent" }
            #expect(try await take(client, source.url + "/photo.jpg").status == 503)
            let registration = #"{"username":"ana","password":"correcto caballo 9"}"#
            let ana = try await client.anonymous.send(.POST, "/api/auth/register/", json: registration)
            let token = try #require(ana.json["access"] as? String, "\(ana.text)")
            #expect(try await take(HTTPTestClient(server.baseURL, token: token), source.url + "/photo.jpg").status == 201)
            _ = try await first.value
        }
    }

    @Test func requestsCarryNothingThatIsNotNeeded() async throws {
        try await run { _, client, source in
            _ = try await client.get("/api/session/", headers: ["Cookie": "a=b"])
            #expect(try await take(client, source.url + "/photo.jpg").status == 201)
            let last = try await HTTPTestClient(source.url).get("/last").json
            let headers = try #require(last["headers"] as? [String: String])
            let lowercased = Dictionary(uniqueKeysWithValues: headers.map { ($0.key.lowercased(), $0.value) })
            #expect(lowercased["host"] == "127.0.0.1:\(source.port)")
            #expect(lowercased["accept-encoding"] == "identity")
            #expect(Set(lowercased.keys).isSubset(of: ["host", "accept", "accept-encoding", "user-agent", "connection"]), "\(headers)")
        }
    }

    @Test func whatIsMissingOrTurnedOffSaysSo() async throws {
        let client = try await SharedServer.client
        #expect(try await client.anonymous.send(.POST, "/api/media/import/", json: #"{"url": "http://example.org/"}"#).status == 401)
        for body in ["{}", #"{"url": ""}"#, #"{"url": 7}"#, #"{"url": null}"#] {
            let answer = try await client.send(.POST, "/api/media/import/", json: body)
            #expect(answer.status == 400, "\(body)")
            #expect(answer.json["url"] != nil || answer.json["code"] != nil)
        }
        #expect(try await client.send(.POST, "/api/media/import/", json: "no").status == 400)
        #expect(try await client.request(.POST, "/api/media/import/", body: Data("{}".utf8)).status == 415)
        #expect(try await take(client, "ftp://example.org/x")["X-Error-Code"] == "invalid_url")
        let visibility = try await take(client, "http://example.org/", #", "visibility": "secret""#)
        #expect(visibility.json["visibility"] != nil, "fields are checked before anything is fetched")
        let server = try await AgrovetProcess.start(arguments: ["--set", "import=false"])
        let off = try await take(HTTPTestClient(server), "http://example.org/")
        #expect(off.status == 403)
        #expect(off["X-Error-Code"] == "import_off")
        #expect(await server.stop() == 0)
    }
}

extension String {
    fileprivate var urlQueryEncoded: String { addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? self }
}
