import Foundation
import Persistence
import ProfilesService
import TestSupport
import Testing
import WebAPI

@Suite struct MediaTests {
    @Test(arguments: SQLDialect.allCases)
    func aPhotoAppearsWhenItsEventComesAndGoesWithIt(_ dialect: SQLDialect) async throws {
        var settings = ProfilesSettings()
        settings.mediaURL = "https://media.example.org"
        settings.gallery = 3
        try await Village.open(dialect, settings: settings) { (village: Village) async throws -> Void in
            let ids = (0..<4).map { _ in UUIDv7.make() }
            let made = try await village.create(
                #"{"display_name":"Ana","photo_id":"\#(ids[0])","gallery_ids":["\#(ids[2])","\#(ids[1])","\#(ids[2])"]}"#)
            let id = try #require(made["id"] as? String)
            let path = "/api/profiles/specialists/\(id)/"
            #expect(made["gallery_ids"] as? [String] == [ids[2], ids[1]])
            #expect((made["photo"] as? [String: Any])?["status"] as? String == "processing")
            func photo() async throws -> [String: Any]? { try await village.nobody.get(path).json["photo"] as? [String: Any] }
            func gallery() async throws -> [String] { try await village.nobody.get(path).json["gallery_ids"] as? [String] ?? [] }

            let before = try #require(try await village.ana.get(path)["etag"])
            try await village.tellMedia("media.created", ids[0], status: "processing")
            try await village.tellMedia("media.ready", ids[0])
            #expect(try await village.bench.eventually { try await photo()?["status"] as? String == "ready" })
            #expect(try await photo()?["url"] as? String == "https://media.example.org/media/\(ids[0])/original")
            // It is another answer, and no conflict for whoever changes something.
            #expect(try await village.ana.get(path, headers: ["If-None-Match": before]).status == 200)
            #expect(try await village.patch(path, #"{"bio":"Hola"}"#, by: village.ana, match: before).status == 200)

            // Another's, which was not known when it was put in.
            try await village.tellMedia("media.created", ids[2], owner: Village.vet)
            #expect(try await village.bench.eventually { try await gallery() == [ids[1]] })
            try await village.tellMedia("media.ready", ids[1])
            try await village.tellMedia("media.updated", ids[1], visibility: "private")
            #expect(try await village.bench.eventually { try await gallery() == [] })
            for refused in [ids[1], ids[2]] {
                let answer = try await village.patch(path, #"{"gallery_ids":["\#(refused)"]}"#, by: village.ana)
                #expect(answer.status == 400 && answer.json["gallery_ids"] != nil)
            }
            let many = (0..<4).map { _ in "\"\(UUIDv7.make())\"" }.joined(separator: ",")
            #expect(try await village.patch(path, #"{"gallery_ids":[\#(many)]}"#, by: village.ana).status == 400)
            #expect(try await village.patch(path, #"{"gallery_ids":["\#(ids[3])"]}"#, by: village.ana).status == 200)
            try await village.tellMedia("media.failed", ids[3], status: "failed")
            try await village.tellMedia("media.deleted", ids[0])
            #expect(try await village.bench.eventually { try await village.nobody.get(path).json["photo"] is NSNull })
            #expect(try await village.bench.eventually { try await gallery() == [] })
            #expect(try await village.ana.get(path).json["photo_id"] is NSNull)
            let expected = ["profile.created"] + Array(repeating: "profile.updated", count: 6)
            #expect(try await village.bench.eventually { try await village.told(id) == expected })
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func whoIsGoneHasNoProfileAndNoName(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect) { (village: Village) async throws -> Void in
            try await village.tellUser("user.created", Village.vet, name: "benito")
            let ana = try #require(try await village.create(#"{"display_name":"Ana"}"#)["id"] as? String)
            let vet = try #require(try await village.create(#"{"display_name":"Benito"}"#, by: village.vet)["id"] as? String)
            let company = try await village.create("businessmen", #"{"display_name":"B","company_name":"Benito SAS"}"#, by: village.vet)
            let reviews = "/api/profiles/specialists/\(ana)/reviews/"
            #expect(try await village.vet.send(.POST, reviews, json: #"{"rating":4,"text":"Bien"}"#).status == 201)
            func author() async throws -> Any? {
                (try await village.nobody.get(reviews).json["results"] as? [[String: Any]])?.first?["author"]
            }
            #expect(try await village.bench.eventually { (try await author() as? [String: Any])?["username"] as? String == "benito" })

            try await village.tellUser("user.deleted", Village.vet)
            #expect(try await village.bench.eventually { try await village.nobody.get("/api/profiles/specialists/\(vet)/").status == 404 })
            #expect(try await village.names() == ["Ana"])
            #expect(try await village.names("", "businessmen", by: village.staff) == [])
            #expect(try await author() is NSNull)
            // The rating stays, and a token that outlives the account makes nothing new.
            let rating = try await village.nobody.get("/api/profiles/specialists/\(ana)/").json["rating"] as? [String: Any]
            #expect(rating?["count"] as? Int == 1)
            #expect(try await village.vet.send(.POST, "/api/profiles/specialists/", json: #"{"display_name":"B"}"#).status == 403)
            #expect(try await village.vet.send(.POST, reviews, json: #"{"rating":1}"#).status == 403)
            for id in [vet, try #require(company["id"] as? String)] {
                #expect(try await village.bench.eventually { try await village.told(id).last == "profile.deleted" })
            }
        }
    }
}
