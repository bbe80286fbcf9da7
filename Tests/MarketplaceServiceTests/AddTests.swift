import Foundation
import Persistence
import TestSupport
import Testing

@Suite struct AddTests {
    @Test(arguments: SQLDialect.allCases)
    func anAdIsPostedChangedPausedAndDeleted(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let posted = try await fair.ana.send(.POST, "/api/adds/", json: Fair.heifers)
            #expect(posted.status == 201)
            let id = try #require(posted.json["id"] as? String)
            #expect(posted["location"]?.hasSuffix("/api/adds/\(id)/") == true)
            #expect(posted.json["state"] as? String == "published")
            #expect(posted.json["price"] as? String == "1200.00" && posted.json["currency"] as? String == "USD")
            #expect(posted.json["stock"] as? String == "10" && posted.json["unit"] as? String == "head")
            #expect((posted.json["seller"] as? [String: Any])?["id"] as? String == Fair.ana.subject)
            let tag = try #require(posted["etag"])

            #expect(try await fair.nobody.get("/api/adds/\(id)/").status == 200)
            #expect(try await fair.nobody.get("/api/adds/\(id)/", headers: ["If-None-Match": tag]).status == 304)
            func patch(_ json: String, _ client: HTTPTestClient, match: String? = nil) async throws -> HTTPTestClient.Answer {
                var headers = ["Content-Type": "application/json"]
                headers["If-Match"] = match
                return try await client.request(.PATCH, "/api/adds/\(id)/", headers: headers, body: Data(json.utf8))
            }
            let changed = try await patch(#"{"price":"1100.5","title":"Novillas"}"#, fair.ana, match: tag)
            #expect(
                changed.status == 200 && changed.json["price"] as? String == "1100.50" && changed.json["title"] as? String == "Novillas")
            #expect(try await patch(#"{"title":"Otras"}"#, fair.ana, match: tag).status == 412)
            #expect(try await patch(#"{"title":"Mías"}"#, fair.vet).status == 403)
            #expect(try await patch(#"{"title":"Mías"}"#, fair.nobody).status == 401)
            #expect(try await patch(#"{"title":"Mías"}"#, fair.reader).status == 403)
            #expect(try await patch(#"{"title":"De la casa"}"#, fair.staff).status == 200)

            #expect(try await fair.ana.request(.POST, "/api/adds/\(id)/pause/").status == 200)
            #expect(try await fair.nobody.get("/api/adds/\(id)/").status == 404)
            #expect(try await fair.ana.get("/api/adds/\(id)/").status == 200)
            #expect(try await fair.titles("") == [])
            #expect(try await fair.titles("state=paused", by: fair.ana) == ["De la casa"])
            #expect(try await fair.titles("state=paused", by: fair.vet) == [])
            #expect(try await fair.titles("state=paused") == [])
            #expect(try await fair.ana.request(.POST, "/api/adds/\(id)/pause/").status == 409)
            #expect(try await fair.ana.request(.POST, "/api/adds/\(id)/publish/").status == 200)
            #expect(try await fair.titles("") == ["De la casa"])
            #expect(try await fair.vet.request(.DELETE, "/api/adds/\(id)/").status == 403)
            #expect(try await fair.ana.request(.DELETE, "/api/adds/\(id)/").status == 204)
            #expect(try await fair.ana.get("/api/adds/\(id)/").status == 404)
            #expect(try await fair.titles("search=casa") == [])

            let isTold = try await fair.bench.eventually {
                try await fair.bench.events("marketplace.events").map(\.type) == [
                    "add.created", "add.updated", "add.updated", "add.updated", "add.updated", "add.deleted",
                ]
            }
            #expect(isTold)
        }
    }

    @Test func whatIsWrongIsSaidByField() async throws {
        try await Fair.open(.sqlite) { (fair: Fair) async throws -> Void in
            for (json, field) in [
                ("{}", "title"), (#"{"title":"Vacas","category":"unicorns","price":"1"}"#, "category"),
                (#"{"title":"Vacas","category":"cattle"}"#, "price"), (#"{"title":"Vacas","category":"cattle","price":"-1"}"#, "price"),
                (#"{"title":"Vacas","category":"cattle","price":"1.001"}"#, "price"),
                (#"{"title":"Vacas","category":"cattle","price":12.5}"#, "price"),
                (#"{"title":"Vacas","category":"cattle","price":"1","stock":"1.5","unit":"head"}"#, "stock"),
                (#"{"title":"Vacas","category":"cattle","price":"1","currency":"XXX"}"#, "currency"),
                (#"{"title":"Vacas","category":"cattle","price":"1.5","currency":"CLP"}"#, "price"),
                (#"{"title":"Vacas","category":"cattle","price":"1","location":{"latitude":4}}"#, "location"),
                (#"{"title":"Vacas","category":"cattle","price":"1","location":{"country":"1!"}}"#, "location.country"),
                (#"{"title":"Vacas","category":"cattle","variants":[{"price":"1","unit":"head"}]}"#, "variants.0.stock"),
                (#"{"title":"Vacas","category":"cattle","price":"1","expires":"2001-01-01T00:00:00Z"}"#, "expires"),
                (#"{"title":"Vacas","category":"cattle","price":"1","media":["x"]}"#, "media.0"),
                (#"{"title":"Va\u0000cas","category":"cattle","price":"1"}"#, "title"),
            ] {
                let answer = try await fair.ana.send(.POST, "/api/adds/", json: json)
                #expect(answer.status == 400 && answer.json[field] != nil, "\(json): \(answer.status) \(answer.text)")
            }
            #expect(try await fair.titles("") == [])
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func adsAreFoundByWhatTheyAreAndWhere(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let photo = UUIDv7.make()
            try await fair.tellMedia("media.created", photo)
            for json in [
                #"{"title":"Novillas","category":"cattle","price":"900","currency":"USD","condition":"live","unit":"head","stock":3,"location":{"latitude":4.711,"longitude":-74.0721,"place":"Bogotá","country":"CO"},"description":"Vacunación al día"}"#,
                #"{"title":"Tractor Massey","category":"tractors","price":"15000","currency":"USD","condition":"used","location":{"latitude":6.2442,"longitude":-75.5812,"place":"Medellín","country":"co"},"media":["\#(photo)"]}"#,
                #"{"title":"Vacuna triple","category":"vaccines","price":"3.20","currency":"USD","condition":"new","unit":"dose","stock":500}"#,
                #"{"title":"Semillas de maíz","category":"seeds","price":"90000","currency":"COP","condition":"new","unit":"kg","stock":"12.5"}"#,
            ] { _ = try await fair.post(json) }
            for (query, titles) in [
                ("ordering=published", ["Novillas", "Tractor Massey", "Vacuna triple", "Semillas de maíz"]),
                ("", ["Semillas de maíz", "Vacuna triple", "Tractor Massey", "Novillas"]),
                ("search=vacunacion", ["Novillas"]), ("search=vacun&ordering=title", ["Novillas", "Vacuna triple"]),
                ("search=MAIZ", ["Semillas de maíz"]),
                ("search=bovinos", ["Novillas"]), ("search=bogota", ["Novillas"]), ("search=perro", []),
                ("category=livestock", ["Novillas"]), ("category=machinery", ["Tractor Massey"]), ("category=nothing", []),
                ("currency=USD&min_price=900&ordering=price", ["Novillas", "Tractor Massey"]),
                ("currency=USD&max_price=3.20", ["Vacuna triple"]),
                ("condition=new&ordering=title", ["Semillas de maíz", "Vacuna triple"]), ("unit=kg", ["Semillas de maíz"]),
                ("country=CO&ordering=title", ["Novillas", "Tractor Massey"]), ("has_photo=true", ["Tractor Massey"]),
                ("has_photo=false&ordering=title", ["Novillas", "Semillas de maíz", "Vacuna triple"]),
                ("near=4.711,-74.0721&within=50", ["Novillas"]), ("near=4.711,-74.0721&within=300", ["Novillas", "Tractor Massey"]),
                ("near=6.2442,-75.5812&within=300", ["Tractor Massey", "Novillas"]),
                ("near=6.2442,-75.5812&within=300&ordering=-distance", ["Novillas", "Tractor Massey"]),
                ("near=6.2442,-75.5812&within=300&ordering=price&currency=USD", ["Novillas", "Tractor Massey"]),
                ("seller=\(Fair.ana.subject)&page_size=2", ["Semillas de maíz", "Vacuna triple"]), ("seller=\(Fair.vet.subject)", []),
            ] { #expect(try await fair.titles(query) == titles, "\(query)") }
            for query in [
                "min_price=1", "near=x", "near=91,0", "currency=ABC", "ordering=secret", "ordering=distance", "within=-1",
                "has_photo=maybe",
            ] {
                #expect(try await fair.nobody.get("/api/adds/?" + query).status == 400, "\(query)")
            }
            let near = try await fair.nobody.get("/api/adds/?near=4.711,-74.0721&within=300")
            let distances = (near.json["results"] as? [[String: Any]])?.compactMap { $0["distance"] as? Double } ?? []
            #expect(distances.count == 2 && distances[0] == 0 && abs(distances[1] - 239) < 2)
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func photosAppearAsTheyComeAndLeaveAsTheyGo(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let (photo, second, others) = (UUIDv7.make(), UUIDv7.make(), UUIDv7.make())
            // Posted before any event of the photos has come.
            let id = try #require(
                try await fair.post(
                    #"{"title":"Vacas","category":"cattle","price":"5","media":["\#(photo)","\#(second)","\#(others)"]}"#)["id"] as? String)
            func media() async throws -> [[String: Any]] { try await fair.add(id, by: fair.nobody)["media"] as? [[String: Any]] ?? [] }
            #expect(try await media().map { $0["status"] as? String } == ["processing", "processing", "processing"])

            try await fair.tellMedia("media.created", photo)
            try await fair.tellMedia("media.created", others, owner: Fair.vet)
            #expect(try await fair.bench.eventually { try await media().count == 2 })
            #expect(try await media()[0]["placeholder"] as? String == "abc")
            #expect(
                (try await media()[0]["renditions"] as? [[String: Any]])?.first?["url"] as? String
                    == "\(fair.address)/media/\(photo)/thumb.webp")

            try await fair.tellMedia("media.ready", photo, status: "ready")
            #expect(try await fair.bench.eventually { try await media()[0]["status"] as? String == "ready" })
            // Hidden while private, and back.
            try await fair.tellMedia("media.updated", photo, status: "ready", visibility: "private")
            #expect(try await fair.bench.eventually { try await media().count == 1 })
            try await fair.tellMedia("media.updated", photo, status: "ready")
            #expect(try await fair.bench.eventually { try await media().count == 2 })
            // What failed is shown to its owner only.
            try await fair.tellMedia("media.failed", second, status: "failed")
            #expect(try await fair.bench.eventually { try await media().count == 1 })
            #expect((try await fair.add(id)["media"] as? [[String: Any]])?.count == 2)
            try await fair.tellMedia("media.deleted", photo)
            #expect(try await fair.bench.eventually { try await media().isEmpty })
            #expect(try await fair.titles("has_photo=true") == [])

            for (item, why) in [(photo, "deleted"), (others, "another's"), (second, "failed")] {
                let refused = try await fair.ana.send(.PATCH, "/api/adds/\(id)/", json: #"{"media":["\#(item)"]}"#)
                #expect(refused.status == 400 && refused.json["media"] != nil, "\(why) \(refused.text)")
            }
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func whoIsGoneSellsNothing(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers)["id"] as? String)
            func tell(_ type: String, active: Bool = true) async throws {
                try await fair.bench.tell(
                    type, "user.events", Fair.ana.subject,
                    [
                        "id": .string(Fair.ana.subject), "username": "ana", "display_name": "Ana María", "roles": ["Businessman"],
                        "is_active": .bool(active),
                    ])
            }
            try await tell("user.created")
            #expect(
                try await fair.bench.eventually {
                    (try await fair.add(id)["seller"] as? [String: Any])?["display_name"] as? String == "Ana María"
                })
            let seller = try await fair.nobody.get("/api/sellers/\(Fair.ana.subject)/")
            #expect(seller.json["adds"] as? Int == 1 && seller.json["username"] as? String == "ana" && seller.json["since"] is String)
            #expect(try await fair.vet.request(.PUT, "/api/adds/\(id)/favourite/").status == 204)
            #expect(try await fair.vet.get("/api/favourites/").json["count"] as? Int == 1)
            #expect(try await fair.add(id, by: fair.vet)["is_favourite"] as? Bool == true)

            try await tell("user.updated", active: false)
            #expect(try await fair.bench.eventually { try await fair.titles("").isEmpty })
            #expect(try await fair.vet.get("/api/favourites/").json["count"] as? Int == 0)
            try await tell("user.deleted")
            #expect(try await fair.bench.eventually { try await fair.nobody.get("/api/sellers/\(Fair.ana.subject)/").status == 404 })
            #expect(try await fair.ana.get("/api/adds/\(id)/").status == 404)
        }
    }

    @Test func adsAreBoundedInNumber() async throws {
        var settings = MarketplaceSettingsForTests.quick
        settings.addsPerSeller = 2
        try await Fair.open(.sqlite, settings: settings) { (fair: Fair) async throws -> Void in
            for _ in 0..<2 { _ = try await fair.post(Fair.heifers) }
            let refused = try await fair.ana.send(.POST, "/api/adds/", json: Fair.heifers)
            #expect(refused.status == 409 && refused.json["code"] as? String == "too_many_adds")
        }
    }

    @Test func adsExpireAndMakeRoomForOthers() async throws {
        var settings = MarketplaceSettingsForTests.quick
        settings.addLifetime = .milliseconds(300)
        settings.addsPerSeller = 1
        try await Fair.open(.sqlite, settings: settings) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers)["id"] as? String)
            #expect(try await fair.bench.eventually { try await fair.add(id)["state"] as? String == "expired" })
            #expect(try await fair.nobody.get("/api/adds/\(id)/").status == 404)
            _ = try await fair.post(Fair.heifers)
        }
    }

    @Test func searchesAreSavedAndSayWhatIsNew() async throws {
        try await Fair.open(.sqlite) { (fair: Fair) async throws -> Void in
            let saved = try await fair.vet.send(
                .POST, "/api/saved-searches/", json: #"{"name":"Vacas","query":{"search":"vacas","category":"livestock"}}"#)
            #expect(saved.status == 201 && saved.json["new"] as? Int == 0)
            let path = "/api/saved-searches/\(try #require(saved.json["id"] as? String))/"
            try await Task.sleep(for: .milliseconds(5))
            _ = try await fair.post(#"{"title":"Vaca lechera","category":"cattle","price":"5"}"#)
            #expect(try await fair.vet.get(path).json["new"] as? Int == 1)
            #expect(try await fair.vet.get("/api/saved-searches/").json["count"] as? Int == 1)
            #expect(try await fair.eva.get(path).status == 404)
            #expect(try await fair.vet.request(.POST, path + "seen/").json["new"] as? Int == 0)
            #expect(try await fair.vet.send(.PATCH, path, json: #"{"name":"Otras"}"#).json["name"] as? String == "Otras")
            for query in [#"{"near":"x"}"#, #"{"min_price":"5"}"#, #"{"currency":"XXX"}"#] {
                let wrong = try await fair.vet.send(.POST, "/api/saved-searches/", json: #"{"name":"x","query":\#(query)}"#)
                #expect(wrong.status == 400, "\(query)")
            }
            #expect(try await fair.vet.request(.DELETE, path).status == 204)
            #expect(try await fair.vet.get(path).status == 404)
        }
    }

    @Test func reportsAreMadeOnceAndSettledByStaff() async throws {
        try await Fair.open(.sqlite) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers)["id"] as? String)
            let report = try await fair.vet.send(.POST, "/api/adds/\(id)/report/", json: #"{"reason":"fraud","text":"No existe"}"#)
            #expect(report.status == 201 && report.json["state"] as? String == "open")
            #expect(try await fair.vet.send(.POST, "/api/adds/\(id)/report/", json: #"{"reason":"other"}"#).status == 409)
            #expect(try await fair.vet.get("/api/reports/").status == 403)
            #expect(try await fair.staff.get("/api/reports/?state=open").json["count"] as? Int == 1)
            let path = "/api/reports/\(try #require(report.json["id"] as? String))/resolve/"
            #expect(try await fair.staff.send(.POST, path, json: #"{"state":"accepted","resolution":"Comprobado"}"#).status == 200)
            #expect(try await fair.staff.send(.POST, path, json: #"{"state":"rejected"}"#).status == 409)
            #expect(try await fair.add(id)["state"] as? String == "expired")
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func theTreeOfCategoriesIsReadByAllAndKeptByStaff(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let tree = try await fair.nobody.get("/api/categories/")
            let roots = try #require(try JSONSerialization.jsonObject(with: tree.body) as? [[String: Any]])
            #expect((roots.first?["children"] as? [[String: Any]])?.first?["slug"] as? String == "cattle")
            #expect((roots.first?["name"] as? [String: String])?["es"] == "Ganado")
            let json = #"{"slug":"buffalo","parent":"livestock","name":{"en":"Buffalo","es":"Búfalos"}}"#
            #expect(try await fair.ana.send(.POST, "/api/categories/", json: json).status == 403)
            #expect(try await fair.staff.send(.POST, "/api/categories/", json: json).status == 201)
            #expect(try await fair.staff.send(.POST, "/api/categories/", json: json).status == 400)
            #expect(try await fair.staff.send(.PATCH, "/api/categories/livestock/", json: #"{"parent":"buffalo"}"#).status == 400)
            #expect(
                try await fair.staff.send(.PATCH, "/api/categories/buffalo/", json: #"{"name":{"en":"Water buffalo","es":"Búfalos"}}"#)
                    .status == 200)
            _ = try await fair.post(#"{"title":"Búfala","category":"buffalo","price":"5"}"#)
            #expect(try await fair.titles("category=livestock") == ["Búfala"])
            #expect(try await fair.staff.request(.DELETE, "/api/categories/buffalo/").status == 409)
            #expect(try await fair.staff.request(.DELETE, "/api/categories/other/").status == 204)
            #expect(try await fair.staff.request(.DELETE, "/api/categories/other/").status == 404)
        }
    }
}
