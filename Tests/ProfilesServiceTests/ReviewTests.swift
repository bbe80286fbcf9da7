import Foundation
import Persistence
import ProfilesService
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
}
