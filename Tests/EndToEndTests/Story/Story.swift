import Foundation
import TestSupport
import Testing

/// What happens in the story, step by step.
struct Story: Sendable {
    let breeder: Citizen
    let vet: Citizen

    private var town: Town { breeder.town }

    /// What is posted, and its photos.
    struct Add: Sendable {
        let id: String
        let photos: [String]
        var path: String { "/api/adds/\(id)/" }
    }

    // MARK: Posting

    func breederPostsBeforePhotosAreRendered() async throws -> Add {
        // The second takes seconds to render: 200 megapixels, from a phone.
        var photos: [String] = []
        for sample in ["photo.jpg", "200-megapixels-tiled.heic"] {
            let uploaded = try await breeder.media.upload(sample: sample)
            #expect(uploaded.status == 201, "\(uploaded.text)")
            photos.append(try Self.id(uploaded))
        }
        // However long that takes, the photo has not come any further meanwhile.
        return try await town.media.holdingCodecWorkers {
            let posted = try await breeder.market.send(
                .POST, "/api/adds/",
                json:
                    #"{"title":"Novillas Holstein preñadas","category":"cattle","price":"1250.00","currency":"USD","unit":"head","stock":5,"condition":"live","media":["\#(photos[0])","\#(photos[1])"],"location":{"place":"Zipaquirá","country":"CO","latitude":5.02,"longitude":-74.0}}"#
            )
            #expect(posted.status == 201, "\(posted.text)")
            let add = Add(id: try Self.id(posted), photos: photos)
            // Posted, seen by others, and found, while a photo is a placeholder.
            for answer in [posted, try await vet.market.get(add.path)] {
                let media = try #require(answer.json["media"] as? [[String: Any]])
                #expect(media.map { $0["id"] as? String } == photos)
                #expect(media[1]["status"] as? String == "processing" && media[1]["placeholder"] is NSNull)
            }
            #expect(try await breeder.media.get("/api/media/\(photos[1])/").json["status"] as? String == "processing")
            return add
        }
    }

    func placeholdersTurnIntoRenditions(of add: Add) async throws {
        let rendered = try await vet.market.poll(add.path) { answer in
            let media = answer.json["media"] as? [[String: Any]] ?? []
            return media.count == 2 && media.allSatisfy { $0["status"] as? String == "ready" && $0["placeholder"] is String }
        }
        let media = try #require(rendered.json["media"] as? [[String: Any]])
        #expect(media.map { $0["id"] as? String } == add.photos && media.allSatisfy { $0["status"] as? String == "ready" })
        for item in media {
            #expect(item["placeholder"] is String)
            try await Self.expectRendition(of: item, seenBy: vet.market.anonymous)
        }
    }

    // MARK: The vet

