import Foundation
import TestSupport
import Testing

/// What becomes of an account's media when the account is deleted, wherever the services live.
@Suite struct GoneOwnerTests {
    @Test(arguments: Town.Houses.allCases)
    func nothingOfADeletedAccountIsShownOrActs(_ houses: Town.Houses) async throws {
        let bench = try await OwnerBench.start(houses)
        let (rosa, mateo) = (
            try await bench.town.register("rosa", role: "Businessman"), try await bench.town.register("mateo", role: "Specialist")
        )
        let (hers, secret, his) = (
            try await bench.upload(rosa), try await bench.upload(rosa, visibility: "private"), try await bench.upload(mateo)
        )
        let installation = try await bench.upload(bench.town.staff)
        let address = try await bench.address(rosa)
        let anyone = mateo.media.anonymous
        // What is kept ready for everybody must go as well.
        #expect(try await anyone.get("/media/\(hers)/original").status == 200)
        #expect(try await anyone.get("/media/\(hers)/original").status == 200)
        let tus = TusTestClient(rosa.media)
        let unfinished = try await tus.create(length: bench.photo.count, ["title": "Rosa"])
        #expect(try await tus.patch(unfinished, at: 0, bench.photo.prefix(100)).status == 204)
        #expect(try bench.unfinishedUploads().count == 1)
        let (herHook, hisHook) = (try await bench.webhook(rosa), try await bench.webhook(mateo))
        let before = try await bench.upload(mateo)
        #expect(try await bench.told(herHook, "media.created", of: before))

        let left = try await rosa.auth.send(.DELETE, "/api/auth/me/", json: #"{"current_password": "\#(rosa.password)"}"#)
        #expect(left.status == 204, "\(left.text)")

        for path in ["/api/media/\(hers)/", "/media/\(hers)/original", "/media/\(hers)/thumb.webp"] {
            #expect(try await anyone.poll(path) { $0.status == 404 }.status == 404, "\(path)")
        }
        // As if she had deleted it: others hear of what they could see.
        #expect(try await bench.told(hisHook, "media.deleted", of: hers))
        #expect(!bench.wasTold(hisHook, of: secret))
        for item in [hers, secret] {
            let object = S3TestClient(bench.town.media)
            let deadline = ContinuousClock.now + Patience.usual
            while try await object.get("media/\(item)/original").status != 404, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await object.get("media/\(item)/original").status == 404, "the bytes are gone")
        }
        let late = try await bench.put(address, bench.photo)
        #expect(late.status == 403, "\(late.text)")
        #expect(try bench.unfinishedUploads().isEmpty)
        #expect(try await anyone.get("/api/media/?owner=\(rosa.id)").json["count"] as? Int == 0)

        let after = try await bench.upload(mateo)
        #expect(try await bench.told(hisHook, "media.ready", of: after))
        #expect(!bench.wasTold(herHook, of: after))
        for item in [his, before, after, installation] {
            #expect(try await anyone.get("/media/\(item)/original").status == 200, "what is others' stays")
        }
        await bench.town.stop()
    }

    /// A bucket that is marked with the account's id goes on being filled by others.
    @Test func objectsBecomeNobodysMediaForADeletedAccount() async throws {
        let bench = try await OwnerBench.start(.oneProcess)
        let rosa = try await bench.town.register("rosa", role: "Businessman")
        let s3 = S3TestClient(bench.town.media)
        #expect(try await s3.put("herd", Data()).status == 200)
        let marked = try await ChildProcess.run(
            Executables.agrovet,
            ["s3", "media-bucket", "herd", "--visibility", "public", "--owner", rosa.id, "--data", bench.town.media.dataFolder])
        #expect(marked.status == 0, "\(marked.errors)")
        func list(until count: Int) async throws -> Int? {
            try await bench.town.staff.media.poll("/api/media/?owner=\(rosa.id)") { $0.json["count"] as? Int == count }.json["count"]
                as? Int
        }
        #expect(try await s3.put("herd/a.jpg", bench.photo).status == 200)
        #expect(try await list(until: 1) == 1)
        let deleted = try await bench.town.staff.auth.request(.DELETE, "/api/auth/users/\(rosa.id)/")
        #expect(deleted.status == 204, "\(deleted.text)")
        #expect(try await list(until: 0) == 0)
        #expect(try await s3.get("herd/a.jpg").body == bench.photo, "as after a deletion through REST, the object stays")

        #expect(try await s3.put("herd/b.jpg", bench.photo).status == 200)
        let line = #"agrovet_bucket_objects_total{result="no_media"} 1"#
        #expect(try await bench.town.staff.media.poll("/metrics") { $0.text.contains(line) }.text.contains(line))
        #expect(try await list(until: 0) == 0)
        #expect(bench.town.media.log.contains("account_inactive"))
        await bench.town.stop()
    }
}

extension OwnerBench {
    /// Files of resumable uploads.
    fileprivate func unfinishedUploads() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: town.media.dataFolder + "/uploads")
    }
}
