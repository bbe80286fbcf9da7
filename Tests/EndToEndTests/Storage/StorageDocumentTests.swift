import Foundation
import TestSupport
import Testing

/// Policies, rules and keys by the console's API.
@Suite struct StorageDocumentTests {
    @Test func aPolicyOpensABucketAndItsErrorsAreTold() async throws {
        let storage = try await StorageClient.open()
        try await storage.put("a.txt", Data("open".utf8))
        let address = "\(storage.server.s3URL)/\(storage.bucket)/a.txt"
        let nobody = HTTPTestClient("")
        #expect(try await nobody.get(address).status == 403)
        let policy = """
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
              "Resource": "arn:aws:s3:::\(storage.bucket)/*"}]}
            """
        let put = try await storage.client.send(.PUT, storage.path("policy/"), json: policy)
        #expect(put.status == 200, "\(put.text)")
        #expect(try await nobody.get(address).text == "open")
        let bucket = try await storage.client.get(storage.path()).json
        #expect(bucket["public"] as? Bool == true)
        #expect(bucket["documents"] as? [String] == ["policy"])

        let wrong = try await storage.client.send(.PUT, storage.path("policy/"), json: policy.replacing("Allow", with: "Perhaps"))
        #expect(wrong.status == 400)
        #expect(wrong["X-Error-Code"] == "malformed_policy")
        #expect((wrong.json["policy"] as? [String])?.first?.isEmpty == false)
        #expect(try await nobody.get(address).status == 200)

        #expect(try await storage.client.request(.DELETE, storage.path("policy/")).status == 204)
        #expect(try await nobody.get(address).status == 403)
        #expect(try await storage.client.get(storage.path("policy/")).status == 404)
    }

    @Test(arguments: [
        (
            "lifecycle",
            #"{"Rules":[{"ID":"tidy","Status":"Enabled","Filter":{"And":{"Prefix":"tmp/","Tags":[{"Key":"k","Value":"v"}],"ObjectSizeGreaterThan":5}},"Expiration":{"Days":3},"NoncurrentVersionExpiration":{"NoncurrentDays":2,"NewerNoncurrentVersions":1}}]}"#
        ),
        (
            "cors",
            #"{"CORSRules":[{"ID":"one","AllowedOrigins":["https://example.org"],"AllowedMethods":["GET","PUT"],"AllowedHeaders":["*"],"ExposeHeaders":["ETag"],"MaxAgeSeconds":60}]}"#
        ),
        (
            "public-access-block",
            #"{"BlockPublicAcls":true,"IgnorePublicAcls":false,"BlockPublicPolicy":true,"RestrictPublicBuckets":false}"#
        ),
        ("encryption", #"{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}"#),
        ("tags", #"{"TagSet":[{"Key":"farm","Value":"La Vaca"},{"Key":"year","Value":"2026"}]}"#),
        ("ownership", #"{"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]}"#),
    ])
    func aDocumentIsGivenBackAsItCame(_ name: String, _ text: String) async throws {
        let storage = try await StorageClient.open()
        let put = try await storage.client.send(.PUT, storage.path(name + "/"), json: text)
        #expect(put.status == 200, "\(put.text)")
        let got = try await storage.client.get(storage.path(name + "/"))
        #expect(try Self.same(got.text, text), "\(got.text)")
        #expect(try await storage.client.request(.DELETE, storage.path(name + "/")).status == 204)
        #expect(try await storage.client.get(storage.path(name + "/")).status == 404)
    }

    private static func same(_ a: String, _ b: String) throws -> Bool {
        let values = try [a, b].map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSDictionary }
        return values[0] == values[1]
    }

    @Test func whatIsWrongInADocumentIsToldWithItsPlace() async throws {
        let storage = try await StorageClient.open()
        func answer(_ name: String, _ json: String) async throws -> String {
            let answer = try await storage.client.send(.PUT, storage.path(name + "/"), json: json)
            #expect(answer.status == 400)
            return (answer.json[name] as? [String])?.first ?? answer.text
        }
        #expect(
            try await answer("lifecycle", #"{"Rules": [{"Status": "Enabled", "Expiration": {"Days": "3"}}]}"#).hasPrefix(
                "Rules[0].Expiration.Days: "))
        #expect(try await answer("lifecycle", #"{"Rule": []}"#).hasPrefix("Rule: "))
        #expect(try await answer("cors", #"{"CORSRules": [{"AllowedMethods": "GET"}]}"#).hasPrefix("CORSRules[0].AllowedMethods: "))
        // What S3 has to say of a document that has the right form.
        #expect(
            try await answer(
                "lifecycle", #"{"Rules": [{"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 0}}]}"#
            ).contains("Days"))
        #expect(try await answer("cors", #"{"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["BREW"]}]}"#).contains("BREW"))
    }

    @Test func aKeyIsMadeLimitedAndRevoked() async throws {
        let storage = try await StorageClient.open()
        try await storage.put("a", Data("x".utf8))
        let user = "user-\(UUID().uuidString.prefix(8).lowercased())"
        let made = try await storage.client.send(.POST, "/api/storage/keys/", json: jsonText(["user": user]))
        #expect(made.status == 201, "\(made.text)")
        #expect(made["Cache-Control"] == "no-store")
        let id = try #require(made.json["id"] as? String)
        let pair = S3KeyPair(id: id, secret: try #require(made.json["secret"] as? String))
        let own = "own-\(UUID().uuidString.lowercased())"
        let s3 = S3TestClient(storage.server, key: pair)
        #expect(try await s3.put(own, Data()).status == 200)
        #expect(try await s3.get("\(storage.bucket)/a").status == 403)

        // The secret is never told again.
        let list = try await storage.client.get("/api/storage/keys/?user=\(user)")
        #expect(list.json["count"] as? Int == 1)
        #expect(!list.text.contains(pair.secret))
        #expect(!storage.server.log.contains(pair.secret))

        let policy = #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}]}"#
        let limited = try await storage.client.send(.PUT, "/api/storage/keys/\(id)/policy/", json: policy)
        #expect(limited.status == 200, "\(limited.text)")
        #expect(try await s3.put("\(own)/b", Data("x".utf8)).status == 403)
        let wrong = try await storage.client.send(.PUT, "/api/storage/keys/\(id)/policy/", json: #"{"Statement": 1}"#)
        #expect(wrong.status == 400)
        #expect(wrong.json["policy"] is [String])
        #expect(try await storage.client.request(.DELETE, "/api/storage/keys/\(id)/policy/").status == 200)
        #expect(try await s3.put("\(own)/b", Data("x".utf8)).status == 200)

        #expect(try await storage.client.request(.DELETE, "/api/storage/keys/\(id)/").status == 204)
        #expect(try await s3.get(own).status == 403)
        #expect(try await storage.client.request(.DELETE, "/api/storage/keys/\(id)/").status == 404)
        let root = storage.server.s3RootKey.id
        #expect(try await storage.client.request(.DELETE, "/api/storage/keys/\(root)/").status == 409)
        let nobody = try await storage.client.send(.POST, "/api/storage/keys/", json: #"{"user": "root", "policy": "{"}"#)
        #expect(Set(nobody.json.keys) == ["user", "policy"])
    }
}
