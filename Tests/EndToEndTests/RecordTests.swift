import Foundation
import TestSupport
import Testing

@Suite struct RecordTests {
    /// Uploads a sample under a purpose of its own, so that lists can be told apart.
    private func upload(_ count: Int, purpose: String) async throws -> [String] {
        let client = try await SharedServer.client
        var ids: [String] = []
        for index in 0..<count {
            let answer = try await client.upload(sample: "gray.jpg", fields: ["purpose": purpose, "title": "Foto \(index)"])
            ids.append(try #require(answer.json["id"] as? String))
        }
        return ids
    }

    @Test func listsComeInPagesThatLinkToEachOther() async throws {
        let client = try await SharedServer.client
        let ids = try await upload(5, purpose: "pages")
        let first = try await client.get("/api/media/?purpose=pages&page_size=2").json
        #expect(first["count"] as? Int == 5)
        #expect(first["previous"] is NSNull)
        #expect((first["results"] as? [[String: Any]])?.compactMap { $0["id"] as? String } == [ids[4], ids[3]])
        let next = try #require(first["next"] as? String)
        let second = try await client.get(next).json
        #expect((second["results"] as? [[String: Any]])?.compactMap { $0["id"] as? String } == [ids[2], ids[1]])
        #expect((second["previous"] as? String)?.contains("purpose=pages") == true)
        let beyond = try await client.get("/api/media/?purpose=pages&page_size=2&page=4")
        #expect(beyond.status == 404)
        #expect(beyond.json["detail"] as? String == "Invalid page.")
    }

    /// A change is meant for what was seen; that renditions came in between is none.
    @Test func aRecordIsChangedAsItWasSeen() async throws {
        let client = try await SharedServer.client
        let id = try await upload(1, purpose: "tags")[0]
        let path = "/api/media/\(id)/"
        let early = try #require(try await client.get(path)["ETag"])
        let ready = try await client.poll(path) { $0.json["status"] as? String == "ready" }
        let tag = try #require(ready["ETag"])
        #expect(try await client.get(path, headers: ["If-None-Match": tag]).status == 304)
        func patch(_ title: String, _ tag: String) async throws -> HTTPTestClient.Answer {
            try await client.request(
                .PATCH, path, headers: ["Content-Type": "application/json", "If-Match": tag], body: Data(#"{"title":"\#(title)"}"#.utf8))
        }
        #expect(try await patch("a", "\"wrong\"").status == 412)
        let changed = try await patch("b", early)
        #expect(changed.status == 200 && changed.json["title"] as? String == "b")
        #expect(try await patch("c", tag).status == 412)
        #expect(try await client.get(path, headers: ["If-None-Match": tag]).status == 200)
        #expect(try await client.request(.DELETE, path, headers: ["If-Match": tag]).status == 412)
        #expect(try await client.request(.DELETE, path, headers: ["If-Match": changed["ETag"] ?? ""]).status == 204)
    }

    @Test func listsAreOrderedFilteredAndSearched() async throws {
        let client = try await SharedServer.client
        let ids = try await upload(3, purpose: "filters")
        func found(_ query: String) async throws -> [String] {
            let answer = try await client.get("/api/media/?purpose=filters&\(query)")
            #expect(answer.status == 200, "\(query): \(answer.text)")
            return (answer.json["results"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
        }
        #expect(try await found("ordering=created") == ids)
        #expect(try await found("ordering=-title") == ids.reversed())
        #expect(try await found("search=foto%201") == [ids[1]])
        #expect(try await found("search=100%25") == [])
        #expect(try await found("owner=admin").count == 3)
        #expect(try await found("owner=nobody") == [])
        #expect(try await found("kind=image").count == 3)
        #expect(try await found("created_after=2020-01-01").count == 3)
        #expect(try await found("created_before=2020-01-01T00:00:00Z") == [])
    }

    @Test(arguments: ["ordering=secret", "status=done", "visibility=all", "created_after=yesterday", "search=%00"])
    func aParameterThatMakesNoSenseIsNamed(_ query: String) async throws {
        let answer = try await SharedServer.client.get("/api/media/?\(query)")
        #expect(answer.status == 400)
        let field = String(query.prefix { $0 != "=" })
        #expect((answer.json[field] as? [String])?.count == 1)
    }

    @Test func aRecordIsDescribedAnew() async throws {
        let client = try await SharedServer.client
        let id = try await upload(1, purpose: "patch")[0]
        let answer = try await client.send(.PATCH, "/api/media/\(id)/", json: #"{"title":"Toro","alt":"Un toro","visibility":"private"}"#)
        #expect(answer.status == 200)
        #expect(answer.json["title"] as? String == "Toro")
        #expect(answer.json["alt"] as? String == "Un toro")
        #expect(answer.json["visibility"] as? String == "private")
        #expect(try await client.get("/api/media/\(id)").json["title"] as? String == "Toro", "the form without the slash answers the same")
    }

    @Test(arguments: [
        (#"{"title": 5}"#, "title", "Not a valid string."),
        (#"{"alt": null}"#, "alt", "This field may not be null."),
        (#"{"visibility": "friends"}"#, "visibility", "\"friends\" is not a valid choice."),
        ("{\"title\": \"\(String(repeating: "a", count: 201))\"}", "title", "Ensure this field has no more than 200 characters."),
    ])
    func aWrongFieldIsNamedAndNothingChanges(_ json: String, _ field: String, _ message: String) async throws {
        let client = try await SharedServer.client
        let id = try await upload(1, purpose: "wrong")[0]
        let answer = try await client.send(.PATCH, "/api/media/\(id)/", json: json)
        #expect(answer.status == 400)
        #expect(answer.json[field] as? [String] == [message])
        #expect(try await client.get("/api/media/\(id)/").json["title"] as? String == "Foto 0")
    }

    @Test func whatIsDeletedIsGoneEverywhere() async throws {
        let client = try await SharedServer.client
        let record = try await client.upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"]).json
        let id = try #require(record["id"] as? String)
        #expect(try await client.request(.DELETE, "/api/media/\(id)/").status == 204)
        #expect(try await client.get("/api/media/\(id)/").status == 404)
        #expect(try await client.get("/media/\(id)/original").status == 404)
        #expect(try await client.get("/media/\(id)/thumb.webp").status == 404)
        #expect(try await client.request(.DELETE, "/api/media/\(id)/").status == 404)
    }

    @Test func errorsHaveTheShapeOfDjangoRESTFramework() async throws {
        let client = try await SharedServer.client
        let missing = try await client.get("/api/media/018f0000-0000-7000-8000-000000000000/")
        #expect(missing.status == 404)
        #expect(missing.json["detail"] as? String == "Not found.")
        #expect(missing.json["code"] as? String == "not_found")
        #expect(try await client.get("/api/media/nonsense/").status == 404)
        #expect(try await client.get("/nowhere/").json["detail"] as? String == "Not found.")
        let method = try await client.request(.PUT, "/api/media/")
        #expect(method.status == 405)
        #expect(method["Allow"]?.contains("POST") == true)
        let media = try await client.send(.POST, "/api/media/", json: "{}")
        #expect(media.status == 415)
        #expect(media.json["code"] as? String == "unsupported_media_type")
        #expect(missing["X-Request-Id"]?.isEmpty == false)
    }
}
