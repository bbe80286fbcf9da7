import Foundation
import Persistence
import ProfilesService
import Schemas
import TestSupport
import Testing
import WebAPI

@Suite struct DocumentTests {
    @Test func theDocumentIsValid() async throws {
        try await Village.open(.sqlite) { (village: Village) async throws -> Void in
            try await check(Document(routes: village.routes).text)
        }
    }

    private func check(_ text: String) async throws {
        let folder = try TemporaryFolder()
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/openapi.json"))
        let python = try await PythonEnvironment.interpreter(with: ["openapi-spec-validator==0.9.0"])
        let result = try await ChildProcess.run(
            python, ["-m", "openapi_spec_validator", folder.path + "/openapi.json"])
        #expect(result.status == 0, "\(result.output) \(result.errors)")
    }

    @Test func answersAreWhatTheDocumentSays() async throws {
        try await Village.open(.sqlite) { (village: Village) async throws -> Void in
            let document = Document(routes: village.routes)
            let photo = UUIDv7.make()
            try await village.tellMedia("media.ready", photo)
            let id = try #require(
                try await village.create(
                    #"{"display_name":"Ana","photo_id":"\#(photo)","gallery_ids":["\#(UUIDv7.make())"],"location":{"city":"Cali"}}"#)["id"]
                    as? String)
            let path = "/api/profiles/specialists/"
            _ = try await village.bench.eventually { try await village.nobody.get(path + id + "/").text.contains("\"ready\"") }
            _ = try await village.vet.send(.POST, path + "\(id)/reviews/", json: #"{"rating":4}"#)
            for (declared, asked, client) in [
                (path, path, village.nobody), (path, path + "?near=1,1", village.ana), (path + "{id}/", path + "\(id)/", village.nobody),
                (path + "{id}/", path + "\(id)/", village.ana), (path + "me/", path + "me/", village.ana),
                (path + "{id}/reviews/", path + "\(id)/reviews/", village.nobody),
                (path + "{id}/verification/", path + "\(id)/verification/", village.ana),
                ("/api/profiles/specialties/", "/api/profiles/specialties/", village.nobody),
            ] {
                let answer = try await client.get(asked)
                #expect(answer.status == 200, "\(asked)")
                let problems = try document.problems(of: JSONValue(parsing: answer.body), path: declared)
                #expect(problems.isEmpty, "\(asked) \(problems)")
            }
        }
    }
}

/// The OpenAPI document of the service's routes, and the schemas that it declares.
private struct Document {
    let routes: [Route]
    var text: String {
        OpenAPIDocument(title: "Profiles", version: "1", tags: ProfilesService.tags, routes: routes).json(server: "http://example.org")
    }

    func problems(of value: JSONValue, path: String) throws -> [String: [SchemaProblem]] {
        let route = try #require(routes.first { $0.path == path && $0.method == .get })
        let schema = try #require(route.endpoint?.answers.first { $0.status == 200 }?.schema)
        return schema.problems(of: value)
    }
}
