import Foundation
import TestSupport
import Testing

@Suite struct PostgreSQLTests {
    @Test func theSameServerRunsOnPostgreSQLByASetting() async throws {
        let url = try await PostgreSQLServer.shared.makeDatabase()
        let server = try await AgrovetProcess.start(environment: ["AGROVET_DATABASE_URL": url])
        let client = HTTPTestClient(server)
        #expect(try await client.get("/health/").text.contains("postgresql"))
        let record = try await client.upload(sample: "photo.jpg", fields: ["title": "Yegua"], headers: ["Prefer": "wait=30"]).json
        #expect(record["status"] as? String == "ready")
        let id = try #require(record["id"] as? String)
        #expect(try await client.anonymous.get("/media/\(id)/small.webp").status == 200)
        #expect(try await client.get("/api/media/?search=yegua&ordering=-size&created_after=2020-01-01").json["count"] as? Int == 1)
        #expect(try await client.send(.PATCH, "/api/media/\(id)/", json: #"{"title":"Potra"}"#).json["title"] as? String == "Potra")
        #expect(try await client.request(.DELETE, "/api/media/\(id)/").status == 204)
        #expect(try await client.get("/api/media/").json["count"] as? Int == 0)
        #expect(await server.stop() == 0)
        #expect(!server.log.contains(url))
    }
}
