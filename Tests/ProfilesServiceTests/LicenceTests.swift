import Foundation
import Persistence
import ProfilesService
import TestSupport
import Testing

@Suite struct LicenceTests {
    @Test(arguments: SQLDialect.allCases)
    func aLicenceIsVerifiedByStaffAndResetByAChange(_ dialect: SQLDialect) async throws {
        try await Village.open(dialect) { (village: Village) async throws -> Void in
            let made = try await village.create(#"{"display_name":"Ana"}"#)
            let id = try #require(made["id"] as? String)
            let (path, document) = ("/api/profiles/specialists/\(id)/", UUIDv7.make())
            func step(_ json: String, by client: HTTPTestClient) async throws -> HTTPTestClient.Answer {
                try await client.send(.POST, path + "verification/", json: json)
            }
            #expect(try await step("{}", by: village.ana).json["licence_number"] != nil)
            #expect(try await village.patch(path, #"{"licence_number":"TP-1","licensing_body":"ICA"}"#, by: village.ana).status == 200)
            #expect(try await step(#"{"status":"verified"}"#, by: village.staff).status == 409)
            // A document may be private, but not another's.
            let foreign = UUIDv7.make()
            try await village.tellMedia("media.created", foreign, owner: Village.vet)
            try await village.tellMedia("media.created", document, visibility: "private")
            // Asking until it is refused would be asking for the verification each time.
            let areKnown = try await village.bench.eventually {
                try await village.bench.database.read { try $0.query("SELECT id FROM media_items").count == 2 }
            }
            #expect(areKnown)
            #expect(try await step(#"{"document_id":"\#(foreign)"}"#, by: village.ana).status == 400)
            #expect(try await step("{}", by: village.vet).status == 403)
            let requested = try await step(#"{"document_id":"\#(document)"}"#, by: village.ana)
            #expect(requested.status == 200 && requested.json["status"] as? String == "requested", "\(requested.text)")
            #expect(requested.json["document_id"] as? String == document)

            #expect(try await step(#"{"status":"verified"}"#, by: village.ana).status == 403)
            #expect(try await step(#"{"status":"verified"}"#, by: village.vet).status == 403)
            #expect(try await step(#"{"status":"rejected"}"#, by: village.staff).json["reason"] != nil)
            #expect(try await step(#"{"status":"verified","licence_number":"TP-2"}"#, by: village.staff).status == 409)
            #expect(try await step(#"{"status":"rejected","reason":"Borroso"}"#, by: village.staff).status == 200)
            #expect(try await village.names("verified=true") == [])
            #expect(try await step("{}", by: village.ana).status == 200)
            #expect(try await step(#"{"status":"verified","licence_number":"TP-1"}"#, by: village.staff).status == 200)
            #expect(try await step("{}", by: village.ana).status == 409)
            #expect(try await village.names("verified=true") == ["Ana"])
            let shown = try await village.nobody.get(path).json["verification"] as? [String: Any]
            #expect(shown?.keys.sorted() == ["status"] && shown?["status"] as? String == "verified")

            #expect(try await village.patch(path, #"{"bio":"Nueva"}"#, by: village.ana).status == 200)
            #expect(try await village.names("verified=true") == ["Ana"])
            #expect(try await village.patch(path, #"{"licence_number":"TP-9"}"#, by: village.ana).status == 200)
            #expect(try await village.names("verified=true") == [])

            #expect(try await village.vet.get(path + "verification/").status == 403)
            #expect(try await village.nobody.get(path + "verification/").status == 401)
            let history = try #require(try await village.ana.get(path + "verification/").json["history"] as? [[String: Any]])
            #expect(
                history.compactMap { $0["action"] as? String } == ["reset", "verified", "requested", "rejected", "requested"])
            #expect(history[1]["actor"] as? String == Village.staff.subject && history[1]["licence_number"] as? String == "TP-1")
            #expect(history[3]["reason"] as? String == "Borroso" && history[4]["document_id"] as? String == document)

            // What the audit keeps of somebody who is gone says nothing of them.
            try await village.tellUser("user.deleted", Village.ana)
            let isForgotten = try await village.bench.eventually {
                try await village.bench.database.read { connection in
                    let rows = try connection.query("SELECT licence_number, reason, document FROM licence_audit")
                    return try rows.count == 5
                        && rows.allSatisfy {
                            try $0.text("licence_number") == "" && $0.text("reason") == "" && $0.optionalText("document") == nil
                        }
                }
            }
            #expect(isForgotten)
        }
    }

    @Test func staffDoNotVerifyTheirOwnLicence() async throws {
        try await Village.open(.sqlite) { (village: Village) async throws -> Void in
            let made = try await village.create(
                #"{"display_name":"Staff","licence_number":"1","licensing_body":"ICA"}"#, by: village.staff)
            let path = "/api/profiles/specialists/\(made["id"] as? String ?? "")/verification/"
            #expect(try await village.staff.send(.POST, path, json: "{}").status == 200)
            #expect(try await village.staff.send(.POST, path, json: #"{"status":"verified"}"#).status == 403)
        }
    }
}
