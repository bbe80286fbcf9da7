import Foundation
import TestSupport
import Testing

/// What the log says of requests to the S3 endpoint.
@Suite struct S3LogTests {
    @Test func aLineNamesTheIdThatTheClientGotAndNoOther() async throws {
        let server = try await AgrovetProcess.start()
        let s3 = S3TestClient(server)
        var ids: [String] = []
        for answer in [
            try await s3.request(.PUT, "herd"), try await s3.put("herd/a", Data("one".utf8)), try await s3.get("herd/a"),
            try await s3.get("herd/none"), try await HTTPTestClient(server.s3URL).get("/herd/a"),
        ] { ids.append(try #require(answer["x-amz-request-id"])) }
        func lines() -> [[String: Any]] {
            server.log.split(separator: "\n").compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
                .filter { $0["message"] as? String == "request" }
        }
        // A line is written behind its answer.
        let deadline = ContinuousClock.now + Patience.usual
        while lines().count < ids.count, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        #expect(lines().compactMap { $0["request_id"] as? String } == ids)
        #expect(!server.log.contains("hb.request.id"))
        #expect(await server.stop() == 0)
    }
}
