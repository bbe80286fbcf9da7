import Foundation
import TestSupport
import Testing

/// What is asked for and not done is refused; it is never taken for something else.
@Suite struct StrictnessTests {
    private func withBucket(_ arguments: [String] = [], _ body: (S3TestClient, String) async throws -> Void) async throws {
        let server = try await AgrovetProcess.start(arguments: arguments)
        let client = S3TestClient(server)
        #expect(try await client.request(.PUT, "strict").status == 200)
        try await body(client, "strict")
        await server.stop()
    }

    @Test func operationsThatAreNotKnownLeaveTheObjectAlone() async throws {
        try await withBucket { client, bucket in
            let path = "\(bucket)/k"
            func expectWhole(_ what: String) async throws { #expect(try await client.get(path).text == "precious", "\(what)") }
            try await client.put(path, Data("precious".utf8))
            for query in [
                "renameObject", "encryption", "annotation&annotationName=a", "uploads", "policy", "cors", "lifecycle", "versioning",
                "restore",
                "torrent", "attributes", "append", "whatever", "response-content-type=a",
            ] {
                let answer = try await client.request(.PUT, path, query: query, body: Data("other".utf8))
                #expect(answer.status == 501 && answer.s3Code == "NotImplemented", "PUT ?\(query): \(answer.status) \(answer.text)")
                try await expectWhole("PUT ?\(query)")
                let deletion = try await client.request(.DELETE, path, query: query)
                #expect(deletion.status == 501 || deletion.status == 405, "DELETE ?\(query): \(deletion.status)")
                try await expectWhole("DELETE ?\(query)")
            }
            for query in ["versionId=abc", "partNumber=1"] {
                let answer = try await client.request(.PUT, path, query: query, body: Data("other".utf8))
                #expect(answer.status == 400 && answer.s3Code == "InvalidArgument", "PUT ?\(query): \(answer.text)")
            }
            let append = try await client.put(path, Data("+more".utf8), headers: ["x-amz-write-offset-bytes": "8"])
            #expect(append.status == 501)
            try await expectWhole("append")
            for query in ["annotation", "torrent", "session"] {
                #expect(try await client.get(path, query: query).status == 501, "GET ?\(query)")
            }
            #expect(try await client.get(bucket, query: "session").status == 501)
            // Names of one's own, for the log and for caches, change nothing.
            #expect(try await client.request(.PUT, path, query: "x-trace=7", body: Data("precious".utf8)).status == 200)
            #expect(try await client.get(path, query: "v=3").text == "precious")
        }
    }

    @Test func aChecksumThatIsDeclaredIsCheckedOrRefused() async throws {
        try await withBucket { client, bucket in
            let body = Data("x".utf8)
            for headers in [
                ["x-amz-checksum-xxhash64": "AAAAAAAAAAA="], ["x-amz-checksum-sha512": "AAAA"], ["x-amz-sdk-checksum-algorithm": "CRC32"],
                ["x-amz-sdk-checksum-algorithm": "XXHASH3"],
                [
                    "x-amz-sdk-checksum-algorithm": "CRC32",
                    "x-amz-checksum-sha256": "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=",
                ],
            ] {
                let answer = try await client.put("\(bucket)/k", body, headers: headers)
                #expect(answer.status == 400 && answer.s3Code == "InvalidRequest", "\(headers): \(answer.status) \(answer.text)")
            }
            #expect(try await client.get("\(bucket)/k").status == 404)
            #expect(
                try await client.put(
                    "\(bucket)/k", body,
                    headers: [
                        "x-amz-sdk-checksum-algorithm": "SHA256",
                        "x-amz-checksum-sha256": "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=",
                    ]
                ).status == 200)
        }
    }

