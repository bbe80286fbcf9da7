import Foundation
import Persistence
import ProfilesService
import TestSupport
import Testing

@Suite struct SpecialtyTests {
    @Test(arguments: SQLDialect.allCases)
    func staffAddToTheTree(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect) { (village: Village) async throws -> Void in
            let path = "/api/profiles/specialties/"
            let tree = try await village.nobody.get(path)
            let top = try #require(JSONSerialization.jsonObject(with: tree.body) as? [[String: Any]])
            #expect(top.first?["slug"] as? String == "livestock" && (top.first?["children"] as? [Any])?.isEmpty == false)
            #expect(try await village.nobody.get(path, headers: ["If-None-Match": tree["etag"] ?? ""]).status == 304)
            let buffalo = #"{"slug":"buffalo","parent":"cattle","name":{"en":"Buffalo","es":"Búfalos"}}"#
            #expect(try await village.ana.send(.POST, path, json: buffalo).status == 403)
            #expect(try await village.staff.send(.POST, path, json: buffalo).status == 201)
            #expect(try await village.staff.send(.POST, path, json: buffalo).json["slug"] as? [String] == ["This field must be unique."])
            for (json, field) in [
                (#"{"slug":"Ñu","name":{"en":"a","es":"b"}}"#, "slug"), (#"{"slug":"gnu","name":{"en":"a"}}"#, "name.es"),
                (#"{"slug":"gnu","parent":"unicorns","name":{"en":"a","es":"b"}}"#, "parent"),
            ] {
                let answer = try await village.staff.send(.POST, path, json: json)
                #expect(answer.status == 400 && answer.json[field] != nil, "\(answer.text)")
            }
            try await village.create(#"{"display_name":"Ana","specialties":["buffalo"]}"#)
            #expect(try await village.names("specialty=livestock") == ["Ana"])
            #expect(try await village.names("search=bufalo") == ["Ana"])
            var parent = "buffalo"
            var statuses: [Int] = []
            for depth in 0..<7 {
                let json = #"{"slug":"deep-\#(depth)","parent":"\#(parent)","name":{"en":"d","es":"d"}}"#
                statuses.append(try await village.staff.send(.POST, path, json: json).status)
                parent = "deep-\(depth)"
            }
            #expect(statuses == [201, 201, 201, 201, 201, 400, 400])
        }
    }

    private func send(_ client: HTTPTestClient, _ slug: String, _ json: String) async throws -> HTTPTestClient.Answer {
        try await client.send(.PATCH, "/api/profiles/specialties/\(slug)/", json: json)
    }

    @Test(arguments: SQLDialect.allCases)
    func staffRenameAndMoveASpecialty(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect) { (village: Village) async throws -> Void in
            try await village.create(#"{"display_name":"Ana","specialties":["dairy"]}"#)
            #expect(try await village.names("search=bovinos") == ["Ana"])
            let name = #"{"name":{"en":"Cows","es":"Reses"}}"#
            #expect(try await send(village.ana, "cattle", name).status == 403)
            let renamed = try await send(village.staff, "cattle", name)
            #expect(renamed.status == 200 && (renamed.json["name"] as? [String: String])?["es"] == "Reses", "\(renamed.text)")
            #expect(renamed.json["parent"] as? String == "livestock" && (renamed.json["children"] as? [Any])?.count == 2)
            // Who has one below it is found by its names of now.
            #expect(try await village.bench.eventually { try await village.names("search=reses") == ["Ana"] })
            #expect(try await village.names("search=bovinos+leche") == ["Ana"])
            #expect(try await village.names("search=cattle") == ["Ana"])
            #expect(try await send(village.staff, "cattle", name).status == 200)

            #expect(try await send(village.staff, "dairy", #"{"parent":"companion-animals","position":3}"#).json["position"] as? Int == 3)
            #expect(try await village.names("specialty=companion-animals") == ["Ana"])
            #expect(try await village.names("specialty=livestock") == [])
            #expect(try await village.bench.eventually { try await village.names("search=reses") == [] })
            #expect(try await send(village.staff, "dairy", #"{"parent":null}"#).json["parent"] is NSNull)
            for (slug, json, field) in [
                ("livestock", #"{"parent":"pigs"}"#, "parent"), ("pigs", #"{"parent":"pigs"}"#, "parent"),
                ("pigs", #"{"parent":"unicorns"}"#, "parent"), ("pigs", #"{"name":{"en":"Pigs"}}"#, "name.es"),
            ] {
                let answer = try await send(village.staff, slug, json)
                #expect(answer.status == 400 && answer.json[field] != nil, "\(slug) \(json) \(answer.text)")
            }
            #expect(try await send(village.staff, "unicorns", name).status == 404)
            // A branch may not be hung so low that its tips are too deep.
            var parent = "pigs"
            for depth in 0..<6 {
                let json = #"{"slug":"deep-\#(depth)","parent":"\#(parent)","name":{"en":"d","es":"d"}}"#
                #expect(try await village.staff.send(.POST, "/api/profiles/specialties/", json: json).status == 201)
                parent = "deep-\(depth)"
            }
            #expect(try await send(village.staff, "pigs", #"{"parent":"sheep"}"#).status == 400)
            #expect(try await send(village.staff, "pigs", #"{"parent":"pets"}"#).status == 400)
            #expect(try await send(village.staff, "pigs", #"{"parent":"companion-animals"}"#).status == 200)

            // Who changed what is told, and the same once more is no change.
            #expect(try await village.bench.eventually { try await village.told("cattle") == ["specialty.updated"] })
            let told = try await village.bench.events("user.events").first { $0.subject == "cattle" }?.data ?? ""
            #expect(told.contains(#""actor":"\#(Village.staff.subject)""#) && told.contains("Reses"))
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func aSpecialtyThatGoesIsReplacedOrIsNotUsed(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect) { (village: Village) async throws -> Void in
            let path = "/api/profiles/specialties/"
            let made = try await village.create(#"{"display_name":"Ana","specialties":["dairy","beef","surgery"]}"#)
            let profile = "/api/profiles/specialists/\(made["id"] as? String ?? "")/"
            #expect(try await village.ana.request(.DELETE, path + "dairy/").status == 403)
            let used = try await village.staff.request(.DELETE, path + "dairy/")
            #expect(used.status == 409 && used.json["code"] as? String == "specialty_in_use")
            #expect(try await village.staff.request(.DELETE, path + "cattle/?replace_by=surgery").status == 409)
            #expect(try await village.staff.request(.DELETE, path + "unicorns/").status == 404)
            for heir in ["dairy", "unicorns"] {
                let refused = try await village.staff.request(.DELETE, path + "dairy/?replace_by=" + heir)
                #expect(refused.status == 400 && refused.json["replace_by"] != nil, "\(heir) \(refused.text)")
            }
            #expect(try await village.staff.request(.DELETE, path + "bees/").status == 204)
            #expect(try await village.staff.request(.DELETE, path + "bees/").status == 404)
            #expect(try await village.staff.request(.DELETE, path + "dairy/?replace_by=beef").status == 204)
            #expect(try await village.nobody.get(profile).json["specialties"] as? [String] == ["beef", "surgery"])
            #expect(try await village.names("search=leche") == [])
            #expect(try await village.staff.request(.DELETE, path + "surgery/?replace_by=pigs").status == 204)
            #expect(try await village.nobody.get(profile).json["specialties"] as? [String] == ["beef", "pigs"])
            #expect(try await village.names("specialty=pigs") == ["Ana"])
            let expected = ["profile.created", "profile.updated", "profile.updated"]
            #expect(try await village.bench.eventually { try await village.told(made["id"] as? String ?? "") == expected })
            #expect(try await village.bench.eventually { try await village.told("surgery") == ["specialty.deleted"] })
            #expect(try await village.nobody.get(path).text.contains("surgery") == false)
        }
    }
}
