import Foundation
import TestSupport
import Testing

/// Through the real process, with accounts and media of its own.
@Suite struct ProfilesEndToEndTests {
    private func client(_ server: AgrovetProcess, _ name: String, role: String) async throws -> HTTPTestClient {
        let json = #"{"username":"\#(name)","password":"correcto caballo 9","role":"\#(role)"}"#
        let answer = try await HTTPTestClient(server.baseURL).send(.POST, "/api/auth/register/", json: json)
        let token = try #require(answer.json["access"] as? String, "\(answer.status) \(answer.text)")
        return HTTPTestClient(server.baseURL, token: token)
    }

    /// Asks until it is so.
    private func eventually(_ isSo: () async throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline {
            if try await isSo() { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    @Test(arguments: [false, true])
    func aSpecialistComesIsReviewedAndGoes(onPostgreSQL: Bool) async throws {
        let environment = onPostgreSQL ? ["AGROVET_DATABASE_URL": try await PostgreSQLServer.shared.makeDatabase()] : [:]
        let server = try await AgrovetProcess.start(environment: environment)
        let ana = try await client(server, "ana", role: "Specialist")
        let eva = try await client(server, "eva", role: "Consumer")
        let photo = try #require(try await ana.upload(sample: "photo.jpg").json["id"] as? String)
        let specialists = "/api/profiles/specialists/"
        let json = #"{"display_name":"Dra. Ana","photo_id":"\#(photo)","specialties":["dairy"],"location":{"city":"Cali","country":"CO"}}"#
        #expect(try await eva.send(.POST, specialists, json: json).status == 403)
        let made = try await ana.send(.POST, specialists, json: json)
        #expect(made.status == 201, "\(made.text)")
        let path = specialists + (made.json["id"] as? String ?? "") + "/"

        let anybody = ana.anonymous
        let isReady = try await eventually {
            let photo = try await anybody.get(path).json["photo"] as? [String: Any]
            return photo?["status"] as? String == "ready"
        }
        #expect(isReady)
        let shown = try #require(try await anybody.get(path).json["photo"] as? [String: Any])
        let rendition = try #require((shown["renditions"] as? [[String: Any]])?.first?["url"] as? String)
        #expect(try await anybody.get(rendition).status == 200)
        #expect(try await eventually { (try await anybody.get(path).json["user"] as? [String: Any])?["username"] as? String == "ana" })
        #expect(try await eva.send(.POST, path + "reviews/", json: #"{"rating":5,"text":"Salvó la vaca"}"#).status == 201)
        let found = try await anybody.get(specialists + "?search=bovinos&city=cali&min_rating=5").json
        #expect(found["count"] as? Int == 1)

        #expect(try await ana.request(.DELETE, "/api/media/\(photo)/").status == 204)
        #expect(try await eventually { try await anybody.get(path).json["photo"] is NSNull })
        let gone = try await ana.send(.DELETE, "/api/auth/me/", json: #"{"current_password":"correcto caballo 9"}"#)
        #expect(gone.status == 204, "\(gone.text)")
        #expect(try await eventually { try await anybody.get(path).status == 404 })
        #expect(try await anybody.get("/health/").text.contains("profiles"))
        #expect(await server.stop() == 0)
    }
}
