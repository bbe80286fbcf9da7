import Foundation
import Persistence
import TestSupport
import Testing

/// Somebody registers with the address of another, who finds the account there: what the first one made of it must not outlive that.
@Suite struct TakenAddressTests {
    private func totp(_ server: AccountServer, _ client: HTTPTestClient) async throws {
        let begun = try await client.send(.POST, "/api/auth/totp/", json: #"{"current_password":"\#(AccountServer.password)"}"#)
        let python = try await PythonEnvironment.interpreter(with: ["pyotp==2.9.0"])
        let program = "import pyotp,sys; print(pyotp.TOTP(sys.argv[1]).now())"
        let code = try await ChildProcess.run(python, ["-c", program, begun.string("secret")]).output.filter { $0.isNumber }
        #expect(try await client.send(.POST, "/api/auth/totp/confirm/", json: #"{"otp":"\#(code)"}"#).status == 200)
    }

    private func key(_ client: HTTPTestClient) async throws -> String {
        let made = try await client.send(.POST, "/api/auth/keys/", json: #"{"name":"k","scopes":["admin"]}"#)
        #expect(made.status == 201, "\(made.text)")
        return made.string("key")
    }

    /// Follows the link of a letter to set a new password.
    private func reset(_ server: AccountServer, _ email: String, letter: Int, to password: String) async throws -> Int {
        #expect(try await server.anonymous.send(.POST, "/api/auth/password/reset/", json: #"{"email":"\#(email)"}"#).status == 202)
        let token = try #require(AccountServer.secret(try await server.letters(atLeast: letter)[letter - 1], "#reset="))
        return try await server.anonymous.send(
            .POST, "/api/auth/password/reset/confirm/", json: #"{"token":"\#(token)","new_password":"\#(password)"}"#
        ).status
    }

    @Test(arguments: SQLDialect.allCases)
    func whoFindsAnAccountByMailHasItAlone(_ dialect: SQLDialect) async throws {
        let server = try await AccountServer.start(dialect)
        let registered = try await server.register("mallory", email: "ana@example.org")
        let mallory = server.client(registered.string("access"))
        let key = server.client(try await key(mallory))
        let opened = try await server.anonymous.send(.POST, "/api/session/", json: #"{"token":"\#(key.token ?? "")"}"#)
        let cookie = String((opened["Set-Cookie"] ?? "").prefix { $0 != ";" })
        func page() async throws -> Int { try await server.anonymous.get("/api/auth/me/", headers: ["Cookie": cookie]).status }
        try await totp(server, mallory)
        #expect(try await key.get("/api/auth/me/").status == 200)
        #expect(try await page() == 200)

        #expect(try await reset(server, "ana@example.org", letter: 2, to: "La-vaca-azul-77") == 204)
        for client in [mallory, key] { #expect(try await client.get("/api/auth/me/").status == 401) }
        #expect(try await page() == 401)
        #expect(
            try await server.anonymous.send(.POST, "/api/auth/refresh/", json: #"{"refresh":"\#(registered.string("refresh"))"}"#).status
                == 401)
        #expect(try await server.login("mallory").status == 401)
        let login = try await server.login("ana@example.org", "La-vaca-azul-77")
        #expect(login.status == 200 && login.user["email_verified"] as? Bool == true, "no code of another's app is asked for")
        let ana = server.client(login.string("access"))
        #expect(try await ana.get("/api/auth/keys/").json["count"] as? Int == 0)
        #expect(try await ana.get("/api/auth/sessions/").json["count"] as? Int == 1)
        #expect(try await ana.get("/api/auth/totp/").json["enabled"] as? Bool == false)
        await server.process.stop()
    }

    @Test(arguments: SQLDialect.allCases)
    func whereTheAddressWasConfirmedKeysAndTheSecondFactorStay(_ dialect: SQLDialect) async throws {
        let server = try await AccountServer.start(dialect)
        let registered = try await server.register("ana", email: "ana@example.org")
        let ana = server.client(registered.string("access"))
        let token = try #require(AccountServer.secret(try await server.letters(atLeast: 1)[0], "#verify="))
        #expect(try await ana.send(.POST, "/api/auth/email/verify/confirm/", json: #"{"token":"\#(token)"}"#).status == 204)
        let key = server.client(try await key(ana))
        try await totp(server, ana)
        #expect(try await reset(server, "ana@example.org", letter: 2, to: "La-vaca-azul-77") == 204)
        #expect(try await ana.get("/api/auth/me/").status == 401)
        #expect(try await key.get("/api/auth/me/").status == 200)
        #expect(try await server.login("ana", "La-vaca-azul-77").string("code") == "otp_required")
        await server.process.stop()
    }

    /// A stranger who follows the link of a letter that somebody else asked for would make that account look like theirs.
    @Test func anAddressIsConfirmedByWhoIsSignedInAlone() async throws {
        let server = try await AccountServer.start()
        let mallory = server.client(try await server.register("mallory", email: "ana@example.org").string("access"))
        let token = try #require(AccountServer.secret(try await server.letters(atLeast: 1)[0], "#verify="))
        func confirm(_ client: HTTPTestClient) async throws -> HTTPTestClient.Answer {
            try await client.send(.POST, "/api/auth/email/verify/confirm/", json: #"{"token":"\#(token)"}"#)
        }
        #expect(try await confirm(server.anonymous).status == 401)
        let ana = server.client(try await server.register("ana").string("access"))
        #expect(try await confirm(ana)["X-Error-Code"] == "invalid_token")
        #expect(try await mallory.get("/api/auth/me/").json["email_verified"] as? Bool == false)
        await server.process.stop()
    }

    /// Whoever knew a password may have begun to change the address: a new password puts an end to that.
    @Test func aNewPasswordEndsAChangeOfAddressThatIsUnderWay() async throws {
        let server = try await AccountServer.start()
        let ana = server.client(try await server.register("ana", email: "ana@example.org").string("access"))
        let own = try #require(AccountServer.secret(try await server.letters(atLeast: 1)[0], "#verify="))
        #expect(try await ana.send(.POST, "/api/auth/email/verify/confirm/", json: #"{"token":"\#(own)"}"#).status == 204)
        let change = #"{"email":"mallory@example.org","current_password":"\#(AccountServer.password)"}"#
        #expect(try await ana.send(.PATCH, "/api/auth/me/", json: change).status == 200)
        let other = try #require(AccountServer.secret(try await server.letters(atLeast: 2)[1], "#verify="))
        #expect(try await reset(server, "ana@example.org", letter: 3, to: "La-vaca-azul-77") == 204)
        let again = server.client(try await server.login("ana", "La-vaca-azul-77").string("access"))
        let late = try await again.send(.POST, "/api/auth/email/verify/confirm/", json: #"{"token":"\#(other)"}"#)
        #expect(late["X-Error-Code"] == "invalid_token")
        #expect(try await again.get("/api/auth/me/").json["email"] as? String == "ana@example.org")
        await server.process.stop()
    }

    @Test func namesThatAreTakenAreNotAskedForInNumbers() async throws {
        let server = try await AccountServer.start(environment: [
            "AGROVET_REGISTRATIONS_PER_ADDRESS": "3", "AGROVET_REGISTRATIONS_WAIT": "10m",
        ])
        _ = try await server.register("ana")
        var statuses: [Int] = []
        for _ in 0..<4 { statuses.append(try await server.register("ana").status) }
        #expect(statuses == [400, 400, 429, 429])
        await server.process.stop()
    }

    @Test func norByWhoIsSignedIn() async throws {
        let server = try await AccountServer.start(environment: [
            "AGROVET_REGISTRATIONS_PER_ADDRESS": "4", "AGROVET_REGISTRATIONS_WAIT": "10m",
        ])
        _ = try await server.register("ana")
        let mallory = server.client(try await server.register("mallory").string("access"))
        func change(_ body: String) async throws -> HTTPTestClient.Answer { try await mallory.send(.PATCH, "/api/auth/me/", json: body) }
        // What asks for no other name is not counted.
        #expect(try await change(#"{"username":"Mallory","first_name":"M"}"#).status == 200)
        #expect(try await change(#"{"username":"no name"}"#).status == 400)
        #expect(try await change(#"{"username":"ana"}"#).status == 400)
        #expect(try await change(#"{"username":"free"}"#).status == 200)
        let refused = try await change(#"{"username":"ana"}"#)
        #expect(refused.status == 429 && refused["Retry-After"] != nil)
        #expect(try await change(#"{"first_name":"Mal"}"#).status == 200)
        #expect(try await server.register("berta").status == 429, "counted together with registrations")
        await server.process.stop()
    }

    @Test func twoRefreshesAtOnceGetOnePair() async throws {
        let server = try await AccountServer.start(environment: ["AGROVET_REFRESH_OVERLAP": "10m"])
        let token = try await server.register("ana").string("refresh")
        @Sendable func refresh(_ token: String) async throws -> HTTPTestClient.Answer {
            try await server.anonymous.send(.POST, "/api/auth/refresh/", json: #"{"refresh":"\#(token)"}"#)
        }
        async let one = refresh(token)
        async let two = refresh(token)
        let (first, second) = try await (one, two)
        #expect(first.status == 200 && second.status == 200)
        #expect(first.string("refresh") == second.string("refresh") && first.string("access") == second.string("access"))
        #expect(try await refresh(first.string("refresh")).status == 200)
        await server.process.stop()
    }
}
