import Foundation
import TestSupport
import Testing

/// What an account has set up acts for it, and stands still while the account is disabled.
@Suite struct DisabledOwnerTests {
    @Test(arguments: Town.Houses.allCases)
    func addressesAndWebhooksOfADisabledAccountStandStillUntilItIsEnabled(_ houses: Town.Houses) async throws {
        let bench = try await OwnerBench.start(houses)
        let (rosa, mateo) = (
            try await bench.town.register("rosa", role: "Businessman"), try await bench.town.register("mateo", role: "Specialist")
        )
        let hers = try await bench.upload(rosa)
        let address = try await bench.address(rosa)
        let (herHook, hisHook) = (try await bench.webhook(rosa), try await bench.webhook(mateo))
        let before = try await bench.upload(mateo)
        for hook in [herHook, hisHook] { #expect(try await bench.told(hook, "media.ready", of: before)) }
        let deafHook = try await bench.webhook(rosa, "fail/100000")
        let waiting = try await bench.upload(mateo)
        func attempts() -> Int {
            bench.receiver.messages(deafHook).count { $0.type == "media.created" && $0.data["id"] as? String == waiting }
        }
        #expect(try await bench.told(deafHook, "media.created", of: waiting))

        try await bench.setActive(rosa, false)
        let refused = try await bench.wait(for: 403, at: address)
        #expect(refused.status == 403 && refused["X-Error-Code"] == "account_inactive", "\(refused.text)")
        #expect(try await bench.put(address, bench.photo).status == 403)
        let soFar = attempts()
        let meanwhile = try await bench.upload(mateo)
        #expect(try await bench.told(hisHook, "media.ready", of: meanwhile))
        // Long enough for some attempts.
        try await Task.sleep(for: .seconds(6))
        #expect(!bench.wasTold(herHook, of: meanwhile))
        #expect(attempts() <= soFar + 1, "but for one that was under way")
        #expect(try await mateo.media.get("/media/\(hers)/original").status == 200, "whether it is shown is not for this to say")

        try await bench.setActive(rosa, true)
        #expect(try await bench.wait(for: 400, at: address).status == 400)
        let taken = try await bench.put(address, bench.photo)
        #expect(taken.status == 201, "\(taken.text)")
        #expect(taken.json["owner"] as? String == rosa.id)
        let after = try await bench.upload(mateo)
        #expect(try await bench.told(herHook, "media.created", of: after))
        #expect(!bench.wasTold(herHook, of: meanwhile), "what happened meanwhile is not told afterwards")
        _ = try await bench.receiver.messages(deafHook) { _ in attempts() > soFar + 1 }
        #expect(attempts() > soFar + 1, "what waited is tried again")
        await bench.town.stop()
    }

    /// What the installation's own account set up keeps the house running: caches are purged, other services told.
    @Test func theInstallationsOwnAccountIsNoSuchAccount() async throws {
        let bench = try await OwnerBench.start(.oneProcess)
        let (staff, rosa) = (bench.town.staff, try await bench.town.register("rosa", role: "Businessman"))
        let (own, hers) = (try await bench.address(staff), try await bench.address(rosa))
        let hook = try await bench.webhook(staff)
        let made = try await staff.auth.send(
            .POST, "/api/auth/users/", json: #"{"username": "carmen", "password": "un caballo muy carmen 27", "roles": ["Staff"]}"#)
        #expect(made.status == 201, "\(made.text)")
        let signedIn = try await staff.auth.anonymous.send(
            .POST, "/api/auth/login/", json: #"{"username": "carmen", "password": "un caballo muy carmen 27"}"#)
        let carmen = HTTPTestClient(bench.town.auth.baseURL, token: try #require(signedIn.json["access"] as? String, "\(signedIn.text)"))
        let away = #"{"is_active": false}"#
        #expect(try await carmen.send(.PATCH, "/api/auth/users/admin/", json: away).status == 403, "by a command alone")
        let disabled = try await ChildProcess.run(Executables.agrovet, ["user", "disable", "admin", "--data", bench.town.auth.dataFolder])
        #expect(disabled.status == 0, "\(disabled.errors)")
        #expect(try await carmen.send(.PATCH, "/api/auth/users/\(rosa.id)/", json: away).status == 200)
        // Events come in order: with the second the first has been taken in.
        #expect(try await bench.wait(for: 403, at: hers).status == 403)
        #expect(try await staff.media.get("/api/auth/me/").status == 401, "its token is worth nothing")
        #expect(try await bench.put(own, bench.photo).status == 201)
        let item = try #require(try await carmen.upload([("vaca.jpg", bench.photo)]).json["id"] as? String)
        #expect(try await bench.told(hook, "media.created", of: item))
        await bench.town.stop()
    }
}
