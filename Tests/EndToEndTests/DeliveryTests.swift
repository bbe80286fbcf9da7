import Foundation
import TestSupport
import Testing

@Suite struct DeliveryTests {
    private func readyPhoto(_ sample: String = "photo.jpg") async throws -> String {
        let record = try await SharedServer.client.upload(sample: sample, headers: ["Prefer": "wait=30"]).json
        return try #require(record["id"] as? String)
    }

    @Test func aRenditionIsCachedForEver() async throws {
        let client = try await SharedServer.client.anonymous
        let id = try await readyPhoto()
        let image = try await client.get("/media/\(id)/small.webp")
        #expect(image.status == 200)
        #expect(image["Content-Type"] == "image/webp")
        #expect(image["Cache-Control"] == "public, max-age=31536000, immutable")
        #expect(image["Accept-Ranges"] == "bytes")
        #expect(image["X-Content-Type-Options"] == "nosniff")
        let etag = try #require(image["ETag"])
        let modified = try #require(image["Last-Modified"])
        #expect(try await client.get("/media/\(id)/small.webp", headers: ["If-None-Match": etag]).status == 304)
        #expect(try await client.get("/media/\(id)/small.webp", headers: ["If-Modified-Since": modified]).status == 304)
        #expect(try await client.get("/media/\(id)/small.webp", headers: ["If-None-Match": "\"other\""]).status == 200)
    }

    @Test func theOriginalComesBackAsItWasAndInParts() async throws {
        let client = try await SharedServer.client.anonymous
        let id = try await readyPhoto()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        let whole = try await client.get("/media/\(id)/original")
        #expect(whole.body == bytes)
        #expect(whole["Content-Security-Policy"]?.contains("sandbox") == true)
        let part = try await client.get("/media/\(id)/original", headers: ["Range": "bytes=10-19"])
        #expect(part.status == 206)
        #expect(part.body == bytes[10..<20])
        #expect(part["Content-Range"] == "bytes 10-19/\(bytes.count)")
        #expect(try await client.get("/media/\(id)/original", headers: ["Range": "bytes=-5"]).body == bytes.suffix(5))
        let beyond = try await client.get("/media/\(id)/original", headers: ["Range": "bytes=999999999-"])
        #expect(beyond.status == 416)
        #expect(beyond["Content-Range"] == "bytes */\(bytes.count)")
        #expect(beyond["Cache-Control"] == "no-store")
        let exposed = Set((part["Access-Control-Expose-Headers"] ?? "").split(separator: ", ").map(String.init))
        #expect(exposed.isSuperset(of: ["Accept-Ranges", "Cache-Tag", "Content-Length", "Content-Range", "ETag"]), "\(exposed)")
        let head = try await client.request(.HEAD, "/media/\(id)/original")
        #expect(head.status == 200)
        #expect(head["Content-Length"] == "\(bytes.count)")
        let download = try await client.get("/media/\(id)/original?download=1")
        #expect(download["Content-Disposition"]?.hasPrefix("attachment; filename=\"photo.jpg\"") == true)
    }

    @Test func autoGivesWhatTheClientNames() async throws {
        let client = try await SharedServer.client.anonymous
        let photo = try await readyPhoto()
        let modern = try await client.get("/media/\(photo)/small.auto", headers: ["Accept": "image/avif,image/webp,image/*,*/*;q=0.8"])
        #expect(modern["Content-Type"] == "image/webp")
        #expect(modern["Vary"]?.contains("Accept") == true)
        let old = try await client.get("/media/\(photo)/small.auto", headers: ["Accept": "*/*"])
        #expect(old["Content-Type"] == "image/jpeg")
        let drawing = try await readyPhoto("alpha.png")
        #expect(try await client.get("/media/\(drawing)/small.auto", headers: ["Accept": "image/*"])["Content-Type"] == "image/png")
    }

