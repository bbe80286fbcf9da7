import Foundation
import Persistence
import ProfilesService
import ServiceTestSupport
import TestSupport
import Testing

@Suite struct ReviewTests {
    @Test(arguments: SQLDialect.allCases)
    func eachUserReviewsOnceAndTheAverageFollows(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect, users: 6) { (village: Village) async throws -> Void in
            let id = try #require(try await village.create(#"{"display_name":"Ana"}"#)["id"] as? String)
            try await village.create(#"{"display_name":"Benito"}"#, by: village.vet)
            let (path, reviews) = ("/api/profiles/specialists/\(id)/", "/api/profiles/specialists/\(id)/reviews/")
            func rating() async throws -> (average: Double?, count: Int?) {
                let rating = try await village.nobody.get(path).json["rating"] as? [String: Any]
                return (rating?["average"] as? Double, rating?["count"] as? Int)
            }
            #expect(try await rating().count == 0)
            #expect(try await rating().average == nil)
            for (json, field) in [
                ("{}", "rating"), (#"{"rating":0}"#, "rating"), (#"{"rating":6}"#, "rating"), (#"{"rating":4.5}"#, "rating"),
            ] {
                #expect(try await village.vet.send(.POST, reviews, json: json).json[field] != nil)
            }
            #expect(try await village.nobody.send(.POST, reviews, json: #"{"rating":5}"#).status == 401)
            #expect(try await village.ana.send(.POST, reviews, json: #"{"rating":5}"#).json["non_field_errors"] != nil)

            // Everybody at once, each twice.
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<12 {
                    let client = HTTPTestClient(village.address, token: "user-\(number % 6)")
                    group.addTask {
                        try await client.send(.POST, reviews, json: #"{"rating":\#(number % 6 == 0 ? 1 : 5),"text":"Bien"}"#).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == Array(repeating: 201, count: 6) + Array(repeating: 409, count: 6))
            #expect(try await rating() == (4.33, 6))
            #expect(try await village.names("min_rating=4.3") == ["Ana"])
            #expect(try await village.names("min_rating=4.4") == [])
            #expect(try await village.names("ordering=-rating") == ["Ana", "Benito"])

            let page = try await village.nobody.get(reviews + "?ordering=rating&page_size=2").json
            #expect(page["count"] as? Int == 6)
            let lowest = try #require((page["results"] as? [[String: Any]])?.first)
            let one = reviews + (lowest["id"] as? String ?? "") + "/"
            let author = HTTPTestClient(village.address, token: "user-0")
            let tag = try #require(try await author.get(one)["etag"])
            #expect(try await village.patch(one, #"{"rating":5}"#, by: village.vet).status == 403)
            #expect(try await village.patch(one, #"{"rating":5}"#, by: village.staff).status == 403)
            #expect(try await village.patch(one, #"{"rating":3}"#, by: author, match: tag).status == 200)
            #expect(try await village.patch(one, #"{"rating":2}"#, by: author, match: tag).status == 412)
            #expect(try await rating() == (4.67, 6))
            #expect(try await village.vet.request(.DELETE, one).status == 403)
            #expect(try await village.staff.request(.DELETE, one).status == 204)
            #expect(try await village.nobody.get(one).status == 404)
            #expect(try await rating() == (5, 5))
            #expect(try await author.send(.POST, reviews, json: #"{"rating":4}"#).status == 201)
            #expect(try await rating().count == 6)
            // They go with the profile.
            #expect(try await village.ana.request(.DELETE, path).status == 204)
            #expect(try await village.nobody.get(reviews).status == 404)
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func reviewsAreOfAPersonAndOutliveTheProfile(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect, users: 2) { (village: Village) async throws -> Void in
            let specialists = "/api/profiles/specialists/"
            let other = HTTPTestClient(village.address, token: "user-0")
            let first = try #require(try await village.create(#"{"display_name":"Ana"}"#)["id"] as? String)
            let written = try await village.vet.send(.POST, specialists + "\(first)/reviews/", json: #"{"rating":2,"text":"Tarde"}"#)
            let review = try #require(written.json["id"] as? String)
            #expect(try await other.send(.POST, specialists + "\(first)/reviews/", json: #"{"rating":5,"text":"Bien"}"#).status == 201)

            // Hidden with the profile, for the author too.
            #expect(try await village.ana.request(.DELETE, specialists + "\(first)/").status == 204)
            for client in [village.nobody, village.vet, village.staff] {
                #expect(try await client.get(specialists + "\(first)/reviews/\(review)/").status == 404)
            }
            // Whoever makes the profile again has them again: a bad name is not washed off so. The old address stays nobody's.
            let again = try await village.create(#"{"display_name":"Ana, otra vez"}"#)
            let second = try #require(again["id"] as? String)
            #expect(second != first && (again["rating"] as? [String: Any])?["count"] as? Int == 2)
            let path = specialists + "\(second)/"
            #expect((try await village.nobody.get(path).json["rating"] as? [String: Any])?["average"] as? Double == 3.5)
            #expect(try await village.names("min_rating=3.5") == ["Ana, otra vez"])
            let texts = (try await village.nobody.get(path + "reviews/?ordering=rating").json["results"] as? [[String: Any]] ?? [])
                .compactMap { $0["text"] as? String }
            #expect(texts == ["Tarde", "Bien"])
            #expect(try await village.nobody.get(specialists + "\(first)/reviews/").status == 404)
            #expect(try await village.vet.send(.POST, path + "reviews/", json: #"{"rating":1}"#).status == 409)
            #expect(try await village.patch(path + "reviews/\(review)/", #"{"rating":4}"#, by: village.vet).status == 200)
            #expect((try await village.nobody.get(path).json["rating"] as? [String: Any])?["average"] as? Double == 4.5)
            // The event of the new profile tells the rating too.
            let told = try await village.bench.eventually { try await village.told(second).count == 2 }
            let created = try await village.bench.events("user.events").first { $0.subject == second }
            #expect(told && created?.type == "profile.created" && created?.data.contains(#""count":2"#) == true)

            // Another of the same kind of name has none of them.
            let others = try await village.create(#"{"display_name":"Ana"}"#, by: village.vet)
            #expect((others["rating"] as? [String: Any])?["count"] as? Int == 0)
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func whoIsGoneLeavesWordsWithoutANameAndIsSpokenOfNoMore(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect) { (village: Village) async throws -> Void in
            let specialists = "/api/profiles/specialists/"
            let ana = try #require(try await village.create(#"{"display_name":"Ana"}"#)["id"] as? String)
            let vet = try #require(try await village.create(#"{"display_name":"Benito"}"#, by: village.vet)["id"] as? String)
            #expect(try await village.vet.send(.POST, specialists + "\(ana)/reviews/", json: #"{"rating":4,"text":"Bien"}"#).status == 201)
            #expect(try await village.ana.send(.POST, specialists + "\(vet)/reviews/", json: #"{"rating":1,"text":"Mal"}"#).status == 201)
            // The profile alone first, then the account.
            #expect(try await village.vet.request(.DELETE, specialists + "\(vet)/").status == 204)
            try await village.tellUser("user.deleted", Village.vet)
            func author() async throws -> Any? {
                (try await village.nobody.get(specialists + "\(ana)/reviews/").json["results"] as? [[String: Any]])?.first?["author"]
            }
            #expect(try await village.bench.eventually { try await author() is NSNull })
            #expect((try await village.nobody.get(specialists + "\(ana)/").json["rating"] as? [String: Any])?["count"] as? Int == 1)
            let left = try await village.bench.database.read { connection in
                try connection.query("SELECT text FROM reviews").map { try $0.text("text") }
                    + connection.query("SELECT user_id FROM specialist_ratings").map { try $0.text("user_id") }
            }
            #expect(left == ["Bien", Village.ana.subject])
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func reviewsOfAnEarlierVersionStay(_ dialect: SQLDialect) async throws {
        let old = ProfilesService.migrations.prefix { $0.name != "0008-kept-reviews" }
        let bench = try await ServiceBench(dialect, service: "profiles", Array(old))
        try await bench.database.write { connection in
            try connection.execute(
                """
                INSERT INTO profiles (id, kind, user_id, fields, name_key, city_key, country, location_visibility, licence_state,
                    licence_reason, version, created, updated)
                VALUES ('p', 'specialist', 'ana', '{}', '', '', '', 'everyone', 'none', '', 1, 1, 1)
                """)
            for (id, author) in [("r1", SQLValue("eva")), ("r2", .null), ("r3", .null)] {
                try connection.execute(
                    "INSERT INTO reviews (id, profile_id, author, rating, text, created, updated, version) VALUES ($1, 'p', $2, 4, 'Bien', 1, 2, 3)",
                    [SQLValue(id), author])
            }
            try connection.execute("INSERT INTO profile_ratings (profile_id, stars, ratings) VALUES ('p', 12, 3)")
        }
        try await Migrator.migrate(bench.database, service: "profiles", ProfilesService.migrations)
        let (reviews, sums) = try await bench.database.read { connection in
            (
                try connection.query("SELECT id, user_id, author, rating, text, created, updated, version FROM reviews ORDER BY id").map(
                    \.values), try connection.query("SELECT user_id, stars, ratings FROM specialist_ratings").map(\.values)
            )
        }
        #expect(
            reviews == [
                ["r1", "ana", "eva", 4, "Bien", 1, 2, 3], ["r2", "ana", .null, 4, "Bien", 1, 2, 3],
                ["r3", "ana", .null, 4, "Bien", 1, 2, 3],
            ])
        #expect(sums == [["ana", 12, 3]])
        await bench.database.close()
    }
}
