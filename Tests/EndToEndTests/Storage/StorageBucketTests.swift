import Foundation
import TestSupport
import Testing

/// Buckets by the console's API.
@Suite struct StorageBucketTests {
    @Test(arguments: ["", "buckets/", "buckets/any/", "buckets/any/objects/", "buckets/any/content/?key=a", "buckets/any/policy/", "keys/"])
    func strangersAreRefused(path: String) async throws {
        let answer = try await SharedServer.client.anonymous.get("/api/storage/" + path)
        #expect(answer.status == 401)
        #expect(answer["X-Error-Code"] == "not_authenticated")
    }

    @Test func aBucketIsMadeListedChangedAndDeleted() async throws {
        let storage = try await StorageClient.open()
        try await storage.put("a.txt", Data("twelve bytes".utf8))
        let client = storage.client

        let list = try await client.get("/api/storage/buckets/?search=\(storage.bucket)").json
        #expect(list["count"] as? Int == 1)
        let listed = try #require((list["results"] as? [[String: Any]])?.first)
        #expect(listed["name"] as? String == storage.bucket)
        #expect(listed["versioning"] as? String == "off")
        #expect((listed["usage"] as? [String: Int]) == ["versions": 1, "bytes": 12])

        let changed = try await client.send(.PATCH, storage.path(), json: #"{"versioning": "enabled", "quota_bytes": 20, "media": true}"#)
        #expect(changed.status == 200, "\(changed.text)")
        #expect(changed.json["versioning"] as? String == "enabled")
        #expect(changed.json["quota_bytes"] as? Int == 20)
        #expect(changed.json["media"] as? Bool == true)
        // What is said here, S3 clients see.
        #expect(try await storage.s3.get(storage.bucket, query: "versioning").values(of: "Status") == ["Enabled"])

        let full = try await client.request(.PUT, storage.path("content/", [("key", "b.txt")]), body: Data("twelve bytes".utf8))
        #expect(full["X-Error-Code"] == "quota_exceeded", "\(full.text)")
        #expect(try await client.send(.PATCH, storage.path(), json: #"{"quota_bytes": null}"#).json["quota_bytes"] is NSNull)
        try await storage.put("b.txt", Data("twelve bytes".utf8))

        let refused = try await client.request(.DELETE, storage.path())
        #expect(refused.status == 409)
        #expect(refused["X-Error-Code"] == "bucket_not_empty")
        let emptied = try await client.send(.POST, storage.path("objects/delete/"), json: #"{"prefix": "", "versions": true}"#)
        #expect(emptied.json["deleted"] as? Int == 2)
        #expect(try await client.request(.DELETE, storage.path()).status == 204)
        #expect(try await client.get(storage.path()).status == 404)
    }

    @Test func whatIsWrongWithANameIsToldByField() async throws {
        let client = try await SharedServer.client
        for name in ["", "A", "no_underscores", "192.168.1.1"] {
            let answer = try await client.send(.POST, "/api/storage/buckets/", json: "{\"name\": \"\(name)\"}")
            #expect(answer.status == 400)
            #expect((answer.json["name"] as? [String])?.isEmpty == false, "\(answer.text)")
        }
        let storage = try await StorageClient.open()
        let again = try await client.send(.POST, "/api/storage/buckets/", json: "{\"name\": \"\(storage.bucket)\"}")
        #expect(again.status == 409)
        #expect(again["X-Error-Code"] == "bucket_already_exists")
        let wrong = try await client.send(.PATCH, storage.path(), json: #"{"versioning": "perhaps", "quota_bytes": -1, "media": 1}"#)
        #expect(wrong.status == 400)
        #expect(Set(wrong.json.keys) == ["versioning", "quota_bytes", "media"])
    }

    @Test func aBucketWithObjectLockKeepsVersions() async throws {
        let storage = try await StorageClient.open(#", "object_lock": true"#)
        let json = try await storage.client.get(storage.path()).json
        #expect(json["object_lock"] as? Bool == true)
        #expect(json["versioning"] as? String == "enabled")
    }

    @Test func totalsAndTheAddressOfTheEndpointAreTold() async throws {
        let storage = try await StorageClient.open()
        try await storage.put("x", Data(count: 1000))
        let usage = try await storage.client.get("/api/storage/").json
        #expect(usage["endpoint"] as? String == storage.server.s3URL)
        #expect(usage["region"] as? String == "us-east-1")
        #expect(try #require(usage["bytes"] as? Int) >= 1000)
        #expect(try #require(usage["buckets"] as? Int) >= 1)
        #expect(try await storage.client.get("/api/info/").json["storage"] as? Bool == true)
    }

    @Test func theBucketOfAnotherServiceIsShownAndNotChanged() async throws {
        let client = HTTPTestClient(try await SharedServer.process)
        let bucket = try await client.get("/api/storage/buckets/media/")
        #expect(bucket.json["read_only"] as? Bool == true)
        #expect(bucket.json["media"] as? Bool == false)
        let refused = try await client.request(.PUT, "/api/storage/buckets/media/content/?key=a", body: Data("x".utf8))
        #expect(refused.status == 403)
        #expect(refused.json["code"] as? String == "read_only_bucket")
    }
}
