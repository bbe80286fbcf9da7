import Foundation
import TestSupport
import Testing

/// Addresses that take one upload without credentials.
@Suite struct PresignTests {
    private let photo = try! Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))

    private func presign(_ client: HTTPTestClient, _ members: String = "") async throws -> HTTPTestClient.Answer {
        try await client.send(.POST, "/api/media/presign/", json: #"{"filename": "vaca.jpg"\#(members)}"#)
    }

    private func address(_ client: HTTPTestClient, _ members: String = "") async throws -> String {
        let answer = try await presign(client, members)
        #expect(answer.status == 201, "\(answer.text)")
        return try #require(answer.json["url"] as? String)
    }

    private func post(_ url: String, _ bytes: Data, fields: [String: String] = [:]) async throws -> HTTPTestClient.Answer {
        let form = MultipartForm(files: [("other name.jpg", bytes)], fields: fields)
        return try await HTTPTestClient("").request(.POST, url, headers: ["Content-Type": form.contentType], body: form.body)
    }

    private func put(_ url: String, _ bytes: Data) async throws -> HTTPTestClient.Answer {
        try await HTTPTestClient("").request(.PUT, url, headers: ["Content-Type": "image/jpeg"], body: bytes)
    }

    @Test func whoeverHasTheAddressUploadsOnceWhatTheOwnerSaid() async throws {
        let client = try await SharedServer.client
        let answer = try await presign(
            client, #", "title": "Vaca", "alt": "Una vaca", "visibility": "private", "purpose": "ad", "content_type": "image/jpeg""#)
        #expect(answer.json["method"] as? String == "POST")
        #expect(answer.json["field"] as? String == "file")
        #expect((answer.json["expires"] as? String)?.hasSuffix("Z") == true)
        let url = try #require(answer.json["url"] as? String)
        #expect(!url.contains(client.token ?? "-"))
        let uploaded = try await post(url, photo, fields: ["title": "Otra", "visibility": "public", "owner": "eva"])
        #expect(uploaded.status == 201, "\(uploaded.text)")
        let record = uploaded.json
        #expect(record["owner"] as? String == "admin")
        #expect(record["filename"] as? String == "vaca.jpg")
        #expect(record["title"] as? String == "Vaca", "the form cannot say otherwise")
        #expect(record["alt"] as? String == "Una vaca")
        #expect(record["visibility"] as? String == "private")
        #expect(record["purpose"] as? String == "ad")
        let id = try #require(record["id"] as? String)
        #expect(try await client.get("/media/\(id)/original").body == photo)
        for again in [try await post(url, photo), try await put(url, photo)] {
            #expect(again.status == 409)
            #expect(again["X-Error-Code"] == "already_used")
        }
    }

    @Test func theBodyAloneIsTakenToo() async throws {
        let client = try await SharedServer.client
        let answer = try await put(try await address(client), photo)
        #expect(answer.status == 201, "\(answer.text)")
        #expect(answer.json["filename"] as? String == "vaca.jpg")
        #expect(answer.json["size"] as? Int == photo.count)
    }

    @Test func anAddressThatWasChangedIsRefused() async throws {
        let client = try await SharedServer.client
        let url = try await address(client)
        let other = try await address(client)
        let query = try #require(url.split(separator: "?").last)
        for forged in [
            url.replacing(/expires=\d+/, with: "expires=9999999999"), url.replacing(/signature=./, with: "signature=_"),
            url.replacing(/&signature=.*/, with: ""), String(url.prefix { $0 != "?" }),
            // The signature of one address on another, and that of a link to read.
            String(other.prefix { $0 != "?" }) + "?" + query,
        ] where forged != url {
            let answer = try await put(forged, photo)
            #expect(answer.status == 403, "\(forged)")
            #expect(answer["X-Error-Code"] == "signature_invalid")
        }
        #expect(try await put(url, photo).status == 201, "it was not used up by that")
    }

    @Test func anAddressExpires() async throws {
        let client = try await SharedServer.client
        let url = try await address(client, #", "expires_in": 1"#)
        var answer = try await put(url, Data("no photo".utf8))
        let deadline = ContinuousClock.now + Patience.usual
        while answer.status != 403, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(100))
            answer = try await put(url, Data("no photo".utf8))
        }
        #expect(answer.status == 403)
        #expect(answer["X-Error-Code"] == "signature_expired")
    }

    @Test func theFileIsAtMostAsLargeAsWasSaidAndOfThatType() async throws {
        let client = try await SharedServer.client
        let small = try await address(client, #", "size": \#(photo.count - 1)"#)
        for answer in [try await post(small, photo), try await put(small, photo)] {
            #expect(answer.status == 413, "\(answer.text)")
            #expect(answer["X-Error-Code"] == "content_too_large")
        }
        #expect(try await put(try await address(client, #", "size": \#(photo.count)"#), photo).status == 201)
        #expect(try await post(try await address(client, #", "size": \#(photo.count)"#), photo).status == 201)
        let png = try await address(client, #", "content_type": "image/png""#)
        let wrong = try await put(png, photo)
        #expect(wrong.status == 400)
        #expect(wrong["X-Error-Code"] == "wrong_content_type")
        // What is refused does not use the address up.
        let alpha = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("alpha.png")))
        #expect(try await put(png, alpha).status == 201)
        let url = try await address(client)
        let text = try await put(url, Data("no photo".utf8))
        #expect(text.status == 400)
        #expect(text["X-Error-Code"] == "unknown_format")
        let form = MultipartForm(files: [("a.jpg", photo), ("b.jpg", photo)])
        let two = try await HTTPTestClient("").request(.POST, url, headers: ["Content-Type": form.contentType], body: form.body)
        #expect(two.status == 400, "one file, not two")
        #expect(try await put(url, photo).status == 201)
    }

    @Test(arguments: [false, true])
    func ofManyWhoUploadAtOnceOneIsTaken(onPostgreSQL: Bool) async throws {
        let environment = onPostgreSQL ? ["AGROVET_DATABASE_URL": try await PostgreSQLServer.shared.makeDatabase()] : [:]
        let server = try await AgrovetProcess.start(environment: environment)
        let client = HTTPTestClient(server)
        let url = try await address(client)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try await put(url, photo).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 201 }.count == 1, "\(statuses)")
        #expect(statuses.filter { $0 == 409 }.count == 7, "\(statuses)")
        #expect(try await client.get("/api/media/").json["count"] as? Int == 1)
        #expect(try await server.lastingTemporaryFiles() == [])
        #expect(!server.log.contains("signature="), "an address that works is in no log")
        #expect(await server.stop() == 0)
    }

    @Test func whatIsAskedForIsChecked() async throws {
        let client = try await SharedServer.client
        #expect(try await presign(client.anonymous).status == 401)
        #expect(try await client.request(.POST, "/api/media/presign/", body: Data("{}".utf8)).status == 415)
        #expect(
            try await client.send(.POST, "/api/media/presign/", json: "{}").json["filename"] as? [String] == ["This field is required."])
        for (members, field) in [
            (#", "size": 0"#, "size"), (#", "size": "x""#, "size"), (#", "size": 99999999999999"#, "size"),
            (#", "expires_in": 0"#, "expires_in"),
            (#", "expires_in": 604801"#, "expires_in"), (#", "content_type": "text/html""#, "content_type"),
            (#", "content_type": 7"#, "content_type"),
            (#", "visibility": "secret""#, "visibility"), (#", "title": 7"#, "title"),
        ] {
            let answer = try await presign(client, members)
            #expect(answer.status == 400, "\(members)")
            #expect(answer.json[field] != nil, "\(members): \(answer.text)")
        }
        let slashes = try await client.send(.POST, "/api/media/presign/", json: #"{"filename": "../"}"#)
        #expect(slashes.status == 400)
    }

    @Test func keysAreRotatedAndPagesOfOtherOriginsMayUpload() async throws {
        let folder = try TemporaryFolder()
        let (old, new) = ("the-old-key-of-this-test", "the-new-key-of-this-test")
        func start(_ keys: String) async throws -> AgrovetProcess {
            try await AgrovetProcess.start(
                arguments: ["--set", "cors-origins=https://app.example.org"], environment: ["AGROVET_PRESIGN_KEYS": keys],
                dataFolder: folder.path + "/storage")
        }
        func path(_ url: String) -> String { String(url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }) }
        var server = try await start(old)
        let first = path(try await address(HTTPTestClient(server)))
        let second = path(try await address(HTTPTestClient(server)))
        await server.stop()

        server = try await start("\(new),\(old)")
        let origin = ["Origin": "https://app.example.org", "Content-Type": "image/jpeg"]
        let preflight = try await HTTPTestClient(server.baseURL).request(
            .OPTIONS, first,
            headers: [
                "Origin": "https://app.example.org", "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "content-type",
            ])
        #expect(preflight.status == 204)
        #expect(preflight["Access-Control-Allow-Origin"] == "https://app.example.org")
        #expect(preflight["Access-Control-Allow-Methods"]?.contains("PUT") == true)
        let answer = try await HTTPTestClient(server.baseURL).request(.PUT, first, headers: origin, body: photo)
        #expect(answer.status == 201, "the old key is still accepted")
        #expect(answer["Access-Control-Allow-Origin"] == "https://app.example.org")
        await server.stop()

        server = try await start(new)
        #expect(try await HTTPTestClient(server.baseURL).request(.PUT, second, headers: origin, body: photo).status == 403)
        #expect(await server.stop() == 0)
    }
}