    @Test func aRenditionIsThereFromTheMomentOfThe201AndIsMadeOnceForAll() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        let id = try #require(try await client.upload(sample: "photo.jpg").json["id"] as? String)
        let bodies = try await withThrowingTaskGroup(of: Data.self) { group in
            for _ in 0..<100 { group.addTask { try await client.anonymous.get("/media/\(id)/medium.webp").body } }
            return try await group.reduce(into: Set<Data>()) { $0.insert($1) }
        }
        #expect(bodies.count == 1)
        // PNG is not among what the plan promises: it is made on request, once for all who wait.
        await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await client.anonymous.get("/media/\(id)/medium.png").status } }
            while let status = try? await group.next() { #expect(status == 200) }
        }
        // Those who wait are told before it is counted.
        let count = "agrovet_render_duration_seconds_count{result=\"ready\"} 1\n"
        let metrics = try await client.poll("/metrics") { $0.text.contains(count) }.text
        #expect(metrics.contains(count), "\(metrics)")
        #expect(metrics.contains("agrovet_renditions_on_request_total 1\n"))
        #expect(await server.stop() == 0)
    }

    @Test func whatIsNoRenditionIsNotFound() async throws {
        let client = try await SharedServer.client.anonymous
        let id = try await readyPhoto()
        for path in [
            "\(id)/huge.webp", "\(id)/small.bmp", "\(id)/small", "\(id)/..%2f..%2fkeys", "nonsense/small.webp", "\(id)/small.avif",
        ] {
            #expect(try await client.get("/media/\(path)").status == 404, "\(path)")
        }
    }

    @Test func aPrivateItemIsItsOwnersAndThatOfWhoeverHasASignedLink() async throws {
        let client = try await SharedServer.client
        let record = try await client.upload(sample: "photo.jpg", fields: ["visibility": "private"], headers: ["Prefer": "wait=30"]).json
        let id = try #require(record["id"] as? String)
        let anonymous = client.anonymous
        #expect(try await anonymous.get("/media/\(id)/small.webp").status == 404)
        #expect(try await anonymous.get("/api/media/\(id)/").status == 404)
        #expect(try await client.get("/media/\(id)/small.webp").status == 200)
        #expect(try await client.get("/media/\(id)/small.webp")["Cache-Control"] == "private, no-cache")

        let links = try await client.send(.POST, "/api/media/\(id)/sign/", json: #"{"expires_in":60}"#)
        #expect(links.status == 200)
        let signed = try #require(links.json["url"] as? String)
        #expect(try await anonymous.get(signed).status == 200)
        #expect(try await anonymous.get(signed.replacing("/original", with: "/small.webp")).status == 404, "a signature holds for its path")
        let last = try #require(signed.last)
        #expect(try await anonymous.get(String(signed.dropLast()) + (last == "A" ? "Q" : "A")).status == 404)
        let longer = signed.replacing(/expires=\d+/, with: "expires=9999999999")
        #expect(try await anonymous.get(longer).status == 404)

        let listed = try await anonymous.get("/api/media/?page_size=100").text
        #expect(!listed.contains(id))
    }

    /// A player fetches ranges, a page asks whether a picture has changed: both ask first, from whatever origin.
    @Test func picturesAreForPagesOfEveryOrigin() async throws {
        let client = try await SharedServer.client
        let record = try await client.upload(sample: "gray.jpg", headers: ["Prefer": "wait=30"]).json
        let original = "/media/\(try #require(record["id"] as? String))/original"
        let headers = [
            "Origin": "https://app.example.org", "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "if-none-match, range",
        ]
        let preflight = try await client.anonymous.request(.OPTIONS, original, headers: headers)
        #expect(preflight.status == 204 && preflight["Access-Control-Allow-Origin"] == "*")
        #expect(preflight["Access-Control-Allow-Methods"] == "GET, HEAD")
        let allowed = (preflight["Access-Control-Allow-Headers"] ?? "").lowercased().split(separator: ", ")
        #expect(allowed.contains("if-none-match") && allowed.contains("range"))
        let other = try await client.anonymous.request(.OPTIONS, "/api/media/", headers: headers)
        #expect(other["Access-Control-Allow-Origin"] == nil)
    }

    @Test func onlyOriginsThatTheSettingNamesMayCallFromABrowser() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_CORS_ORIGINS": "https://app.example.org"])
        let client = HTTPTestClient(server)
        let preflight = ["Origin": "https://app.example.org", "Access-Control-Request-Method": "PATCH"]
        let allowed = try await client.anonymous.request(.OPTIONS, "/api/media/", headers: preflight)
        #expect(allowed.status == 204)
        #expect(allowed["Access-Control-Allow-Origin"] == "https://app.example.org")
        #expect(allowed["Access-Control-Allow-Methods"]?.contains("PATCH") == true)
        #expect(allowed["Access-Control-Allow-Credentials"] == nil, "the session stays with the page of this origin")
        let list = try await client.get("/api/media/", headers: ["Origin": "https://app.example.org"])
        #expect(list["Access-Control-Allow-Origin"] == "https://app.example.org")
        #expect(list["Vary"]?.contains("Origin") == true)
        let stranger = try await client.get("/api/media/", headers: ["Origin": "https://evil.example.org"])
        #expect(stranger["Access-Control-Allow-Origin"] == nil)
        let refused = try await client.anonymous.upload(sample: "gray.jpg", headers: ["Origin": "https://app.example.org"])
        #expect(refused.status == 401)
        #expect(refused["Access-Control-Allow-Origin"] == "https://app.example.org", "an error can be read too")
        let id = try #require(try await client.upload(sample: "gray.jpg").json["id"] as? String)
        let image = try await client.get("/media/\(id)/thumb.webp", headers: ["Origin": "https://evil.example.org"])
        #expect(image["Access-Control-Allow-Origin"] == "*", "images are there to be shown")
        #expect(await server.stop() == 0)
    }

    @Test func writingNeedsAToken() async throws {
        let client = try await SharedServer.client
        let refused = try await client.anonymous.upload(sample: "photo.jpg")
        #expect(refused.status == 401)
        #expect(refused["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
        #expect(refused.json["code"] as? String == "not_authenticated")
        let wrong = try await HTTPTestClient(client.baseURL, token: "wrong").upload(sample: "photo.jpg")
        #expect(wrong.status == 401)
        let id = try await readyPhoto()
        #expect(try await client.anonymous.request(.DELETE, "/api/media/\(id)/").status == 401)
        #expect(try await client.anonymous.send(.PATCH, "/api/media/\(id)/", json: "{}").status == 401)
        let file = try await SharedServer.process.dataFolder + "/keys/api-token"
        let permissions = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
        #expect(permissions as? Int == 0o600)
    }
}
