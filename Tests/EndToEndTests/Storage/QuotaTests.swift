import Foundation
import TestSupport
import Testing

/// A bucket's quota, by every way that an object comes.
@Suite struct QuotaTests {
    @Test func whatDoesNotFitIsRefusedAndPartsTogetherToo() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_S3_MINIMUM_PART_SIZE": "1"])
        let s3 = S3TestClient(server)
        #expect(try await s3.request(.PUT, "herd").status == 200)
        let quota = "<QuotaConfiguration><MaxBytes>1000</MaxBytes><MaxObjects>3</MaxObjects></QuotaConfiguration>"
        #expect(try await s3.request(.PUT, "herd", query: "quota", body: Data(quota.utf8)).status == 200)
        #expect(try await s3.get("herd", query: "quota").values(of: "MaxBytes") == ["1000"])
        #expect(try await s3.put("herd/a", Data(count: 400)).status == 200)
        #expect(try await s3.put("herd/b", Data(count: 601)).s3Code == "QuotaExceeded")

        // Two parts that fit, and do not fit together; the first of them alone does.
        let id = try #require(try await s3.request(.POST, "herd/b", query: "uploads=").values(of: "UploadId").first)
        var list: [String] = []
        for number in 1...2 {
            let part = try await s3.request(.PUT, "herd/b", query: "partNumber=\(number)&uploadId=\(id)", body: Data(count: 301))
            #expect(part.status == 200)
            list.append("<Part><PartNumber>\(number)</PartNumber><ETag>\(try #require(part["ETag"]))</ETag></Part>")
        }
        func complete(_ parts: [String]) async throws -> HTTPTestClient.Answer {
            let document = "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"
            return try await s3.request(.POST, "herd/b", query: "uploadId=\(id)", body: Data(document.utf8))
        }
        #expect(try await complete(list).s3Code == "QuotaExceeded")
        #expect(try await s3.get("herd/b").status == 404)
        #expect(try await complete([list[0]]).status == 200)
        #expect(try await s3.put("herd/c", Data(count: 10)).status == 200)
        #expect(try await s3.put("herd/d", Data(count: 1)).s3Code == "QuotaExceeded", "three objects are enough")
        #expect(try await s3.request(.PUT, "herd/d", headers: ["x-amz-copy-source": "/herd/c"]).s3Code == "QuotaExceeded")
        #expect(try await s3.request(.DELETE, "herd/a").status == 204)
        #expect(try await s3.request(.PUT, "herd/d", headers: ["x-amz-copy-source": "/herd/c"]).status == 200)
        #expect(await server.stop() == 0)
    }
}
