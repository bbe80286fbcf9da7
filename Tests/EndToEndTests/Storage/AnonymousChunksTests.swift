import Crypto
import Foundation
import TestSupport
import Testing

/// What says that its chunks are signed, and is signed by nobody.
@Suite struct AnonymousChunksTests {
    @Test(arguments: ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"])
    func areRefusedAndTheServerGoesOn(_ payload: String) async throws {
        let server = try await AgrovetProcess.start()
        let s3 = S3TestClient(server)
        #expect(try await s3.request(.PUT, "open").status == 200)
        let policy =
            #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::open/*"}]}"#
        #expect(try await s3.request(.PUT, "open", query: "policy=", body: Data(policy.utf8)).status == 204)
        let document = Data("<Delete><Object><Key>a</Key></Object></Delete>".utf8)
        let anonymous = HTTPTestClient(server.s3URL, token: nil)
        let headers = [
            "x-amz-content-sha256": payload, "x-amz-decoded-content-length": "\(document.count)",
            "Content-MD5": Data(Insecure.MD5.hash(data: document)).base64EncodedString(),
        ]
        for (path, isDeletion) in [("/open?delete", true), ("/open/a", false)] {
            let answer = try await anonymous.request(isDeletion ? .POST : .PUT, path, headers: headers, body: document)
            #expect(answer.status == 403 && answer.text.contains("AccessDenied"), "\(answer)")
        }
        #expect(try await HTTPTestClient(server).get("/health/ready/").status == 200)
        #expect(await server.stop() == 0)
    }
}
