import Foundation
import Persistence
import TestSupport
import Testing

/// A client's copy is current exactly as long as the answer would be the same, and a change is meant for what its `If-Match` names.
@Suite struct EntityTagTests {
    @Test(arguments: SQLDialect.allCases)
    func anAdsTagIsOfAllThatItsAnswerShows(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers)["id"] as? String)
            let path = "/api/adds/\(id)/"
            var tag = try #require(try await fair.vet.get(path)["ETag"])
            #expect(try await fair.vet.get(path, headers: ["If-None-Match": tag]).status == 304)
            func expectNews(_ what: String) async throws {
                let answer = try await fair.vet.get(path, headers: ["If-None-Match": tag])
                #expect(answer.status == 200 && answer["ETag"] != tag, "\(what)")
                tag = answer["ETag"] ?? ""
                #expect(try await fair.vet.get(path, headers: ["If-None-Match": tag]).status == 304, "\(what)")
            }
            #expect(try await fair.vet.request(.PUT, path + "favourite/").status < 300)
            try await expectNews("a favourite")
            #expect(try await fair.vet.request(.DELETE, path + "favourite/").status < 300)
            try await expectNews("no favourite any more")
            _ = try await fair.buy(id)
            try await expectNews("the stock")
            // A change that was made for what was seen before the favourite is meant for this ad still; one for another version is not.
            #expect(
                try await fair.ana.request(
                    .PATCH, path, headers: ["Content-Type": "application/json", "If-Match": tag], body: Data(#"{"title":"Vacas"}"#.utf8)
                ).status == 200)
            #expect(
                try await fair.ana.request(
                    .PATCH, path, headers: ["Content-Type": "application/json", "If-Match": tag], body: Data(#"{"title":"Toros"}"#.utf8)
                ).status == 412)
        }
    }

    @Test func searchesAndCategoriesAreChangedAsTheyWereSeen() async throws {
        try await Fair.open(.sqlite) { (fair: Fair) async throws -> Void in
            func patch(_ path: String, _ json: String, _ tag: String, by client: HTTPTestClient) async throws -> HTTPTestClient.Answer {
                try await client.request(
                    .PATCH, path, headers: ["Content-Type": "application/json", "If-Match": tag], body: Data(json.utf8))
            }
            let saved = try await fair.vet.send(.POST, "/api/saved-searches/", json: #"{"name":"Vacas","query":{"search":"vacas"}}"#)
            let search = "/api/saved-searches/\(try #require(saved.json["id"] as? String))/"
            let tag = try #require(saved["ETag"])
            // That an ad is new is no change of the search.
            _ = try await fair.post(Fair.heifers)
            #expect(try await fair.vet.get(search)["ETag"] == tag)
            let renamed = try await patch(search, #"{"name":"Toros"}"#, tag, by: fair.vet)
            #expect(renamed.status == 200 && renamed["ETag"] != tag)
            #expect(try await patch(search, #"{"name":"Cabras"}"#, tag, by: fair.vet).status == 412)
            #expect(try await fair.vet.request(.DELETE, search, headers: ["If-Match": tag]).status == 412)
            #expect(try await fair.vet.request(.DELETE, search, headers: ["If-Match": renamed["ETag"] ?? ""]).status == 204)

            let category = "/api/categories/livestock/"
            let seen = try #require(try await fair.nobody.get(category)["ETag"])
            #expect(try await patch(category, #"{"position":7}"#, seen, by: fair.staff).status == 200)
            #expect(try await patch(category, #"{"position":8}"#, seen, by: fair.staff).status == 412)
            #expect(try await fair.nobody.get("/api/categories/unicorns/").status == 404)
            let tree = try #require(try await fair.nobody.get("/api/categories/")["ETag"])
            #expect(try await fair.nobody.get("/api/categories/", headers: ["If-None-Match": tree]).status == 304)
        }
    }
}
