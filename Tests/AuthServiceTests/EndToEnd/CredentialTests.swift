import Foundation
import Persistence
import TestSupport
import Testing

@Suite struct CredentialTests {
    @Test(arguments: SQLDialect.allCases)
    func keysAreForTheirScopes(_ dialect: SQLDialect) async throws {
        let server = try await AccountServer.start(dialect)
        let ana = server.client(try await server.register("ana").string("access"))
        let made = try await ana.send(.POST, "/api/auth/keys/", json: #"{"name":"a script","scopes":["media:read"]}"#)
        #expect(made.status == 201, "\(made.text)")
        let key = server.client(made.string("key"))
        #expect(try await key.get("/api/auth/me/").status == 403, "an account is not managed by a key for media")
        #expect(try await key.send(.POST, "/api/auth/keys/", json: #"{"name":"more","scopes":["admin"]}"#).status == 403)
        let listed = try await ana.get("/api/auth/keys/").text
        #expect(!listed.contains(made.string("key")) && listed.contains("a script"))
        #expect(try await ana.request(.DELETE, "/api/auth/keys/\(made.string("id"))/").status == 204)
        #expect(try await key.get("/api/auth/me/").status == 401)
        // The key of the data folder may do all, and its owner is the first account.
        #expect(try await server.admin.get("/api/auth/me/").json["id"] as? String == "admin")
        #expect(try await server.admin.get("/api/auth/users/?search=an&ordering=username").json["count"] as? Int == 1)
        await server.process.stop()
    }

    @Test(arguments: SQLDialect.allCases)
    func staffManageAccountsAndWhatIsTakenAwayIsGoneAtOnce(_ dialect: SQLDialect) async throws {
        let server = try await AccountServer.start(dialect)
        let registered = try await server.register("ana")
        let id = registered.user["id"] as? String ?? ""
        let ana = server.client(registered.string("access"))
        let changed = try await server.admin.send(
            .PATCH, "/api/auth/users/\(id)/", json: #"{"roles":["Staff"],"email":"a@b.org","email_verified":true}"#)
        #expect(changed.json["roles"] as? [String] == ["Staff"], "\(changed.text)")
        #expect(try await ana.get("/api/auth/me/").status == 401, "the token is of before")
        let staff = server.client(try await server.login("a@b.org").string("access"))
        #expect(try await staff.get("/api/auth/users/").json["count"] as? Int == 2)
        #expect(try await staff.send(.PATCH, "/api/auth/users/\(id)/", json: #"{"is_active":false}"#).string("code") == "own_account")
        let made = try await staff.send(
            .POST, "/api/auth/users/",
            json: #"{"username":"eva","email":"A@B.org","email_verified":true,"password":"\#(AccountServer.password)"}"#)
        #expect(made.json["email"] as? [String] == ["A user with that email address already exists."])
        // Who it is has the keys of the storage, which staff have not.
        let taken = try await staff.send(.PATCH, "/api/auth/users/admin/", json: #"{"password":"\#(AccountServer.password)"}"#)
        #expect(taken.status == 403, "\(taken.text)")
        #expect(try await server.admin.send(.PATCH, "/api/auth/users/admin/", json: #"{"last_name":"López"}"#).status == 200)
        #expect(try await server.admin.send(.PATCH, "/api/auth/users/\(id)/", json: #"{"is_active":false}"#).status == 200)
        #expect(try await staff.get("/api/auth/users/").status == 401)
        #expect(try await server.admin.request(.DELETE, "/api/auth/users/\(id)/").status == 204)
        #expect(try await server.admin.get("/api/auth/users/\(id)/").status == 404)
        #expect(try await server.admin.request(.DELETE, "/api/auth/users/admin/").string("code") == "first_account")
        await server.process.stop()
    }

    /// The command works on the database; the server hears of it by the events in the outbox.
    @Test(arguments: SQLDialect.allCases)
    func whatACommandEndsIsRefusedAsItIsHeardOf(_ dialect: SQLDialect) async throws {
        let url = dialect == .postgresql ? try await PostgreSQLServer.shared.makeDatabase() : nil
        // Not because somebody looks again: that would be tomorrow.
        let server = try await AccountServer.start(dialect, environment: ["AGROVET_CREDENTIAL_RECHECK": "24h"], database: url)
        let environment = url.map { ["AGROVET_DATABASE_URL": $0] } ?? [:]
        let registered = try await server.register("ana")
        let ana = server.client(registered.string("access"))
        #expect(try await ana.get("/api/auth/me/").status == 200)
        let disabled = try await server.run(["user", "disable", "ana"], environment: environment)
        #expect(disabled.status == 0, "\(disabled.errors)")
        #expect(try await ana.poll("/api/auth/me/") { $0.status == 401 }.status == 401)
        #expect(try await server.login("ana").status == 401)
        await server.process.stop()
    }

    @Test(arguments: SQLDialect.allCases)
    func aKeyThatACommandTakesBackIsSoonRefused(_ dialect: SQLDialect) async throws {
        let url = dialect == .postgresql ? try await PostgreSQLServer.shared.makeDatabase() : nil
        let server = try await AccountServer.start(dialect, database: url)
        let environment = url.map { ["AGROVET_DATABASE_URL": $0] } ?? [:]
        let added = try await server.run(
            ["key", "add", "--name", "a script", "--scope", "admin"], environment: environment)
        let lines = Dictionary(
            uniqueKeysWithValues: added.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }.map {
                ($0[0], $0[1])
            })
        let key = server.client(lines["key"])
        #expect(try await key.get("/api/auth/me/").json["id"] as? String == "admin", "\(added.errors)")
        #expect(try await server.run(["key", "rm", lines["id"] ?? ""], environment: environment).status == 0)
        #expect(try await key.poll("/api/auth/me/") { $0.status == 401 }.status == 401)
        await server.process.stop()
    }

    @Test func thePageSignsInWithAPasswordAndItsCookieEnds() async throws {
        let server = try await AccountServer.start()
        _ = try await server.register("ana")
        let body = #"{"username":"ana","password":"\#(AccountServer.password)"}"#
        let signedIn = try await server.anonymous.send(.POST, "/api/session/", json: body)
        #expect(signedIn.json["signed_in"] as? Bool == true && signedIn.user["username"] as? String == "ana", "\(signedIn.text)")
        let header = try #require(signedIn["Set-Cookie"])
        #expect(header.contains("HttpOnly") && header.contains("SameSite=Strict"))
        let cookie = String(header.prefix { $0 != ";" })
        #expect(try await server.anonymous.get("/api/auth/me/", headers: ["Cookie": cookie]).json["username"] as? String == "ana")
        let forged = try await server.anonymous.request(.DELETE, "/api/auth/sessions/", headers: ["Cookie": cookie])
        #expect(forged.status == 403 && forged.string("code") == "csrf_failed")
        let out = try await server.anonymous.request(.DELETE, "/api/session/", headers: ["Cookie": cookie, "X-Requested-With": "agrovet"])
        #expect(out.status == 204 && out["Set-Cookie"]?.contains("Max-Age=0") == true)
        #expect(
            try await server.anonymous.get("/api/auth/me/", headers: ["Cookie": cookie]).status == 401,
            "the cookie that was kept is worth nothing")
        #expect(try await server.anonymous.send(.POST, "/api/session/", json: body.replacing("caballo", with: "burro")).status == 401)

        // The address that the server prints, and the data folder's key, open the first account's page.
        let code = try #require(server.process.consoleURL.split(separator: "=").last)
        let byCode = try await server.anonymous.send(.POST, "/api/session/", json: #"{"code":"\#(code)"}"#)
        #expect(byCode.json["subject"] as? String == "admin")
        #expect(try await server.anonymous.send(.POST, "/api/session/", json: #"{"code":"\#(code)"}"#).status == 401)
        let byKey = try await server.anonymous.send(.POST, "/api/session/", json: #"{"token":"\#(server.process.token)"}"#)
        let keyCookie = String((byKey["Set-Cookie"] ?? "").prefix { $0 != ";" })
        #expect(try await server.anonymous.get("/api/session/", headers: ["Cookie": keyCookie]).json["subject"] as? String == "admin")
        // Whoever else has set one of that name on this host: the one that is good counts.
        let two = ["Cookie": "agrovet_session=x; \(keyCookie)"]
        #expect(try await server.anonymous.get("/api/session/", headers: two).json["subject"] as? String == "admin")
        #expect(try await server.run(["key", "rm", "api-token"]).status == 0)
        let after = try await server.anonymous.get("/api/session/", headers: ["Cookie": keyCookie])
        _ = after
        let deadline = ContinuousClock.now + Patience.usual
        var isSignedIn = true
        while isSignedIn, ContinuousClock.now < deadline {
            isSignedIn = try await server.anonymous.get("/api/session/", headers: ["Cookie": keyCookie]).json["signed_in"] as? Bool ?? false
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(!isSignedIn, "it ends with the key that opened it")
        await server.process.stop()
    }

    @Test func aNewKeySignsAndOldTokensGoOn() async throws {
        let server = try await AccountServer.start()
        let old = try await server.register("ana").string("access")
        let rotated = try await server.run(["keys", "rotate"])
        let kid = rotated.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(rotated.status == 0, "\(rotated.errors)")
        let jwks = try await server.anonymous.poll("/.well-known/jwks.json") { $0.text.contains(kid) }
        #expect((jwks.json["keys"] as? [Any])?.count == 2)
        #expect(!jwks.text.contains("\"d\""))
        var header = ""
        let deadline = ContinuousClock.now + Patience.usual
        while !header.contains(kid), ContinuousClock.now < deadline {
            let token = try await server.login("ana").string("access")
            let part = String(token.prefix { $0 != "." }).replacing("-", with: "+").replacing("_", with: "/")
            let padded = part + String(repeating: "=", count: (4 - part.utf8.count % 4) % 4)
            header = String(decoding: Data(base64Encoded: padded) ?? Data(), as: UTF8.self)
            #expect(try await server.client(token).get("/api/auth/me/").status == 200)
            try await Task.sleep(for: .milliseconds(300))
        }
        #expect(header.contains(kid))
        #expect(try await server.client(old).get("/api/auth/me/").status == 200)
        await server.process.stop()
    }
}
