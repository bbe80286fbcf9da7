import Foundation
import Persistence
import Schemas
import TestSupport
import Testing

/// Who sells and who buys, as their public profiles show them: learned by events alone.
@Suite struct SellerTests {
    private func seller(_ id: String, _ fair: Fair, by client: HTTPTestClient? = nil) async throws -> [String: Any] {
        try await fair.add(id, by: client ?? fair.nobody)["seller"] as? [String: Any] ?? [:]
    }

    @Test(arguments: SQLDialect.allCases)
    func anAdShowsItsSellerAsTheProfileDoes(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let visit = #"{"title":"Visita a la finca","category":"services","price":"50","unit":"service","stock":9}"#
            let id = try #require(try await fair.post(visit, by: fair.vet)["id"] as? String)
            let (profile, photo) = (UUIDv7.make(), UUIDv7.make())
            // Nobody is known yet.
            let unknown = try await seller(id, fair)
            #expect(unknown["id"] as? String == Fair.vet.subject && unknown["display_name"] is NSNull && unknown["photo"] is NSNull)
            #expect(unknown["roles"] as? [String] == [] && unknown["is_verified"] as? Bool == false && unknown["location"] is NSNull)
            try await fair.tellUser("user.created", Fair.vet, name: "mateo")
            #expect(try await fair.bench.eventually { try await seller(id, fair)["display_name"] as? String == "Mateo" })
            let before = try #require(try await fair.nobody.get("/api/adds/\(id)/")["etag"])

            try await fair.tellProfile(
                "profile.created", profile, Fair.vet, name: "Dr. Mateo Ruiz", photo: photo,
                location: ["city": "Zipaquirá", "region": "Cundinamarca", "country": "CO"])
            #expect(try await fair.bench.eventually { try await seller(id, fair)["display_name"] as? String == "Dr. Mateo Ruiz" })
            var shown = try await seller(id, fair)
            #expect(shown["username"] as? String == "mateo" && shown["roles"] as? [String] == ["Specialist"])
            #expect((shown["photo"] as? [String: Any])?["status"] as? String == "processing")
            #expect(shown["location"] as? [String: String] == ["city": "Zipaquirá", "region": "Cundinamarca", "country": "CO"])
            #expect((shown["rating"] as? [String: Any])?["average"] is NSNull)
            // It is another answer, and no conflict for whoever changes the ad.
            #expect(try await fair.nobody.get("/api/adds/\(id)/", headers: ["If-None-Match": before]).status == 200)
            let now = try #require(try await fair.nobody.get("/api/adds/\(id)/")["etag"])
            #expect(try await fair.nobody.get("/api/adds/\(id)/", headers: ["If-None-Match": now]).status == 304)
            let changed = try await fair.vet.request(
                .PATCH, "/api/adds/\(id)/", headers: ["Content-Type": "application/json", "If-Match": before],
                body: Data(#"{"price":"60"}"#.utf8))
            #expect(changed.status == 200)

            try await fair.tellMedia("media.ready", photo, owner: Fair.vet, status: "ready")
            try await fair.tellProfile(
                "profile.updated", profile, Fair.vet, name: "Dr. Mateo Ruiz", photo: photo,
                rating: ["average": .number(Decimal(string: "4.33")!), "count": 6], verification: "verified")
            #expect(try await fair.bench.eventually { try await seller(id, fair)["is_verified"] as? Bool == true })
            #expect(
                try await fair.bench.eventually {
                    (try await seller(id, fair)["photo"] as? [String: Any])?["status"] as? String == "ready"
                })
            shown = try await seller(id, fair)
            #expect((shown["photo"] as? [String: Any])?["url"] as? String == "\(fair.address)/media/\(photo)/original")
            #expect(shown["rating"] as? [String: Double] == ["average": 4.33, "count": 6])
            // A part that the profile hides or no longer tells is gone.
            #expect(shown["location"] is NSNull)
            let list = try await fair.nobody.get("/api/adds/?search=visita").json["results"] as? [[String: Any]]
            #expect((list?.first?["seller"] as? [String: Any])?["display_name"] as? String == "Dr. Mateo Ruiz")
            let page = try await fair.nobody.get("/api/sellers/\(Fair.vet.subject)/").json
            #expect(
                page["display_name"] as? String == "Dr. Mateo Ruiz" && page["is_verified"] as? Bool == true && page["adds"] as? Int == 1)
            #expect((page["photo"] as? [String: Any])?["id"] as? String == photo)
            #expect(page["profiles"] as? [[String: String]] == [["id": profile, "kind": "specialist"]])

            // A photo that turns private is hidden at once, whatever the profile says.
            try await fair.tellMedia("media.updated", photo, owner: Fair.vet, status: "ready", visibility: "private")
            #expect(try await fair.bench.eventually { try await seller(id, fair)["photo"] is NSNull })
            try await fair.tellProfile("profile.deleted", profile, Fair.vet, name: "")
            #expect(try await fair.bench.eventually { try await seller(id, fair)["display_name"] as? String == "Mateo" })
            #expect(try await seller(id, fair)["is_verified"] as? Bool == false)
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func buyerAndSellerAreShownInOrders(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers)["id"] as? String)
            let photo = UUIDv7.make()
            try await fair.tellMedia("media.ready", photo, owner: Fair.vet, status: "ready")
            try await fair.tellProfile(
                "profile.created", UUIDv7.make(), Fair.vet, name: "Dr. Mateo Ruiz", photo: photo, verification: "verified")
            try await fair.tellProfile("profile.created", UUIDv7.make(), Fair.ana, kind: "businessman", name: "Hacienda La Rosa")
            #expect(try await fair.bench.eventually { try await seller(id, fair)["display_name"] as? String == "Hacienda La Rosa" })
            let bought = try await fair.buy(id)
            let order = try #require(bought.json["id"] as? String)
            func expectPeople(_ json: [String: Any], _ place: Comment) {
                let (buyer, seller) = (json["buyer"] as? [String: Any], json["seller"] as? [String: Any])
                #expect(buyer?["display_name"] as? String == "Dr. Mateo Ruiz" && buyer?["is_verified"] as? Bool == true, place)
                #expect((buyer?["photo"] as? [String: Any])?["id"] as? String == photo, place)
                #expect(seller?["display_name"] as? String == "Hacienda La Rosa" && seller?["photo"] is NSNull, place)
            }
            #expect(
                try await fair.bench.eventually {
                    let buyer = try await fair.ana.get("/api/orders/\(order)/").json["buyer"] as? [String: Any]
                    return (buyer?["photo"] as? [String: Any])?["status"] as? String == "ready"
                })
            expectPeople(try await fair.ana.get("/api/orders/\(order)/").json, "one order")
            let list = try await fair.vet.get("/api/orders/").json["results"] as? [[String: Any]]
            expectPeople(try #require(list?.first), "the list")
            let answer = try await fair.ana.get("/api/orders/\(order)/")
            let tag = try #require(answer["etag"])
            #expect(try await fair.ana.get("/api/orders/\(order)/", headers: ["If-None-Match": tag]).status == 304)
            let paid = try await fair.ana.request(.POST, "/api/orders/\(order)/pay/", headers: ["If-Match": tag])
            #expect(paid.status == 200)
            expectPeople(paid.json, "a move")
            #expect(try await fair.ana.request(.POST, "/api/orders/\(order)/ship/", headers: ["If-Match": tag]).status == 412)
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func whatAProfileHidesIsShownNowhere(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers, by: fair.vet)["id"] as? String)
            let photo = UUIDv7.make()
            try await fair.tellUser("user.created", Fair.vet, name: "mateo")
            // A consumer's profile is private: its event tells that it is there, and no more.
            try await fair.tellProfile("profile.created", UUIDv7.make(), Fair.vet, kind: "consumer", name: "Mateo en casa")
            // A photo that is another's is shown as little as a private one.
            try await fair.tellMedia("media.ready", photo, owner: Fair.eva, status: "ready")
            try await fair.tellProfile(
                "profile.created", UUIDv7.make(), Fair.vet, name: "Dr. Mateo", photo: photo, verification: "verified")
            try await expectName("Dr. Mateo", id, fair)
            #expect(try await fair.bench.eventually { try await seller(id, fair)["photo"] is NSNull })
            #expect(try await fair.titles("verified=true") == ["Novillas Holstein"])

            // Who is no specialist any more is not shown as one; who is again, is.
            try await fair.tellUser("user.updated", Fair.vet, name: "mateo", roles: ["Consumer"])
            try await expectName("Mateo", id, fair)
            #expect(try await seller(id, fair)["is_verified"] as? Bool == false)
            #expect(try await fair.titles("verified=true") == [])
            #expect(try await fair.titles("verified=false") == ["Novillas Holstein"])
            let page = try await fair.nobody.get("/api/sellers/\(Fair.vet.subject)/").json
            #expect((page["profiles"] as? [Any])?.count == 0)
            try await fair.tellUser("user.updated", Fair.vet, name: "mateo")
            try await expectName("Dr. Mateo", id, fair)
            #expect(try await seller(id, fair)["is_verified"] as? Bool == true)
        }
    }

    private func expectName(_ name: String, _ id: String, _ fair: Fair, at location: SourceLocation = #_sourceLocation) async throws {
        let isSo = try await fair.bench.eventually { try await seller(id, fair)["display_name"] as? String == name }
        #expect(isSo, sourceLocation: location)
    }

    /// Also where the profile's event comes behind.
    @Test(arguments: SQLDialect.allCases)
    func ofWhoIsGoneNothingIsLeft(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers, by: fair.vet)["id"] as? String)
            let profile = UUIDv7.make()
            try await fair.tellUser("user.created", Fair.vet, name: "mateo")
            try await fair.tellProfile("profile.created", profile, Fair.vet, name: "Dr. Mateo", verification: "verified")
            try await expectName("Dr. Mateo", id, fair)
            let order = try #require(try await fair.buy(id, by: fair.eva).json["id"] as? String)
            try await fair.tellUser("user.deleted", Fair.vet, name: "mateo")
            try await fair.tellProfile("profile.updated", profile, Fair.vet, name: "Dr. Mateo", verification: "verified")
            func shown() async throws -> [String: Any] {
                try await fair.eva.get("/api/orders/\(order)/").json["seller"] as? [String: Any] ?? [:]
            }
            #expect(try await fair.bench.eventually { try await shown()["display_name"] as? String == "" })
            #expect(try await shown()["is_verified"] as? Bool == false)
            #expect(try await fair.nobody.get("/api/sellers/\(Fair.vet.subject)/").status == 404)
        }
    }

    /// With a business and a licence each part is the first one's that tells it.
    @Test func aSellerWithTwoProfilesIsABusinessFirst() async throws {
        try await Fair.open(.sqlite) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers, by: fair.vet)["id"] as? String)
            let photo = UUIDv7.make()
            try await fair.tellUser("user.created", Fair.vet, name: "mateo", roles: ["Businessman", "Specialist"])
            try await fair.tellProfile(
                "profile.created", UUIDv7.make(), Fair.vet, name: "Dr. Mateo", photo: photo, rating: ["average": 5, "count": 1],
                location: ["city": "Cali", "region": "", "country": .null], verification: "verified")
            try await fair.tellProfile("profile.created", UUIDv7.make(), Fair.vet, kind: "businessman", name: "Clínica Ruiz")
            #expect(try await fair.bench.eventually { try await seller(id, fair)["display_name"] as? String == "Clínica Ruiz" })
            let shown = try await seller(id, fair)
            #expect((shown["photo"] as? [String: Any])?["id"] as? String == photo && shown["is_verified"] as? Bool == true)
            #expect(shown["rating"] as? [String: Int] == ["average": 5, "count": 1])
            #expect(shown["location"] as? [String: String] == ["city": "Cali", "region": "", "country": ""])
        }
    }
}
