import Foundation
import TestSupport
import Testing

/// Tags are rights where policies ask for them: whoever may not write or read them does so in no roundabout way.
@Suite struct TagRightsTests {
    @Test func tagsOfFormsAndCopiesAreAskedForAsThoseOfAPUT() async throws {
        let server = try await AgrovetProcess.start()
        let root = S3TestClient(server)
        #expect(try await root.request(.PUT, "tags").status == 200)
        let key = try await server.addS3Key(user: "ana")
        let ana = S3TestClient(server, key: key)
        func allow(_ actions: String...) async throws {
            let list = actions.map { "\"s3:\($0)\"" }.joined(separator: ",")
            let policy = """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam:::user/ana"},"Action":[\(list)],
                "Resource":"arn:aws:s3:::tags/*"}]}
                """
            let answer = try await root.request(.PUT, "tags", query: "policy=", body: Data(policy.utf8))
            try #require(answer.status == 204, "\(answer.text)")
        }
        try await root.put("tags/source", Data("x".utf8), headers: ["x-amz-tagging": "approved=yes"])
        func copy(_ directive: String? = nil) async throws -> Int {
            var headers = ["x-amz-copy-source": "tags/source"]
            headers["x-amz-tagging-directive"] = directive
            return try await ana.request(.PUT, "tags/copy", headers: headers).status
        }
        try await allow("GetObject", "PutObject")
        #expect(try await copy() == 403)
        #expect(try await copy("REPLACE") == 200, "without them it may")
        #expect(try await ana.put("tags/own", Data(), headers: ["x-amz-tagging": "approved=yes"]).status == 403)
        try await allow("GetObject", "PutObject", "PutObjectTagging")
        #expect(try await copy() == 403, "they were not read")
        try await allow("GetObject", "PutObject", "GetObjectTagging")
        #expect(try await copy() == 403, "nor written")
        try await allow("GetObject", "PutObject", "PutObjectTagging", "GetObjectTagging")
        #expect(try await copy() == 200)
        #expect(try await root.request(.GET, "tags/copy", query: "tagging=").text.contains("approved"))
        #expect(await server.stop() == 0)
    }

    @Test func addressesAreThoseThatTrustedProxiesTell() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_TRUSTED_PROXIES": "127.0.0.1"])
        let root = S3TestClient(server)
        #expect(try await root.request(.PUT, "near").status == 200)
        let policy = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::near/*",
            "Condition":{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::5/128"]}}}]}
            """
        #expect(try await root.request(.PUT, "near", query: "policy=", body: Data(policy.utf8)).status == 204)
        try await root.put("near/a", Data("a".utf8))
        let anonymous = HTTPTestClient(server.s3URL)
        for (address, status) in [("203.0.113.9", 200), ("2001:db8::5", 200), ("198.51.100.1", 403), ("2001:db8::6", 403)] {
            // Twice: the second may be answered at once.
            for _ in 0..<2 {
                #expect(try await anonymous.get("/near/a", headers: ["X-Forwarded-For": address]).status == status, "\(address)")
            }
        }
        #expect(try await anonymous.get("/near/a").status == 403)
        #expect(await server.stop() == 0)
    }

    /// Of a list that nobody may have asked for nothing is read.
    @Test func whoMayDeleteNothingIsNotListenedTo() async throws {
        let server = try await AgrovetProcess.start()
        #expect(try await S3TestClient(server).request(.PUT, "closed").status == 200)
        let socket = try RawSocket(port: try #require(URL(string: server.s3URL)?.port))
        try socket.send(
            "POST /closed?delete HTTP/1.1\r\nHost: x\r\nContent-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\r\nContent-Length: 1000000\r\n\r\n<Delete>")
        #expect(try socket.receive(until: "</Error>").contains("<Code>AccessDenied</Code>"))
        socket.close()
        #expect(await server.stop() == 0)
    }
}