    @Test func anUploadIsCompletedAsItWasBegun() async throws {
        try await withBucket(["--set", "s3-domains=s3.localhost"]) { client, bucket in
            let path = "\(bucket)/whole"
            func upload(_ headers: [String: String] = [:]) async throws -> (id: String, document: Data) {
                let begun = try await client.request(.POST, path, query: "uploads=", headers: headers)
                let id = try #require(begun.values(of: "UploadId").first)
                let part = try await client.request(
                    .PUT, path, query: "partNumber=1&uploadId=\(id)", headers: headers.filter { $0.key.contains("customer") },
                    body: Data("abc".utf8))
                let etag = try #require(part["ETag"])
                return (
                    id,
                    Data(
                        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\(etag)</ETag></Part></CompleteMultipartUpload>"
                            .utf8)
                )
            }
            let (id, document) = try await upload(["x-amz-checksum-algorithm": "CRC32"])
            for headers in [
                ["x-amz-mp-object-size": "99"], ["x-amz-checksum-sha256": "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE="],
                ["x-amz-checksum-type": "FULL_OBJECT"],
            ] {
                let answer = try await client.request(.POST, path, query: "uploadId=\(id)", headers: headers, body: document)
                #expect(answer.status == 400 && answer.s3Code == "InvalidRequest", "\(headers): \(answer.text)")
            }
            let done = try await client.request(
                .POST, path, query: "uploadId=\(id)", headers: ["x-amz-mp-object-size": "3", "x-amz-checksum-type": "COMPOSITE"],
                body: document)
            #expect(done.status == 200, "\(done.text)")
            #expect(done.values(of: "Location").first == "\(client.endpoint)/\(path)")

            // A key of the client's goes with the parts; the completion needs none where it computes nothing.
            let key = Data((0..<32).map { UInt8($0) })
            let customer = [
                "x-amz-server-side-encryption-customer-algorithm": "AES256",
                "x-amz-server-side-encryption-customer-key": key.base64EncodedString(),
                "x-amz-server-side-encryption-customer-key-MD5": "tP/LI3N87DFaSk0aoqYgzg==",
            ]
            let secret = try await upload(customer)
            let completed = try await client.request(.POST, path, query: "uploadId=\(secret.id)", body: secret.document)
            #expect(completed.status == 200, "\(completed.text)")
            #expect(try await client.get(path).status == 400)
            #expect(try await client.request(.GET, path, headers: customer).text == "abc")
        }
    }

    /// A download that goes on must not put two objects together.
    @Test func aPartOfAnotherVersionIsNotGiven() async throws {
        try await withBucket { client, bucket in
            let path = "\(bucket)/v"
            let old = try #require(try await client.put(path, Data("OLDOLDOLD".utf8))["ETag"])
            let rest = ["Range": "bytes=3-", "If-Range": old]
            #expect(try await client.request(.GET, path, headers: rest).text == "OLDOLD")
            try await client.put(path, Data("newnewnew".utf8))
            // The usual way, and twice more from memory.
            for _ in 1...3 {
                let answer = try await client.request(.GET, path, headers: rest)
                #expect(answer.status == 200 && answer.text == "newnewnew")
            }
            let modified = try #require(try await client.request(.HEAD, path)["Last-Modified"])
            #expect(try await client.request(.GET, path, headers: ["Range": "bytes=3-", "If-Range": modified]).status == 206)
            #expect(
                try await client.request(.GET, path, headers: ["Range": "bytes=3-", "If-Range": "Wed, 21 Oct 2015 07:28:00 GMT"]).status
                    == 200)
        }
    }

    /// Who says that it came by TLS is believed only as a proxy that is trusted.
    @Test(arguments: [("", 403), ("127.0.0.0/8", 200)])
    func tlsIsATrustedProxysWord(_ proxies: String, _ status: Int) async throws {
        try await withBucket(["--set", "trusted-proxies=\(proxies)"]) { client, bucket in
            try await client.put("\(bucket)/k", Data("x".utf8))
            let policy = """
                {"Version":"2012-10-17","Statement":[
                {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::\(bucket)/*"},
                {"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::\(bucket)/*",
                 "Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}
                """
            #expect(try await client.request(.PUT, bucket, query: "policy=", body: Data(policy.utf8)).status == 204)
            let anonymous = HTTPTestClient(client.endpoint)
            #expect(try await anonymous.get("/\(bucket)/k").status == 403)
            for _ in 1...3 {
                #expect(try await anonymous.get("/\(bucket)/k", headers: ["X-Forwarded-Proto": "https"]).status == status)
            }
        }
    }

    @Test func aKeyManagementServicesDefaultKeyIsTaken() async throws {
        try await withBucket { client, bucket in
            let answer = try await client.put("\(bucket)/k", Data("x".utf8), headers: ["x-amz-server-side-encryption": "aws:kms"])
            #expect(answer.status == 200 && answer["x-amz-server-side-encryption-aws-kms-key-id"] == "aws/s3")
        }
    }
}
