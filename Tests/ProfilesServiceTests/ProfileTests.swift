import Foundation
import Persistence
import Schemas
import TestSupport
import Testing

@Suite struct ProfileTests {
    private static let doctor = #"""
        {"display_name":"Dra. Ana Peña","bio":"Bovinos de leche","specialties":["dairy","reproduction"],"languages":["ES-co","en"],
        "licence_number":"TP-1","licensing_body":"COMVEZCOL","phone":"+57 300 123 4567","email":"ana@example.org",
        "location":{"latitude":4.711,"longitude":-74.0721,"address":"Calle 1","city":"Bogotá","country":"CO"},"service_area_km":50,
        "time_zone":"America/Bogota","hours":{"monday":[{"from":"08:00","to":"12:00"},{"from":"14:00","to":"24:00"}]}}
        """#

    @Test(arguments: SQLDialect.allCases)
    func aProfileIsCreatedReplacedChangedAndDeleted(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect) { (village: Village) async throws -> Void in
            let made = try await village.ana.send(.POST, "/api/profiles/specialists/", json: Self.doctor)
            #expect(made.status == 201, "\(made.text)")
            let id = try #require(made.json["id"] as? String)
            let path = "/api/profiles/specialists/\(id)/"
            #expect(UUIDv7.isValid(id) && made["location"]?.hasSuffix(path) == true)
            #expect(made.json["languages"] as? [String] == ["es-CO", "en"])
            #expect((made.json["user"] as? [String: Any])?["id"] as? String == Village.ana.subject)
            #expect((made.json["verification"] as? [String: Any])?["status"] as? String == "none")
            #expect(try await village.ana.send(.POST, "/api/profiles/specialists/", json: Self.doctor).status == 409)
            // A consumer is no specialist.
            #expect(try await village.eva.send(.POST, "/api/profiles/specialists/", json: Self.doctor).status == 403)
            #expect(try await village.reader.send(.POST, "/api/profiles/specialists/", json: Self.doctor).status == 403)
            #expect(try await village.nobody.send(.POST, "/api/profiles/specialists/", json: Self.doctor).status == 401)

            let mine = try await village.ana.get("/api/profiles/specialists/me/")
            let tag = try #require(mine["etag"])
            #expect(mine.json["id"] as? String == id)
            #expect(try await village.vet.get("/api/profiles/specialists/me/").status == 404)
            #expect(try await village.ana.get(path, headers: ["If-None-Match": tag]).status == 304)
            // Another sees another representation.
            #expect(try await village.nobody.get(path, headers: ["If-None-Match": tag]).status == 200)

            let changed = try await village.patch("/api/profiles/specialists/me/", #"{"bio":"Otra"}"#, by: village.ana, match: tag)
            #expect(changed.status == 200 && changed.json["bio"] as? String == "Otra")
            #expect(changed.json["phone"] as? String == "+57 300 123 4567")
            #expect(try await village.patch(path, #"{"bio":"Tarde"}"#, by: village.ana, match: tag).status == 412)
            #expect(try await village.patch(path, #"{"bio":"Ajena"}"#, by: village.vet).status == 403)
            #expect(try await village.patch(path, #"{"bio":"De la casa"}"#, by: village.staff).status == 200)
            let replaced = try await village.ana.send(.PUT, path, json: #"{"display_name":"Ana"}"#)
            #expect(replaced.status == 200 && replaced.json["bio"] as? String == "" && replaced.json["phone"] is NSNull)
            #expect(try await village.ana.send(.PUT, path, json: "{}").json["display_name"] as? [String] == ["This field is required."])

            #expect(try await village.vet.request(.DELETE, path).status == 403)
            #expect(try await village.ana.request(.DELETE, path, headers: ["If-Match": tag]).status == 412)
            #expect(try await village.ana.request(.DELETE, path).status == 204)
            #expect(try await village.nobody.get(path).status == 404)
            #expect(try await village.names("search=ana") == [])
            let expected = ["profile.created", "profile.updated", "profile.updated", "profile.updated", "profile.deleted"]
            #expect(try await village.bench.eventually { try await village.told(id) == expected })
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func twoThatCreateAtOnceMakeOneProfile(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect) { (village: Village) async throws -> Void in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await village.ana.send(.POST, "/api/profiles/specialists/", json: Self.doctor).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [201] + Array(repeating: 409, count: 7))
            #expect(try await village.names() == ["Dra. Ana Peña"])
        }
    }

    @Test func whatIsWrongIsSaidByField() async throws {
        try await Village.open(.sqlite) { (village: Village) async throws -> Void in
            for (json, field) in [
                (#"{"display_name":" "}"#, "display_name"), (#"{"display_name":"A","phone":"call me"}"#, "phone"),
                (#"{"display_name":"A","email":"a@"}"#, "email"), (#"{"display_name":"A","location":{"latitude":4}}"#, "location"),
                (#"{"display_name":"A","location":{"latitude":91,"longitude":0}}"#, "location.latitude"),
                (#"{"display_name":"A","location":{"country":"XX"}}"#, "location.country"),
                (#"{"display_name":"A","languages":["es","español"]}"#, "languages.1"),
                (#"{"display_name":"A","hours":{"monday":[{"from":"08:00","to":"09:00"}]}}"#, "time_zone"),
                (#"{"display_name":"A","time_zone":"America/Macondo"}"#, "time_zone"),
                (#"{"display_name":"A","time_zone":"UTC","hours":{"monday":[{"from":"09:00","to":"08:00"}]}}"#, "hours.monday.0.to"),
                (#"{"display_name":"A","time_zone":"UTC","hours":{"monday":[{"from":"25:00","to":"26:00"}]}}"#, "hours.monday.0.from"),
                (
                    #"{"display_name":"A","time_zone":"UTC","hours":{"monday":[{"from":"08:00","to":"10:00"},{"from":"09:00","to":"11:00"}]}}"#,
                    "hours.monday"
                ),
                (#"{"display_name":"A","hours":{"funday":[]}}"#, "hours.funday"),
                (#"{"display_name":"A","specialties":["unicorns"]}"#, "specialties"), (#"{"display_name":"A","photo_id":"x"}"#, "photo_id"),
                (#"{"display_name":"A","phone_visibility":"friends"}"#, "phone_visibility"),
            ] {
                let answer = try await village.ana.send(.POST, "/api/profiles/specialists/", json: json)
                #expect(answer.status == 400 && answer.json[field] != nil, "\(field): \(answer.status) \(answer.text)")
            }
            for (json, field) in [
                (#"{"display_name":"A"}"#, "company_name"), (#"{"display_name":"A","company_name":"B","website":"ftp://x"}"#, "website"),
                (#"{"display_name":"A","company_name":"B","founded":9999}"#, "founded"),
                (#"{"display_name":"A","company_name":"B","company_type":"casino"}"#, "company_type"),
            ] {
                let answer = try await village.vet.send(.POST, "/api/profiles/businessmen/", json: json)
                #expect(answer.status == 400 && answer.json[field] != nil, "\(field): \(answer.text)")
            }
            let spanish = try await village.ana.request(
                .POST, "/api/profiles/specialists/", headers: ["Content-Type": "application/json", "Accept-Language": "es"],
                body: Data(#"{"display_name":"A","phone":"llámame ya"}"#.utf8))
            #expect(spanish.json["phone"] as? [String] == ["Introduzca un número de teléfono válido."])
            #expect(try await village.names() == [])
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func whatIsPrivateIsNeitherShownNorFoundOut(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect) { (village: Village) async throws -> Void in
            let made = try await village.create(Self.doctor)
            let path = "/api/profiles/specialists/\(made["id"] as? String ?? "")/"
            #expect(made["phone"] as? String == "+57 300 123 4567" && made["phone_visibility"] as? String == "nobody")
            func sees(_ client: HTTPTestClient, _ name: String) async throws -> Bool {
                let json = try await client.get(path).json
                return json[name] is String
            }
            #expect(try await !sees(village.nobody, "phone"))
            #expect(try await !sees(village.eva, "phone"))
            #expect(try await !sees(village.nobody, "phone_visibility"))
            #expect(try await sees(village.ana, "phone"))
            #expect(try await sees(village.staff, "phone"))
            #expect(try await village.patch(path, #"{"phone_visibility":"users"}"#, by: village.ana).status == 200)
            #expect(try await !sees(village.nobody, "phone"))
            #expect(try await sees(village.eva, "phone"))
            #expect(try await !sees(village.eva, "email"))
            #expect(try await village.patch(path, #"{"phone_visibility":"everyone"}"#, by: village.ana).status == 200)
            #expect(try await sees(village.nobody, "phone"))
            // Nothing of it is searched.
            for word in ["3001234567", "4567", "example", "calle"] {
                #expect(try await village.names("search=\(word)", by: village.staff) == [], "\(word)")
            }

            let near = "near=4.7,-74.07&within=50"
            #expect(try await village.names(near) == ["Dra. Ana Peña"])
            #expect(try await village.patch(path, #"{"location_visibility":"users"}"#, by: village.ana).status == 200)
            #expect(try await village.names(near) == [])
            #expect(try await village.names("near=4.7,-74.07") == [])
            #expect(try await village.names(near, by: village.eva) == ["Dra. Ana Peña"])
            #expect(try await village.patch(path, #"{"location_visibility":"nobody"}"#, by: village.ana).status == 200)
            #expect(try await village.names(near, by: village.eva) == [])
            #expect(try await village.names(near, by: village.ana) == ["Dra. Ana Peña"])
            #expect(try await village.names(near, by: village.staff) == ["Dra. Ana Peña"])
            // The town stays public.
            #expect(try await village.names("city=bogota&country=CO") == ["Dra. Ana Peña"])
            let location = try #require(try await village.eva.get(path).json["location"] as? [String: Any])
            #expect(location.keys.sorted() == ["city", "country", "region"] && location["city"] as? String == "Bogotá")
            // Nor do events say more than everybody sees.
            let told = try await village.bench.eventually { try await village.told(made["id"] as? String ?? "").count == 5 }
            let last = try await village.bench.events("user.events").last?.data ?? ""
            #expect(told && last.contains("Bogot") && !last.contains("74.07") && !last.contains("ana@example.org"))
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func consumersAreSeenByThemselvesAndStaffAlone(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect, users: 1) { (village: Village) async throws -> Void in
            let other = HTTPTestClient(village.address, token: "user-0")
            let made = try await village.create(
                "consumers", #"{"display_name":"Eva","interests":["cabras"],"farm_name":"La Loma","farm_hectares":12.5}"#, by: village.eva)
            try await village.create("consumers", #"{"display_name":"Otro"}"#, by: other)
            let path = "/api/profiles/consumers/\(made["id"] as? String ?? "")/"
            #expect(try await village.nobody.get(path).status == 401)
            #expect(try await village.nobody.get("/api/profiles/consumers/").status == 401)
            #expect(try await other.get(path).status == 404)
            #expect(try await village.patch(path, "{}", by: other).status == 404)
            #expect(try await village.eva.get(path).json["farm_hectares"] as? Double == 12.5)
            #expect(try await village.names("", "consumers", by: village.eva) == ["Eva"])
            #expect(try await village.names("ordering=name", "consumers", by: village.staff) == ["Eva", "Otro"])
            #expect(try await village.names("search=loma", "consumers", by: other) == [])
            #expect(try await village.bench.eventually { try await village.told(made["id"] as? String ?? "") == ["profile.created"] })
            #expect(try await !village.bench.events("user.events").contains { $0.data.contains("Loma") || $0.data.contains("Eva") })
        }
    }
}
