import Foundation
import TestSupport
import Testing

/// Somebody has to be able to take an item down: staff hide, show and delete what is anybody's, and no more.
@Suite struct StaffMediaTests {
    @Test func staffHideAndDeleteWhatIsOthers() async throws {
        let bench = try await OwnerBench.start(.oneProcess)
        let (rosa, mateo) = (
            try await bench.town.register("rosa", role: "Businessman"), try await bench.town.register("mateo", role: "Specialist")
        )
        let (staff, anyone) = (bench.town.staff.media, mateo.media.anonymous)
        let item = try await bench.upload(rosa)
        let path = "/api/media/\(item)/"
        let hide = #"{"visibility": "private"}"#
        #expect(try await mateo.media.send(.PATCH, path, json: hide).status == 403)
        #expect(try await mateo.media.request(.DELETE, path).status == 403)
        #expect(try await anyone.get("/media/\(item)/original").status == 200)

        let tag = try #require(try await staff.get(path)["ETag"])
        let hidden = try await staff.request(
            .PATCH, path, headers: ["Content-Type": "application/json", "If-Match": tag], body: Data(hide.utf8))
        #expect(hidden.status == 200 && hidden.json["visibility"] as? String == "private", "\(hidden.text)")
        #expect(!hidden.text.contains("signature="), "links that work are the owner's")
        #expect(try await anyone.get("/media/\(item)/original").status == 404)
        #expect(try await rosa.media.get(path).text.contains("signature="))
        #expect(try await mateo.media.send(.PATCH, path, json: hide).status == 404)
        #expect(try await mateo.media.request(.DELETE, path).status == 404)

        let words = try await staff.send(.PATCH, path, json: #"{"visibility": "public", "title": "Otra"}"#)
        #expect(words.status == 403 && words["X-Error-Code"] == "not_owner", "\(words.text)")
        #expect(try await anyone.get("/media/\(item)/original").status == 404)
        #expect(try await staff.send(.PATCH, path, json: #"{"visibility": "public"}"#).status == 200)
        #expect(try await anyone.get("/media/\(item)/original").status == 200)

        let secret = try await bench.upload(rosa, visibility: "private")
        #expect(try await staff.get("/api/media/\(secret)/").status == 404, "what is private is not shown to staff either")
        for gone in [item, secret] {
            #expect(try await staff.request(.DELETE, "/api/media/\(gone)/").status == 204)
            #expect(try await rosa.media.get("/api/media/\(gone)/").status == 404)
            #expect(try await staff.request(.DELETE, "/api/media/\(gone)/").status == 404)
        }
        await bench.town.stop()
    }

    @Test func theDocumentSaysSo() async throws {
        let document = try await SharedServer.client.get("/api/schema/").json
        let operations = try #require((document["paths"] as? [String: Any])?["/api/media/{id}/"] as? [String: Any])
        for method in ["patch", "delete"] {
            let text = (operations[method] as? [String: Any])?["description"] as? String ?? ""
            #expect(text.contains("staff"), "\(method): \(text)")
        }
    }
}
