import Foundation
import Persistence
import ProfilesService
import Schemas
import TestSupport
import Testing

@Suite struct ListTests {
    private func settle(_ village: Village) async throws {
        let people = [
            #"{"display_name":"Úrsula","bio":"Cirugía de caballos","specialties":["horses"],"languages":["es-CO"],"time_zone":"UTC","location":{"latitude":4.711,"longitude":-74.0721,"city":"Bogotá","country":"CO"},"hours":{\#(always)}}"#,
            #"{"display_name":"Benito","specialties":["dairy","surgery"],"languages":["en","es"],"time_zone":"Asia/Tokyo","location":{"latitude":6.2442,"longitude":-75.5812,"city":"Medellín","country":"CO"},"hours":{}}"#,
            #"{"display_name":"Carla","specialties":["beef"],"languages":["pt-BR"],"location":{"city":"São Paulo","country":"BR"}}"#,
        ]
        for (number, json) in people.enumerated() {
            try await village.create("specialists", json, by: HTTPTestClient(village.address, token: "user-\(number)"))
        }
    }

    private var always: String {
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
            .map { #""\#($0)":[{"from":"00:00","to":"24:00"}]"# }.joined(separator: ",")
    }

    @Test(arguments: SQLDialect.allCases)
    func peopleAreFoundByWhatTheySay(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect, users: 3) { (village: Village) async throws -> Void in
            try await settle(village)
            for (query, found) in [
                ("", ["Carla", "Benito", "Úrsula"]), ("ordering=created", ["Úrsula", "Benito", "Carla"]),
                ("ordering=-name", ["Úrsula", "Carla", "Benito"]), ("search=caballo", ["Úrsula"]),
                ("search=CIRUGIA", ["Benito", "Úrsula"]),
                ("search=bovinos", ["Carla", "Benito"]), ("search=sao+paulo", ["Carla"]), ("specialty=cattle", ["Carla", "Benito"]),
                ("specialty=livestock", ["Carla", "Benito", "Úrsula"]), ("specialty=dairy", ["Benito"]), ("specialty=unicorns", []),
                ("language=es", ["Benito", "Úrsula"]), ("language=es-co", ["Úrsula"]), ("language=pt", ["Carla"]),
                ("city=medellin", ["Benito"]), ("country=BR", ["Carla"]), ("verified=true", []),
                ("verified=false&country=CO", ["Benito", "Úrsula"]), ("open_now=true", ["Úrsula"]), ("open_now=false", []),
                ("near=4.711,-74.0721", ["Úrsula", "Benito"]), ("near=6.24,-75.58", ["Benito", "Úrsula"]),
                ("near=4.711,-74.0721&ordering=-distance", ["Benito", "Úrsula"]), ("near=4.711,-74.0721&within=100", ["Úrsula"]),
                ("near=4.711,-74.0721&ordering=name", ["Benito", "Úrsula"]), ("page_size=2&page=2", ["Úrsula"]),
            ] {
                #expect(try await village.names(query) == found, "\(query)")
            }
            for query in [
                "near=x", "near=91,0", "within=5", "ordering=distance", "ordering=phone", "language=e_", "min_rating=6", "country=co",
                "open_now=perhaps",
            ] {
                #expect(try await village.nobody.get("/api/profiles/specialists/?" + query).status == 400, "\(query)")
            }
            for page in ["9", "0", "x"] {
                #expect(try await village.nobody.get("/api/profiles/specialists/?page=\(page)").status == 404, "\(page)")
            }
            let page = try await village.nobody.get("/api/profiles/specialists/?near=4.711,-74.0721&page_size=1").json
            #expect(page["count"] as? Int == 2 && (page["next"] as? String)?.contains("page=2") == true)
            let first = try #require((page["results"] as? [[String: Any]])?.first)
            #expect(first["distance_km"] as? Double == 0 && first["is_open"] as? Bool == true)
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func whoFitsBestIsFirst(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect, users: 5) { (village: Village) async throws -> Void in
            let people = [
                #"{"display_name":"Dairy Doctor","bio":"x"}"#, #"{"display_name":"Benito","specialties":["dairy"]}"#,
                #"{"display_name":"Carla","bio":"Dairy farms"}"#, #"{"display_name":"Dairyman"}"#, #"{"display_name":"Doctora Dairy"}"#,
            ]
            for (number, json) in people.enumerated() {
                try await village.create("specialists", json, by: HTTPTestClient(village.address, token: "user-\(number)"))
            }
            let best = ["Doctora Dairy", "Dairy Doctor", "Dairyman", "Benito", "Carla"]
            #expect(try await village.names("search=dairy") == best)
            #expect(try await village.names("search=dairy&ordering=relevance") == best)
            #expect(try await village.names("search=dairy&ordering=-relevance") == best.reversed())
            #expect(try await village.names("search=dairy&ordering=name").first == "Benito")
            #expect(try await village.names("search=doctor+dairy") == ["Dairy Doctor", "Doctora Dairy"])
            #expect(try await village.names("ordering=relevance").first == "Doctora Dairy")
            #expect(try await village.names("search=dairy&page_size=2&page=2") == ["Dairyman", "Benito"])
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func profilesOfAUserAreFoundWhereTheyMayBeSeen(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect) { (village: Village) async throws -> Void in
            try await village.create(#"{"display_name":"Ana"}"#)
            try await village.create(#"{"display_name":"Benito"}"#, by: village.vet)
            try await village.create("consumers", #"{"display_name":"Eva"}"#, by: village.eva)
            #expect(try await village.names("user=\(Village.vet.subject)") == ["Benito"])
            #expect(try await village.names("user=\(Village.vet.subject)&search=ana") == [])
            #expect(try await village.names("user=nobody") == [])
            #expect(try await village.names("user=\(Village.vet.subject)", "businessmen") == [])
            // What is private is not found out so.
            #expect(try await village.names("user=\(Village.eva.subject)", "consumers", by: village.ana) == [])
            #expect(try await village.names("user=\(Village.eva.subject)", "consumers", by: village.eva) == ["Eva"])
            #expect(try await village.names("user=\(Village.eva.subject)", "consumers", by: village.staff) == ["Eva"])
            try await village.tellUser("user.updated", Village.ana, active: false)
            #expect(try await village.bench.eventually { try await village.names("user=\(Village.ana.subject)") == [] })
            #expect(try await village.names("user=\(Village.ana.subject)", by: village.ana) == ["Ana"])
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func whoIsSwitchedOffOrNoSpecialistAnyMoreIsNotShown(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect) { (village: Village) async throws -> Void in
            let made = try await village.create(#"{"display_name":"Ana"}"#)
            let path = "/api/profiles/specialists/\(made["id"] as? String ?? "")/"
            try await village.tellUser("user.updated", Village.ana, active: false)
            #expect(try await village.bench.eventually { try await village.nobody.get(path).status == 404 })
            #expect(try await village.names() == [])
            #expect(try await village.names("", by: village.staff) == ["Ana"])
            #expect(try await village.vet.send(.POST, path + "reviews/", json: #"{"rating":5}"#).status == 404)
            try await village.tellUser("user.updated", Village.eva, name: "eva")
            try await village.tellUser("user.updated", Village.ana)
            #expect(try await village.bench.eventually { try await village.names() == ["Ana"] })
            #expect((try await village.nobody.get(path).json["user"] as? [String: Any])?["username"] as? String == "ana")
            try await village.bench.tell(
                "user.updated", "user.events", Village.ana.subject, ["id": .string(Village.ana.subject), "roles": ["Consumer"]])
            #expect(try await village.bench.eventually { try await village.names() == [] })
        }
    }

    @Test func theHoursOfAWeekAreThoseOfItsTimeZone() throws {
        let monday = Date(timeIntervalSince1970: 1_768_219_200)  // 2026-01-12 12:00 UTC, a Monday
        func minute(_ zone: String) throws -> Int { WeeklyHours.minuteOfWeek(monday, in: try #require(WeeklyHours.zone(zone))) }
        #expect(try minute("UTC") == 720 && minute("America/Bogota") == 420 && minute("Asia/Tokyo") == 1260)
        #expect(try minute("Pacific/Auckland") == 1440 + 60)
        let july = Date(timeIntervalSince1970: 1_783_944_000)  // 2026-07-13 12:00 UTC, a Monday; summer in Madrid
        #expect(WeeklyHours.minuteOfWeek(july, in: try #require(WeeklyHours.zone("Europe/Madrid"))) == 840)
        #expect(WeeklyHours.zone("GMT+3") == nil && WeeklyHours.zone("") == nil)
        var problems: [String: [String]] = [:]
        let hours = WeeklyHours(
            ["monday": [["from": "12:00", "to": "24:00"]], "sunday": [["from": "00:00", "to": "00:01"]]], problems: &problems)
        #expect(problems.isEmpty)
        #expect(hours.isOpen(at: 720) && hours.isOpen(at: 1439) && !hours.isOpen(at: 1440) && !hours.isOpen(at: 719))
        #expect(hours.isOpen(at: 6 * 1440) && !hours.isOpen(at: 6 * 1440 + 1))
    }

    @Test func languagesAreWrittenAsTheyAreRecommended() {
        for (text, tag) in [("ES", "es"), ("es-co", "es-CO"), ("ZH-hant-tw", "zh-Hant-TW"), ("es-419", "es-419"), ("de-1996", "de-1996")] {
            #expect(LanguageTag(text)?.text == tag)
        }
        for text in ["", "e", "spanish", "es_CO", "es-", "-es", "e1", "es-%"] { #expect(LanguageTag(text) == nil, "\(text)") }
        #expect(Country.codes.count == 249 && Set(Country.codes).count == 249)
    }
}
