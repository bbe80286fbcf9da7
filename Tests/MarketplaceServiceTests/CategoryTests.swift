import Foundation
import Persistence
import Schemas
import TestSupport
import Testing

/// What staff do to the tree, and what becomes of its ads.
@Suite struct CategoryTests {
    private func told(_ fair: Fair, _ subject: String) async throws -> [String] {
        try await fair.bench.events("marketplace.events").filter { $0.subject == subject }.map(\.type)
    }

    @Test(arguments: SQLDialect.allCases)
    func adsAreFoundByWhatTheirCategoryIsCalledNow(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            _ = try await fair.post(#"{"title":"Lola","category":"cattle","price":"5"}"#)
            #expect(try await fair.titles("search=bovinos") == ["Lola"])
            #expect(try await fair.titles("search=hacienda") == [])
            let renamed = try await fair.staff.send(
                .PATCH, "/api/categories/livestock/", json: #"{"name":{"en":"Stock","es":"Hacienda"}}"#)
            #expect(renamed.status == 200)
            #expect(try await fair.bench.eventually { try await fair.titles("search=hacienda") == ["Lola"] })
            #expect(try await fair.titles("search=ganado") == [])
            // The same once more tells nothing.
            #expect(
                try await fair.staff.send(.PATCH, "/api/categories/livestock/", json: #"{"name":{"en":"Stock","es":"Hacienda"}}"#).status
                    == 200)
            #expect(try await fair.bench.eventually { try await told(fair, "livestock") == ["category.updated"] })
            let event = try #require(try await fair.bench.events("marketplace.events").first { $0.subject == "livestock" })
            let data = try JSONValue(parsing: Data(event.data.utf8))
            #expect(data["actor"]?.string == Fair.staff.subject && data["name"]?["es"] == "Hacienda")
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func adsOfACategoryThatGoesGoToAnother(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            var ids: [String] = []
            // More than one transaction moves.
            for number in 0..<130 {
                ids.append(
                    try #require(
                        try await fair.post(#"{"title":"Cabra \#(number)","category":"goats","price":"5"}"#)["id"] as? String))
            }
            let path = "/api/categories/goats/"
            #expect(try await fair.ana.request(.DELETE, path + "?replace_by=sheep").status == 403)
            #expect(try await fair.staff.request(.DELETE, path).json["code"] as? String == "category_in_use")
            for heir in ["goats", "unicorns"] {
                let refused = try await fair.staff.request(.DELETE, path + "?replace_by=" + heir)
                #expect(refused.status == 400 && refused.json["replace_by"] != nil, "\(heir) \(refused.text)")
            }
            // What has others below it stays, and nothing was moved.
            #expect(try await fair.staff.request(.DELETE, "/api/categories/livestock/?replace_by=pets").status == 409)
            #expect(try await fair.staff.request(.DELETE, "/api/categories/unicorns/?replace_by=pets").status == 404)
            #expect(try await fair.nobody.get("/api/adds/?category=goats").json["count"] as? Int == 130)
            #expect(try await fair.staff.request(.DELETE, path + "?replace_by=sheep").status == 204)
            #expect(try await fair.nobody.get("/api/adds/?category=sheep").json["count"] as? Int == 130)
            #expect(try await fair.nobody.get("/api/adds/?category=goats").json["count"] as? Int == 0)
            // Found by the new name, no longer by the old one; told to whoever listens.
            #expect(try await fair.nobody.get("/api/adds/?search=ovinos").json["count"] as? Int == 130)
            #expect(try await fair.nobody.get("/api/adds/?search=caprinos").json["count"] as? Int == 0)
            #expect(try await fair.bench.eventually { try await told(fair, ids[129]) == ["add.created", "add.updated"] })
            #expect(try await fair.bench.eventually { try await told(fair, "goats") == ["category.deleted"] })
            let last = try await fair.bench.events("marketplace.events").last { $0.subject == "goats" }?.data ?? ""
            #expect(last.contains(#""replaced_by":"sheep""#))
            #expect(try await fair.add(ids[0])["category"] as? String == "sheep")
        }
    }
}
