import Foundation
import TestSupport
import Testing

/// A breeder sells, a vet buys: through the public API only.
@Suite struct StoryTests {
    @Test(arguments: Town.Houses.allCases)
    func aBreederSellsAndAVetBuys(_ houses: Town.Houses) async throws {
        let town = try await Town.start(houses)
        let breeder = try await town.register("rosa", role: "Businessman")
        let vet = try await town.register("mateo", role: "Specialist")

        // Photos, and an ad before they are rendered.
        let photos = try await breeder.media.upload(sample: "photo.jpg")
        #expect(photos.status == 201, "\(photos.text)")
        let second = try await breeder.media.upload(sample: "alpha.png")
        let ids = [try Self.id(photos), try Self.id(second)]
        let posted = try await breeder.market.send(
            .POST, "/api/adds/",
            json:
                #"{"title":"Novillas Holstein preñadas","category":"cattle","price":"1250.00","currency":"USD","unit":"head","stock":5,"condition":"live","media":["\#(ids[0])","\#(ids[1])"],"location":{"place":"Zipaquirá","country":"CO","latitude":5.02,"longitude":-74.0}}"#
        )
        #expect(posted.status == 201, "\(posted.text)")
        let add = try Self.id(posted)
        #expect((posted.json["media"] as? [[String: Any]])?.count == 2)

        // Placeholders turn into renditions.
        let rendered = try await vet.market.poll("/api/adds/\(add)/") { answer in
            let media = answer.json["media"] as? [[String: Any]] ?? []
            return media.count == 2 && media.allSatisfy { $0["status"] as? String == "ready" && $0["placeholder"] is String }
        }
        let media = try #require(rendered.json["media"] as? [[String: Any]])
        #expect(media.map { $0["id"] as? String } == ids && media.allSatisfy { $0["status"] as? String == "ready" })
        let thumbnail = try #require((media[0]["renditions"] as? [[String: Any]])?.first { $0["name"] as? String == "thumb" })
        let bytes = try await vet.market.anonymous.get(try #require(thumbnail["url"] as? String))
        #expect(bytes.status == 200 && bytes["content-type"] == thumbnail["content_type"] as? String)

        // The vet finds it, sees who sells, and buys; a repetition of the request buys nothing more.
        let found = try await vet.market.poll(
            "/api/adds/?search=novilla%20holstein&category=livestock&near=4.71,-74.07&within=60&has_photo=true"
        ) {
            ($0.json["count"] as? Int) == 1
        }
        let hit = try #require((found.json["results"] as? [[String: Any]])?.first)
        #expect(hit["id"] as? String == add)
        let named = try await vet.market.poll("/api/sellers/\(breeder.id)/") { $0.status == 200 }
        #expect(named.json["username"] as? String == "rosa")
        let bought = try await vet.buy(add, key: "compra-1", #"{"quantity":2}"#)
        #expect(bought.status == 201 && bought.json["total"] as? String == "2500.00", "\(bought.text)")
        #expect(try await vet.buy(add, key: "compra-1", #"{"quantity":2}"#).text == bought.text)
        #expect(try await vet.market.get("/api/adds/\(add)/").json["stock"] as? String == "3")
        let order = try Self.id(bought)
        for verb in ["pay", "ship"] {
            #expect(try await breeder.market.send(.POST, "/api/orders/\(order)/\(verb)/", json: "{}").status == 200, "\(verb)")
        }
        #expect(try await vet.market.send(.POST, "/api/orders/\(order)/deliver/", json: "{}").json["state"] as? String == "delivered")

        // Events tell it, in order.
        let told = try await Self.events(of: add, town)
        #expect(told.first == "add.created" && told.contains("add.sold"))
        let sold = try #require(told.firstIndex(of: "add.sold"))
        // The two photos, at least, changed the ad before it was sold.
        #expect(told[..<sold].filter { $0 == "add.updated" }.count >= 2)

        // The breeder deletes a photo, and it is gone from the ad.
        #expect(try await breeder.media.request(.DELETE, "/api/media/\(ids[0])/").status == 204)
        let left = try await vet.market.poll("/api/adds/\(add)/") { ($0.json["media"] as? [Any])?.count == 1 }
        #expect((left.json["media"] as? [[String: Any]])?.map { $0["id"] as? String } == [ids[1]])

        // Whoever leaves takes the ad along; the order stays for the other.
        let leaving = try await breeder.auth.send(.DELETE, "/api/auth/me/", json: #"{"current_password":"un caballo muy rosa 27"}"#)
        #expect(leaving.status == 204, "\(leaving.text)")
        #expect(try await vet.market.poll("/api/adds/\(add)/") { $0.status == 404 }.status == 404)
        #expect(try await vet.market.get("/api/orders/\(order)/").status == 200)
        // Her token is worth nothing any more, anywhere.
        #expect(try await breeder.market.poll("/api/orders/", atMost: .seconds(10)) { $0.status == 401 }.status == 401)
        #expect(try await breeder.media.poll("/api/media/", atMost: .seconds(10)) { $0.status == 401 }.status == 401)
        await town.stop()
    }

    private static func id(_ answer: HTTPTestClient.Answer) throws -> String {
        try #require(answer.json["id"] as? String, "\(answer.text)")
    }

    /// Types of the events of an ad, as the log has them.
    private static func events(of add: String, _ town: Town) async throws -> [String] {
        let result = try await ChildProcess.run(
            Executables.agrovet,
            ["events", "tail", "marketplace.events", "--from", "beginning", "--json", "--data", town.market.dataFolder])
        guard result.status == 0 else { throw AgrovetProcess.Failure(description: "agrovet events tail: \(result.errors)") }
        return result.output.split(separator: "\n").compactMap { line -> String? in
            guard let logged = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let event = logged["event"] as? [String: Any], event["subject"] as? String == add
            else { return nil }
            return event["type"] as? String
        }
    }
}
