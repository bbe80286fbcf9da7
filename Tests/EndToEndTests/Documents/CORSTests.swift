import Foundation
import TestSupport
import Testing

/// What a page of another origin may send, against what the API says that it takes.
@Suite struct CORSTests {
    @Test func everyHeaderThatAnOperationTakesMayBeSent() async throws {
        let server = try await AgrovetProcess.start(arguments: ["--set", "cors-origins=https://app.example.org"])
        let client = HTTPTestClient(server.baseURL)
        let paths = try #require(try await client.get("/api/schema/").json["paths"] as? [String: [String: Any]])
        let parameters = paths.values.flatMap(\.values).compactMap { ($0 as? [String: Any])?["parameters"] as? [[String: Any]] }.joined()
        let names = Set(parameters.filter { $0["in"] as? String == "header" }.compactMap { $0["name"] as? String })
        #expect(names.isSuperset(of: ["Idempotency-Key", "If-Match", "Last-Event-ID"]))
        let preflight = try await client.request(
            .OPTIONS, "/api/adds/",
            headers: [
                "Origin": "https://app.example.org", "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
            ])
        #expect(preflight.status == 204 && preflight["Access-Control-Allow-Origin"] == "https://app.example.org")
        let allowed = Set((preflight["Access-Control-Allow-Headers"] ?? "").lowercased().components(separatedBy: ", "))
        #expect(allowed.isSuperset(of: ["authorization", "content-type", "accept-language"]))
        #expect(names.filter { !allowed.contains($0.lowercased()) }.isEmpty)
        await server.stop()
    }
}