    func vetIsVerifiedAndFound() async throws {
        let photo = try Self.id(try await vet.media.upload(sample: "orientation-6.jpg"))
        let licence = try Self.id(try await vet.media.upload(sample: "gray.jpg", fields: ["visibility": "private"]))
        let specialists = "/api/profiles/specialists/"
        let made = try await vet.profiles.send(
            .POST, specialists,
            json:
                #"{"display_name":"Dr. Mateo Ruiz","specialties":["dairy","reproduction"],"bio":"Voy a la finca","licence_number":"TP-77","licensing_body":"COMVEZCOL","photo_id":"\#(photo)","location":{"latitude":4.9,"longitude":-74.03,"city":"Chía","region":"Cundinamarca","country":"CO"}}"#
        )
        #expect(made.status == 201, "\(made.text)")
        let path = specialists + (try Self.id(made)) + "/"
        #expect(
            try await vet.profiles.send(.POST, path + "verification/", json: #"{"document_id":"\#(licence)"}"#).json["status"] as? String
                == "requested")
        // Nobody verifies a licence but staff, who look at what they decide on.
        let decision = #"{"status":"verified","licence_number":"TP-77"}"#
        #expect(try await vet.profiles.send(.POST, path + "verification/", json: decision).status == 403)
        #expect(try await breeder.profiles.send(.POST, path + "verification/", json: decision).status == 403)
        let verified = try await town.staff.profiles.send(.POST, path + "verification/", json: decision)
        #expect(verified.json["status"] as? String == "verified", "\(verified.text)")

        // The breeder looks for a vet of dairy cattle nearby, and sees a face.
        let search = specialists + "?search=bovinos%20reproduccion&verified=true&near=5.02,-74.0&within=50"
        let found = try await breeder.profiles.poll(search) { answer in
            let hit = (answer.json["results"] as? [[String: Any]])?.first
            return (hit?["photo"] as? [String: Any])?["status"] as? String == "ready"
        }
        let hit = try #require((found.json["results"] as? [[String: Any]])?.first)
        #expect(found.json["count"] as? Int == 1 && hit["display_name"] as? String == "Dr. Mateo Ruiz")
        try await Self.expectRendition(of: try #require(hit["photo"] as? [String: Any]), seenBy: breeder.profiles.anonymous)
        #expect(!found.text.contains(licence))
        #expect(try await breeder.profiles.send(.POST, path + "reviews/", json: #"{"rating":5,"text":"Salvó la vaca"}"#).status == 201)
    }

    /// The vet finds the ad, and sees who sells.
    func vetFinds(_ add: Add) async throws {
        let found = try await vet.market.poll(
            "/api/adds/?search=novilla%20holstein&category=livestock&near=4.71,-74.07&within=60&has_photo=true"
        ) {
            ($0.json["count"] as? Int) == 1
        }
        let hit = try #require((found.json["results"] as? [[String: Any]])?.first)
        #expect(hit["id"] as? String == add.id)
        let named = try await vet.market.poll("/api/sellers/\(breeder.id)/") { $0.status == 200 }
        #expect(named.json["username"] as? String == "rosa")
    }

    // MARK: Buying and selling

    /// Two of five; a repetition of the request buys nothing more.
    func vetBuys(_ add: Add) async throws -> String {
        #expect(try await vet.market.get(add.path).json["stock"] as? String == "5")
        let bought = try await vet.buy(add.id, key: "compra-1", #"{"quantity":2}"#)
        #expect(bought.status == 201 && bought.json["total"] as? String == "2500.00", "\(bought.text)")
        #expect(try await vet.buy(add.id, key: "compra-1", #"{"quantity":2}"#).text == bought.text)
        #expect(try await vet.market.get(add.path).json["stock"] as? String == "3")
        let order = try Self.id(bought)
        // The breeder sees who buys.
        let seen = try await breeder.market.poll("/api/orders/\(order)/") { Self.isVet($0.json["buyer"]) }
        try await expectVet(seen.json["buyer"])
        for verb in ["pay", "ship"] {
            #expect(try await breeder.market.send(.POST, "/api/orders/\(order)/\(verb)/", json: "{}").status == 200, "\(verb)")
        }
        #expect(try await vet.market.send(.POST, "/api/orders/\(order)/deliver/", json: "{}").json["state"] as? String == "delivered")
        return order
    }

    /// What the vet offers has the vet's name, face and licence beside it.
    func vetSells() async throws {
        let posted = try await vet.market.send(
            .POST, "/api/adds/",
            json: #"{"title":"Visita a la finca","category":"services","price":"40.00","currency":"USD","unit":"service","stock":20}"#)
        #expect(posted.status == 201, "\(posted.text)")
        let shown = try await breeder.market.poll("/api/adds/\(try Self.id(posted))/") {
            Self.isVet($0.json["seller"]) && (($0.json["seller"] as? [String: Any])?["rating"] as? [String: Any])?["count"] as? Int == 1
        }
        try await expectVet(shown.json["seller"])
        #expect(((shown.json["seller"] as? [String: Any])?["rating"] as? [String: Any])?["average"] as? Double == 5)
        let page = try await breeder.market.anonymous.get("/api/sellers/\(vet.id)/")
        try await expectVet(page.json)
        #expect(page.json["adds"] as? Int == 1 && (page.json["profiles"] as? [Any])?.count == 1)
        let verified = try await breeder.market.anonymous.get("/api/adds/?verified=true").json
        #expect((verified["results"] as? [[String: Any]])?.map { $0["title"] as? String } == ["Visita a la finca"])
    }

    private static func isVet(_ person: Any?) -> Bool {
        guard let person = person as? [String: Any] else { return false }
        // Each of these comes by an event of its own.
        return person["display_name"] as? String == "Dr. Mateo Ruiz" && person["is_verified"] as? Bool == true
            && (person["photo"] as? [String: Any])?["status"] as? String == "ready"
    }

    private func expectVet(_ person: Any?) async throws {
        let person = try #require(person as? [String: Any])
        #expect(person["id"] as? String == vet.id && person["username"] as? String == "mateo" && person["is_verified"] as? Bool == true)
        #expect(person["roles"] as? [String] == ["Specialist"] && (person["location"] as? [String: Any])?["city"] as? String == "Chía")
        try await Self.expectRendition(of: try #require(person["photo"] as? [String: Any]), seenBy: breeder.market.anonymous)
    }

    // MARK: Events

    func eventsTellInOrder(of add: Add) async throws {
        let told = try await events("marketplace.events").filter { $0.subject == add.id }
        let types = told.map(\.type)
        #expect(types.first == "add.created" && types.contains("add.sold"))
        let sold = try #require(types.firstIndex(of: "add.sold"))
        // Each photo that came after the ad changed it before it was sold, the large one among them; then the stock went down, once.
        let late = try await events("media.events").filter {
            $0.type == "media.ready" && add.photos.contains($0.subject) && $0.time > told[0].time
        }
        #expect(late.contains { $0.subject == add.photos[1] })
        #expect(types[..<sold].filter { $0 == "add.updated" }.count >= late.count)
        #expect(Array(types[sold...]) == ["add.sold", "add.updated"])
        #expect(told[..<sold].allSatisfy { $0.data["stock"] as? String == "5" })
        #expect(told[sold...].allSatisfy { $0.data["stock"] as? String == "3" })

        // A photo was made before it was ready, and the ad was posted in between.
        let media = try await events("media.events").filter { $0.subject == add.photos[1] }
        let ready = try #require(media.first { $0.type == "media.ready" })
        #expect(media.first?.type == "media.created" && told[0].time < ready.time)

        // Who the vet is was told before it was verified; that was told before the ad of the vet could show it.
        let profiles = try await events("user.events").filter { $0.data["display_name"] as? String == "Dr. Mateo Ruiz" }
        #expect(profiles.first?.type == "profile.created")
        let states = profiles.compactMap { ($0.data["verification"] as? [String: Any])?["status"] as? String }
        #expect(states.first == "none" && states.last == "verified" && states.firstIndex(of: "requested") == 1)
    }

    struct Told {
        let type: String
        let subject: String
        /// ISO 8601, UTC.
        let time: String
        let data: [String: Any]
    }

    /// The events of a topic, as the log has them.
    private func events(_ topic: String) async throws -> [Told] {
        let result = try await ChildProcess.run(
            Executables.agrovet, ["events", "tail", topic, "--from", "beginning", "--json", "--data", town.market.dataFolder])
        guard result.status == 0 else { throw AgrovetProcess.Failure(description: "agrovet events tail: \(result.errors)") }
        return result.output.split(separator: "\n").compactMap { line -> Told? in
            guard let logged = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let event = logged["event"] as? [String: Any], let type = event["type"] as? String,
                let subject = event["subject"] as? String, let time = event["time"] as? String
            else { return nil }
            return Told(type: type, subject: subject, time: time, data: event["data"] as? [String: Any] ?? [:])
        }
    }

    // MARK: Going

    func aDeletedPhotoIsGone(from add: Add) async throws {
        let address = "/media/\(add.photos[0])/thumb.webp"
        #expect(try await vet.media.anonymous.get(address).status == 200)
        #expect(try await breeder.media.request(.DELETE, "/api/media/\(add.photos[0])/").status == 204)
        let left = try await vet.market.poll(add.path) { ($0.json["media"] as? [Any])?.count == 1 }
        #expect((left.json["media"] as? [[String: Any]])?.map { $0["id"] as? String } == [add.photos[1]])
        #expect(try await vet.media.anonymous.get(address).status == 404)
    }

    /// The order stays for the other.
    func whoLeavesTakesTheAdAlong(_ add: Add, _ order: String) async throws {
        let leaving = try await breeder.auth.send(.DELETE, "/api/auth/me/", json: #"{"current_password":"un caballo muy rosa 27"}"#)
        #expect(leaving.status == 204, "\(leaving.text)")
        #expect(try await vet.market.poll(add.path) { $0.status == 404 }.status == 404)
        #expect(try await vet.market.get("/api/orders/\(order)/").status == 200)
        // Her token is worth nothing any more, anywhere.
        for (client, path) in [
            (breeder.market, "/api/orders/"), (breeder.media, "/api/media/"), (breeder.profiles, "/api/profiles/consumers/"),
        ] {
            #expect(try await client.poll(path) { $0.status == 401 }.status == 401)
        }
        // Nobody tells her name with what she said.
        let review = "/api/profiles/specialists/?user=\(vet.id)"
        let profile = try #require((try await vet.profiles.get(review).json["results"] as? [[String: Any]])?.first?["id"] as? String)
        let reviews = try await vet.profiles.poll("/api/profiles/specialists/\(profile)/reviews/") {
            ($0.json["results"] as? [[String: Any]])?.first?["author"] is NSNull
        }
        let said = try #require((reviews.json["results"] as? [[String: Any]])?.first)
        #expect(said["author"] is NSNull && said["text"] as? String == "Salvó la vaca")
        let types = try await events("marketplace.events").filter { $0.subject == add.id }.map(\.type)
        #expect(types.last == "add.deleted" && types.filter { $0 == "add.sold" || $0 == "add.deleted" }.count == 2)
        let sold = try #require(types.firstIndex(of: "add.sold"))
        // The stock, then the photo that is gone.
        #expect(types[sold...].filter { $0 == "add.updated" }.count >= 2)
    }

    // MARK: What answers show

    private static func id(_ answer: HTTPTestClient.Answer) throws -> String {
        try #require(answer.json["id"] as? String, "\(answer.text)")
    }

    /// A rendition that an answer names is there, and is what it says.
    private static func expectRendition(of item: [String: Any], seenBy client: HTTPTestClient) async throws {
        let thumbnail = try #require((item["renditions"] as? [[String: Any]])?.first { $0["name"] as? String == "thumb" })
        let bytes = try await client.get(try #require(thumbnail["url"] as? String))
        #expect(bytes.status == 200 && bytes["content-type"] == thumbnail["content_type"] as? String)
    }
}
