import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// The OpenAPI document against the server that it describes: schemathesis makes requests of it, right ones and wrong ones, and looks whether
/// the answers are among those that are documented. What it is told beside stands in `schemathesis.toml`.
@Suite struct SchemathesisTests {
    /// Groups of operations. Each with a server of its own: what one does to the account must not spoil the others.
    private static let groups = [
        ["adds", "categories", "orders", "favourites", "saved-searches", "reports", "sellers"],
        ["profiles", "licences", "specialties", "reviews"],
        ["auth", "users", "oauth", "session"], ["media", "uploads", "delivery", "webhooks", "events", "server"], ["storage"],
    ]

    @Test(arguments: groups)
    func noAnswerIsUndocumentedAndNoneIsAServersError(_ tags: [String]) async throws {
        let server = try await AgrovetProcess.start(arguments: ["--set", "throttle-anonymous=", "--set", "throttle-user="])
        let schema = try await HTTPTestClient(server.baseURL).get("/api/schema/")
        #expect(schema.status == 200)
        let folder = try TemporaryFolder()
        try schema.body.write(to: URL(fileURLWithPath: folder.path + "/openapi.json"))
        let things = try await Self.make(for: tags, on: server)
        for name in ["schemathesis.toml", "schemathesis_hooks.py"] {
            var text = try String(contentsOfFile: Executables.packageRoot + "/Tests/EndToEndTests/Documents/" + name, encoding: .utf8)
            if name.hasSuffix(".toml") { text += "\n[parameters]\n" + things.map { "\"\($0.key)\" = \"\($0.value)\"\n" }.sorted().joined() }
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/" + name))
        }
        let python = try await PythonEnvironment.interpreter(with: ["schemathesis==4.32.5"])
        let program = (python as NSString).deletingLastPathComponent + "/schemathesis"
        // In a folder of its own, since it leaves one behind where it runs. By one worker: parsing code in two threads at once can end Python
        // 3.11 with a SystemError.
        let result = try await ChildProcess.run(
            "sh",
            [
                "-c", "cd \"$0\" && exec \"$@\"", folder.path, program, "run", "openapi.json", "--url", server.baseURL,
                "--header", "Authorization: Bearer \(server.token)", "--phases", "examples,coverage,fuzzing",
                "--max-examples", "3", "--workers", "1", "--request-timeout", "30", "--seed", "1", "--no-color", "--continue-on-failure",
                // It never ends.
                "--exclude-operation-id", "get_api_events",
            ] + tags.flatMap { ["--include-tag", $0] }, atMost: .seconds(900))
        #expect(result.status == 0, "\(result.output.suffix(20_000)) \(result.errors.suffix(2000))")
        #expect(try await HTTPTestClient(server.baseURL).get("/health/").status == 200)
        await server.stop()
    }

    /// A name that nothing has any more would leave its operation as strict as it should be, and the reason a riddle.
    @Test func everyOperationThatTheConfigurationNamesIsThere() async throws {
        let schema = try await SharedServer.client.get("/api/schema/").text
        let text = try String(contentsOfFile: Executables.packageRoot + "/Tests/EndToEndTests/Documents/schemathesis.toml", encoding: .utf8)
        let names = text.matches(of: /"((get|post|put|patch|delete|options|head)_[a-z0-9_]+)"/).map { String($0.1) }
        #expect(names.count > 40)
        for name in names { #expect(schema.contains("\"operationId\":\"\(name)\""), "\(name)") }
    }

    /// Things that paths name, so that it is not 404 alone that is seen.
    /// - Returns: the values of parameters.
    private static func make(for tags: [String], on server: AgrovetProcess) async throws -> [String: String] {
        guard tags == ["storage"] else { return [:] }
        let client = HTTPTestClient(server)
        let bucket = "/api/storage/buckets/probe/"
        func send(_ method: HTTPMethod, _ path: String, _ json: String) async throws -> [String: Any] {
            let answer = try await client.send(method, path, json: json)
            try #require((200..<300).contains(answer.status), "\(answer.text)")
            return answer.json
        }
        _ = try await send(.POST, "/api/storage/buckets/", #"{"name": "probe", "object_lock": true}"#)
        // An object that stays keeps the bucket, whoever deletes it.
        _ = try await send(
            .PUT, bucket + "object-lock/",
            #"{"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}}"#)
        #expect(try await client.request(.PUT, bucket + "content/?key=kept.txt", body: Data("kept".utf8)).status == 201)
        _ = try await send(.PUT, bucket + "object-lock/", #"{"ObjectLockEnabled": "Enabled"}"#)
        for (name, document) in [
            ("cors", #"{"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 60}]}"#),
            ("encryption", #"{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}"#),
            ("lifecycle", #"{"Rules": [{"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}]}"#),
            ("ownership", #"{"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}"#),
            ("public-access-block", #"{"BlockPublicPolicy": true}"#), ("tags", #"{"TagSet": [{"Key": "farm", "Value": "La Vaca"}]}"#),
            (
                "policy",
                #"""
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "ana"}, "Action": "s3:GetObject",
                  "Resource": "arn:aws:s3:::probe/*"}]}
                """#
            ),
        ] { _ = try await send(.PUT, bucket + name + "/", document) }
        let upload = try await send(.POST, bucket + "uploads/", #"{"key": "parts"}"#)
        let key = try await send(.POST, "/api/storage/keys/", #"{"user": "ana"}"#)
        return [
            "path.bucket": "probe", "path.upload": try #require(upload["id"] as? String), "path.key": try #require(key["id"] as? String),
        ]
    }
}
