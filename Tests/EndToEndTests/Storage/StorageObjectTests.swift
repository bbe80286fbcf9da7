import Foundation
import TestSupport
import Testing

/// Objects by the console's API: their bytes both ways, lists, versions, tags and metadata, links.
@Suite struct StorageObjectTests {
    /// Keys that a path would not survive on its way through proxies and routers.
    private static let keys = ["plain.txt", "a//b", "../up", "./here", "ünï/日本 +&?#%41=\".txt", "ends/", " spaces ", "x\u{1}y"]

    @Test func everyKeyKeepsItsBytes() async throws {
        let storage = try await StorageClient.open()
        for (index, key) in Self.keys.enumerated() {
            let bytes = Data("content \(index)".utf8)
            let answer = try await storage.put(key, bytes)
            #expect(answer.json["key"] as? String == key)
            #expect(try await storage.get(key).body == bytes)
        }
        #expect(try await Set(storage.list().keys) == Set(Self.keys))
        #expect(try await storage.s3.get("\(storage.bucket)/a//b").text == "content 1")
        for key in Self.keys {
            #expect(try await storage.client.request(.DELETE, storage.path("object/", [("key", key)])).status == 204)
            #expect(try await storage.get(key).status == 404)
        }
    }

    @Test func foldersArePagedThrough() async throws {
        let storage = try await StorageClient.open()
        for key in ["a/1", "a/2", "b", "c/d/e", "f"] { try await storage.put(key, Data("x".utf8)) }
        let root = try await storage.list([("delimiter", "/")])
        #expect(root.keys == ["b", "f"])
        #expect(root.folders == ["a/", "c/"])
        #expect(try await storage.list([("delimiter", "/"), ("prefix", "a/")]).keys == ["a/1", "a/2"])
        var seen: [String] = []
        var next: String? = storage.path("objects/", [("page_size", "2")])
        while let address = next {
            let page = try await storage.client.get(address).json
            seen += (page["results"] as? [[String: Any]] ?? []).compactMap { $0["key"] as? String }
            next = page["next"] as? String
            #expect(seen.count <= 5)
        }
        #expect(seen == ["a/1", "a/2", "b", "c/d/e", "f"])
    }

    @Test func whatSomebodyStoredNeverRunsWhereTheSessionIs() async throws {
        let storage = try await StorageClient.open()
        let page = Data("<script>alert(1)</script>".utf8)
        try await storage.put("page.html", page, type: "text/html")
        try await storage.put("drawing.svg", page, type: "image/svg+xml")
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        try await storage.put("folder/Vaca \"1\" ñ.jpg", photo, type: "image/jpeg")

        for key in ["page.html", "drawing.svg"] {
            let answer = try await storage.get(key, [("inline", "true")])
            #expect(answer["Content-Disposition"]?.hasPrefix("attachment;") == true)
            #expect(answer["Content-Security-Policy"]?.contains("sandbox") == true)
            #expect(answer["X-Content-Type-Options"] == "nosniff")
        }
        let shown = try await storage.get("folder/Vaca \"1\" ñ.jpg", [("inline", "true")])
        #expect(shown.body == photo)
        #expect(
            shown["Content-Disposition"]
                == "inline; filename=\"Vaca _1_ _.jpg\"; filename*=UTF-8''Vaca%20%221%22%20%C3%B1.jpg")
        #expect(try await storage.get("folder/Vaca \"1\" ñ.jpg")["Content-Disposition"]?.hasPrefix("attachment;") == true)

