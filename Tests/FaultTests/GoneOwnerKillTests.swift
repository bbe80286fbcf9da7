import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct GoneOwnerKillTests {
    private static let items = 240
    private static let inAForm = 40

    enum Moment: String, CaseIterable, Sendable {
        /// The account's end was acknowledged, and nobody may have heard of it.
        case afterTheAnswer
        /// Some items are gone, some are not.
        case amongTheItems
    }

    /// Whatever the kill left is taken away by the next start, each item once.
    @Test(arguments: Moment.allCases, [false, true])
    func aKillLeavesNothingOfADeletedAccount(_ moment: Moment, onPostgreSQL: Bool) async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        let environment = onPostgreSQL ? ["AGROVET_DATABASE_URL": try await PostgreSQLServer.shared.makeDatabase()] : [:]
        let server = try await AgrovetProcess.start(environment: environment, dataFolder: data)
        let admin = HTTPTestClient(server)
        let registered = try await admin.anonymous.send(
            .POST, "/api/auth/register/", json: #"{"username": "rosa", "password": "un caballo muy rosa 27", "role": "Businessman"}"#)
        let id = try #require((registered.json["user"] as? [String: Any])?["id"] as? String, "\(registered.text)")
        let rosa = HTTPTestClient(server.baseURL, token: try #require(registered.json["access"] as? String))
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("gray.jpg")))
        for form in 0..<Self.items / Self.inAForm {
            let answer = try await rosa.upload((0..<Self.inAForm).map { (name: "\(form)-\($0).jpg", bytes: photo) })
            #expect(answer.status == 201, "\(answer.text)\n\(server.troubles)")
        }
        let stays = try #require(try await admin.upload([("stays.jpg", photo)]).json["id"] as? String)
        let list = "/api/media/?page_size=1&owner=\(id)"
        #expect(try await admin.get(list).json["count"] as? Int == Self.items)

        #expect(try await admin.request(.DELETE, "/api/auth/users/\(id)/").status == 204)
        if moment == .amongTheItems {
            let deadline = ContinuousClock.now + Patience.usual
            while try await admin.get(list).json["count"] as? Int == Self.items, ContinuousClock.now < deadline {}
        }
        await server.kill()

        let again = try await AgrovetProcess.start(environment: environment, dataFolder: data)
        let survivor = HTTPTestClient(again)
        let left = try await survivor.poll(list) { $0.json["count"] as? Int == 0 }
        #expect(left.json["count"] as? Int == 0, "\(left.text)")
        #expect(try await survivor.get("/api/media/\(stays)/").status == 200)
        var told: [String] = []
        let deadline = ContinuousClock.now + Patience.usual
        while told.count < Self.items, ContinuousClock.now < deadline {
            let tail = try await ChildProcess.run(
                Executables.agrovet,
                ["events", "tail", "media.events", "--from", "beginning", "--type", "media.deleted", "--json", "--data", data])
            told = try tail.output.split(separator: "\n").compactMap { line in
                let json = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return (json?["event"] as? [String: Any])?["subject"] as? String
            }
            // Each of these starts a process: the server needs the time more.
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(told.count == Self.items)
        #expect(Set(told).count == Self.items, "each is told once")
        // Their bytes too: what is left is the one that stays.
        let objects = S3TestClient(again)
        let end = ContinuousClock.now + Patience.usual
        var originals = 0
        repeat {
            originals = try await objects.keys(of: "media").filter { $0.hasSuffix("/original") }.count
        } while originals != 1 && ContinuousClock.now < end
        #expect(originals == 1)
        #expect(await again.stop() == 0)
    }
}
