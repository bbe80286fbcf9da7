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
}