        let part = try await storage.get("folder/Vaca \"1\" ñ.jpg", headers: ["Range": "bytes=10-19"])
        #expect(part.status == 206)
        #expect(part.body == photo[10..<20])
        let etag = try #require(shown["ETag"])
        #expect(try await storage.get("folder/Vaca \"1\" ñ.jpg", headers: ["If-None-Match": etag]).status == 304)
    }

    @Test func aLargeObjectComesInParts() async throws {
        let storage = try await StorageClient.open()
        let size = 5 << 20
        let begun = try await storage.client.send(
            .POST, storage.path("uploads/"), json: #"{"key": "big.bin", "content_type": "video/mp4"}"#)
        #expect(begun.status == 201, "\(begun.text)")
        let id = try #require(begun.json["id"] as? String)
        let parts = [Data(repeating: 1, count: size), Data(repeating: 2, count: size), Data("the end".utf8)]
        for (index, part) in parts.enumerated() {
            let answer = try await storage.client.request(
                .PUT, storage.path("uploads/\(id)/\(index + 1)/", [("key", "big.bin")]), body: part)
            #expect(answer.status == 200, "\(answer.text)")
        }
        let waiting = try await storage.client.get(storage.path("uploads/")).json["results"] as? [[String: Any]]
        #expect(waiting?.first?["id"] as? String == id)
        let done = try await storage.client.request(.POST, storage.path("uploads/\(id)/complete/", [("key", "big.bin")]))
        #expect(done.status == 201, "\(done.text)")
        #expect(done.json["size"] as? Int == 2 * size + 7)
        #expect(done.json["content_type"] as? String == "video/mp4")
        #expect((done.json["etag"] as? String)?.hasSuffix("-3") == true)
        #expect(try await storage.get("big.bin").body == parts[0] + parts[1] + parts[2])

        let again = try await storage.client.request(.POST, storage.path("uploads/\(id)/complete/", [("key", "big.bin")]))
        #expect(again["X-Error-Code"] == "no_such_upload")
        let other = try await storage.client.send(.POST, storage.path("uploads/"), json: #"{"key": "never"}"#).json["id"] as? String
        let path = storage.path("uploads/\(try #require(other))/", [("key", "never")])
        #expect(try await storage.client.request(.DELETE, path).status == 204)
        #expect(try await (storage.client.get(storage.path("uploads/")).json["results"] as? [Any])?.isEmpty == true)
    }

    @Test func oldVersionsAreSeenBroughtBackAndDeletedForGood() async throws {
        let storage = try await StorageClient.open(#", "versioning": true"#)
        try await storage.put("note", Data("first".utf8))
        try await storage.put("note", Data("second".utf8))
        try await storage.put("note-2", Data("another key".utf8))
        var versions = try await storage.versions("note")
        #expect(versions.count == 2)
        let first = try #require(versions.last?["version_id"] as? String)
        #expect(try await storage.get("note", [("version_id", first)]).text == "first")

        let restored = try await storage.client.send(
            .POST, storage.path("object/copy/"), json: jsonText(["key": "note", "version_id": first, "to_key": "note"]))
        #expect(restored.status == 201, "\(restored.text)")
        #expect(try await storage.get("note").text == "first")
        #expect(try await storage.versions("note").count == 3)

        // Deleted as S3 has it: a marker lies over it, and goes again.
        #expect(try await storage.client.request(.DELETE, storage.path("object/", [("key", "note")])).status == 204)
        #expect(try await storage.get("note").status == 404)
        #expect(try await storage.list().keys == ["note-2"])
        versions = try await storage.versions("note")
        #expect(versions.first?["is_delete_marker"] as? Bool == true)
        let marker = try #require(versions.first?["version_id"] as? String)
        #expect(
            try await storage.client.request(.DELETE, storage.path("object/", [("key", "note"), ("version_id", marker)])).status == 204)
        #expect(try await storage.get("note").text == "first")

        #expect(try await storage.client.request(.DELETE, storage.path("object/", [("key", "note"), ("version_id", first)])).status == 204)
        #expect(try await storage.versions("note").contains { $0["version_id"] as? String == first } == false)
        let all = try await storage.client.get(storage.path("versions/", [("page_size", "2")])).json
        #expect((all["results"] as? [Any])?.count == 2)
        let rest = try await storage.client.get(try #require(all["next"] as? String)).json
        #expect((rest["results"] as? [Any])?.count == 1)
    }

    @Test func typeMetadataAndTagsAreChanged() async throws {
        let storage = try await StorageClient.open()
        try await storage.put("a", Data("x".utf8), type: "text/plain")
        let path = storage.path("object/", [("key", "a")])
        let changed = try await storage.client.send(
            .PATCH, path,
            json:
                #"{"content_type": "text/markdown", "cache_control": "max-age=60", "metadata": {"farm": "La Vaca"}, "tags": {"kind": "note", "año": "2026"}}"#
        )
        #expect(changed.status == 200, "\(changed.text)")
        let seen = try await storage.client.get(path).json
        #expect(seen["content_type"] as? String == "text/markdown")
        #expect(seen["headers"] as? [String: String] == ["cache-control": "max-age=60"])
        #expect(seen["metadata"] as? [String: String] == ["farm": "La Vaca"])
        #expect(seen["tags"] as? [String: String] == ["kind": "note", "año": "2026"])
        #expect(try await storage.get("a").text == "x")

        // One thing changed leaves the others.
        _ = try await storage.client.send(.PATCH, path, json: #"{"metadata": {"farm": "El Toro"}}"#)
        let later = try await storage.client.get(path).json
        #expect(later["content_type"] as? String == "text/markdown")
        #expect(later["tags"] as? [String: String] == ["kind": "note", "año": "2026"])
        #expect(later["metadata"] as? [String: String] == ["farm": "El Toro"])

        let refused = try await storage.client.send(.PATCH, path, json: #"{"tags": {"aws:x": "1"}}"#)
        #expect(refused.status == 400)
        #expect(refused.json["tags"] is [String])
        let header = try await storage.client.send(.PATCH, path, json: #"{"metadata": {"a b": "1"}, "content_type": "x\ny"}"#)
        #expect(Set(header.json.keys) == ["metadata", "content_type"])
    }

    @Test func manyGoAtOnce() async throws {
        let storage = try await StorageClient.open()
        for key in ["a/1", "a/2", "b/1", "c"] { try await storage.put(key, Data("x".utf8)) }
        let named = try await storage.client.send(
            .POST, storage.path("objects/delete/"), json: #"{"objects": [{"key": "c"}, {"key": "never"}]}"#)
        #expect(named.json["deleted"] as? Int == 2)
        let folder = try await storage.client.send(.POST, storage.path("objects/delete/"), json: #"{"prefix": "a/"}"#)
        #expect(folder.json["deleted"] as? Int == 2)
        #expect(folder.json["has_more"] as? Bool == false)
        #expect(try await storage.list().keys == ["b/1"])
        let nothing = try await storage.client.send(.POST, storage.path("objects/delete/"), json: "{}")
        #expect(nothing.status == 400)
    }

    @Test func aLockedVersionIsNamedAmongWhatWasRefused() async throws {
        let storage = try await StorageClient.open(#", "object_lock": true"#)
        _ = try await storage.client.send(
            .PUT, storage.path("object-lock/"),
            json: #"{"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}"#)
        try await storage.put("kept", Data("x".utf8))
        let answer = try await storage.client.send(.POST, storage.path("objects/delete/"), json: #"{"prefix": "", "versions": true}"#)
        #expect(answer.json["deleted"] as? Int == 0)
        #expect(answer.json["has_more"] as? Bool == false)
        let refused = try #require((answer.json["errors"] as? [[String: Any]])?.first)
        #expect(refused["key"] as? String == "kept")
        #expect(refused["code"] as? String == "access_denied")
        let forced = try await storage.client.send(
            .POST, storage.path("objects/delete/"), json: #"{"prefix": "", "versions": true, "bypass_governance": true}"#)
        #expect(forced.json["deleted"] as? Int == 1, "\(forced.text)")
    }

    @Test func aLinkServesWhoeverHasItUntilItsEnd() async throws {
        let storage = try await StorageClient.open()
        let key = "carpeta/ñandú & más.txt"
        try await storage.put(key, Data("shared".utf8), type: "text/plain")
        let made = try await storage.client.send(
            .POST, storage.path("links/"), json: jsonText(["key": key, "expires_in": 600, "download": true]))
        #expect(made.status == 200, "\(made.text)")
        let url = try #require(made.json["url"] as? String)
        #expect(url.hasPrefix(storage.server.s3URL + "/"))
        #expect(!url.contains(storage.server.s3RootKey.secret))
        let nobody = HTTPTestClient("")
        let answer = try await nobody.get(url)
        #expect(answer.text == "shared", "\(answer.text)")
        #expect(answer["Content-Disposition"]?.hasPrefix("attachment;") == true)
        #expect(try await nobody.get(url.replacing("X-Amz-Expires=600", with: "X-Amz-Expires=6000")).status == 403)

        let upload = try await storage.client.send(.POST, storage.path("links/"), json: jsonText(["key": "in.txt", "method": "PUT"]))
        let stored = try await nobody.request(.PUT, try #require(upload.json["url"] as? String), body: Data("from outside".utf8))
        #expect(stored.status == 200, "\(stored.text)")
        #expect(try await storage.get("in.txt").text == "from outside")

        let wrong = try await storage.client.send(
            .POST, storage.path("links/"), json: #"{"key": "a", "expires_in": 604801, "method": "DELETE"}"#)
        #expect(Set(wrong.json.keys) == ["expires_in", "method"])
    }

    /// What is not sent behind a head would be the answer to the next request.
    @Test func aHEADOfALargeObjectIsAHeadAlone() async throws {
        let storage = try await StorageClient.open()
        try await storage.put("large", Data(repeating: 0x41, count: 300_000))
        let socket = try RawSocket(port: try #require(URL(string: storage.server.baseURL)?.port))
        let fields = "HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(storage.server.token)\r\n\r\n"
        try socket.send("HEAD \(storage.path("content/", [("key", "large")])) \(fields)")
        let head = socket.receiveAnswer(hasContent: false).head
        #expect(head.hasPrefix("HTTP/1.1 200 ") && head.lowercased().contains("content-length: 300000\r\n"), "\(head)")
        try socket.send("GET /health/live/ \(fields)")
        let next = socket.receiveAnswer()
        #expect(next.head.hasPrefix("HTTP/1.1 200 ") && String(decoding: next.content, as: UTF8.self).contains("ok"), "\(next.head)")
        socket.close()
    }
}
