import Foundation
import TestSupport
import Testing

/// A hold that was never set is not one that was taken away.
@Suite struct LegalHoldTests {
    private let header = "x-amz-object-lock-legal-hold"

    private func document(_ status: String) -> Data { Data("<LegalHold><Status>\(status)</Status></LegalHold>".utf8) }

    @Test func whatWasNeverSetIsNotThereAndWhatWasTakenAwayIsOff() async throws {
        let s3 = S3TestClient(try await SharedServer.process)
        let bucket = "held-\(UUID().uuidString.lowercased())"
        #expect(try await s3.request(.PUT, bucket, headers: ["x-amz-bucket-object-lock-enabled": "true"]).status == 200)
        #expect(try await s3.put(bucket + "/a", Data("one".utf8)).status == 200)
        let never = try await s3.get(bucket + "/a", query: "legal-hold")
        #expect(never.status == 404)
        #expect(never.s3Code == "NoSuchObjectLockConfiguration")
        #expect(try await s3.request(.HEAD, bucket + "/a")[header] == nil)
        for status in ["ON", "OFF"] {
            #expect(try await s3.request(.PUT, bucket + "/a", query: "legal-hold", body: document(status)).status == 200)
            #expect(try await s3.get(bucket + "/a", query: "legal-hold").values(of: "Status") == [status])
            #expect(try await s3.request(.HEAD, bucket + "/a")[header] == status)
        }
        // From the first moment on, where the object comes with it.
        #expect(try await s3.put(bucket + "/b", Data("two".utf8), headers: [header: "OFF"]).status == 200)
        #expect(try await s3.get(bucket + "/b", query: "legal-hold").values(of: "Status") == ["OFF"])

        let plain = "plain-\(UUID().uuidString.lowercased())"
        #expect(try await s3.request(.PUT, plain).status == 200)
        #expect(try await s3.put(plain + "/a", Data("one".utf8)).status == 200)
        #expect(try await s3.get(plain + "/a", query: "legal-hold").s3Code == "InvalidRequest", "the bucket knows no locks")
    }
}
