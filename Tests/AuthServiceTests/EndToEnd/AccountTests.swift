import Foundation
import Persistence
import TestSupport
import Testing

@Suite struct AccountTests {
    @Test(arguments: SQLDialect.allCases)
    func fromRegistrationToTheEnd(_ dialect: SQLDialect) async throws {
        let server = try await AccountServer.start(dialect)
        let registered = try await server.register("ana", email: "ana@example.org")
        #expect(registered.status == 201, "\(registered.text)")
        #expect(registered.user["roles"] as? [String] == ["Consumer"] && registered.user["email_verified"] as? Bool == false)
        #expect(registered["Cache-Control"] == "no-store")
        let ana = server.client(registered.string("access"))
        let me = try await ana.get("/api/auth/me/")
        #expect(me.json["username"] as? String == "ana" && me.json["id"] as? String == registered.user["id"] as? String)
        #expect(try await server.anonymous.get("/api/auth/me").status == 401)

        // The form of Django REST Framework's errors.
        let wrong = try await server.anonymous.send(
            .POST, "/api/auth/register/", json: #"{"username":"ANA","password":"\#(AccountServer.password)"}"#)
        #expect(wrong.status == 400 && wrong.json["username"] as? [String] == ["A user with that username already exists."])
        let weak = try await server.anonymous.send(.POST, "/api/auth/register/", json: #"{"username":"eva","password":"12345678"}"#)
        #expect(weak.json["password"] as? [String] == ["This password is too common.", "This password is entirely numeric."])
        let staff = try await server.anonymous.send(
            .POST, "/api/auth/register/", json: #"{"username":"eva","password":"\#(AccountServer.password)","role":"Staff"}"#)
        #expect(staff.json["role"] as? [String] == ["\"Staff\" is not a valid choice."])

        let changed = try await ana.send(
            .PATCH, "/api/auth/me/", json: #"{"first_name":"Ana","last_name":"López","roles":["Specialist","Businessman"]}"#)
        #expect(changed.json["display_name"] as? String == "Ana López", "\(changed.text)")
        #expect(try await ana.get("/api/auth/me/").status == 401, "the token is of before the roles changed")
        let fresh = try await server.anonymous.send(.POST, "/api/auth/refresh/", json: #"{"refresh":"\#(registered.string("refresh"))"}"#)
        #expect(fresh.status == 200 && fresh.string("refresh") != registered.string("refresh"))
        let again = server.client(fresh.string("access"))
        #expect(try await again.get("/api/auth/me/").json["roles"] as? [String] == ["Businessman", "Specialist"])
        let stale = try await again.request(
            .PATCH, "/api/auth/me/", headers: ["Content-Type": "application/json", "If-Match": "\"1\""], body: Data("{}".utf8))
        #expect(stale.status == 412)
        #expect(try await again.get("/api/auth/users/").status == 403)

        #expect(try await again.send(.POST, "/api/auth/logout/", json: "{}").status == 204)
        #expect(try await again.get("/api/auth/me/").status == 401)
        #expect(
            try await server.anonymous.send(.POST, "/api/auth/refresh/", json: #"{"refresh":"\#(fresh.string("refresh"))"}"#).string("code")
                == "token_not_valid")

        let login = try await server.login("ANA")
        let last = server.client(login.string("access"))
        #expect(try await last.send(.DELETE, "/api/auth/me/", json: #"{"current_password":"wrong"}"#).status == 400)
        #expect(try await last.send(.DELETE, "/api/auth/me/", json: #"{"current_password":"\#(AccountServer.password)"}"#).status == 204)
        #expect(try await last.get("/api/auth/me/").status == 401)
        #expect(try await server.login("ana").string("code") == "no_active_account")
        #expect(await server.process.stop() == 0)
        for secret in [AccountServer.password, login.string("refresh"), login.string("access"), "ana@example.org"] {
            #expect(!server.process.log.contains(secret), "no secret is in the log")
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func aTakenAddressIsAnsweredAlikeAndItsOwnerIsTold(_ dialect: SQLDialect) async throws {
        let server = try await AccountServer.start(dialect)
        let first = try await server.register("ana", email: "Ana@Example.org", language: "es")
        let letter = try await server.letters(atLeast: 1)
        #expect(letter[0]["to"] == "Ana@Example.org" && letter[0]["subject"] == "Confirma tu correo electrónico")
        let token = try #require(AccountServer.secret(letter[0], "#verify="))
        let ana = server.client(first.string("access"))
        #expect(try await ana.send(.POST, "/api/auth/email/verify/confirm/", json: #"{"token":"\#(token)"}"#).status == 204)
        #expect(
            try await ana.send(.POST, "/api/auth/email/verify/confirm/", json: #"{"token":"\#(token)"}"#)["X-Error-Code"]
                == "invalid_token", "used once")
        #expect(try await server.login("ana@example.ORG").status == 200, "one signs in by it now")

        let second = try await server.register("mallory", email: "ana@example.org")
        #expect(second.status == first.status)
        #expect(Set(second.json.keys) == Set(first.json.keys) && Set(second.user.keys) == Set(first.user.keys))
        #expect(second.user["email"] as? String == "ana@example.org" && second.user["email_verified"] as? Bool == false)
        let letters = try await server.letters(atLeast: 2)
        #expect(letters[1]["to"] == "Ana@Example.org" && letters[1]["subject"] == "Ya tienes una cuenta")
        #expect(AccountServer.secret(letters[1], "#verify=") == nil)
        await server.process.stop()
    }

    @Test(arguments: SQLDialect.allCases)
    func aNewPasswordComesByMail(_ dialect: SQLDialect) async throws {
        let server = try await AccountServer.start(dialect, environment: ["AGROVET_MAILS_WAIT": "10m"])
        let registered = try await server.register("ana", email: "ana@example.org")
        func reset(_ email: String) async throws -> HTTPTestClient.Answer {
            try await server.anonymous.send(.POST, "/api/auth/password/reset/", json: #"{"email":"\#(email)"}"#)
        }
        let (known, unknown) = (try await reset("ana@example.org"), try await reset("nobody@example.org"))
        #expect(known.status == 202 && unknown.status == 202 && known.text == unknown.text)
        let letters = try await server.letters(atLeast: 2)
        #expect(letters.count == 2 && letters[1]["subject"] == "Set a new password")
        let token = try #require(AccountServer.secret(letters[1], "#reset="))
        func confirm(_ password: String) async throws -> HTTPTestClient.Answer {
            try await server.anonymous.send(
                .POST, "/api/auth/password/reset/confirm/", json: #"{"token":"\#(token)","new_password":"\#(password)"}"#)
        }
        #expect(try await confirm("short").json["new_password"] != nil)
        #expect(try await confirm("otra vaca distinta").status == 204)
        #expect(try await confirm("otra vaca distinta").json["token"] != nil, "used once")
        #expect(try await server.client(registered.string("access")).get("/api/auth/me/").status == 401, "sessions end")
        #expect(try await server.login("ana").status == 401)
        let login = try await server.login("ana", "otra vaca distinta")
        #expect(login.user["email_verified"] as? Bool == true, "whoever has the link reads the mailbox")
        #expect(try await server.letters(atLeast: 3)[2]["subject"] == "Your password was changed")

        // Changing it keeps this session, and ends the others.
        let other = try await server.login("ana", "otra vaca distinta")
        let ana = server.client(login.string("access"))
        #expect(
            try await ana.send(.POST, "/api/auth/password/change/", json: #"{"current_password":"x","new_password":"una cabra azul"}"#)
                .status == 400)
        #expect(
            try await ana.send(
                .POST, "/api/auth/password/change/", json: #"{"current_password":"otra vaca distinta","new_password":"una cabra azul"}"#
            ).status == 204)
        #expect(try await ana.get("/api/auth/me/").status == 200)
        #expect(try await server.client(other.string("access")).get("/api/auth/me/").status == 401)

        // A mailbox is not flooded.
        var statuses: [Int] = []
        for _ in 0..<4 { statuses.append(try await reset("nobody@example.org").status) }
        #expect(statuses.last == 429)
        await server.process.stop()
    }

    @Test func bruteForceIsSlowedDownAndSurvivesARestart() async throws {
        let folder = try TemporaryFolder()
        let environment = ["AGROVET_SIGN_IN_ATTEMPTS": "3", "AGROVET_SIGN_IN_WAIT": "10m"]
        let server = try await AccountServer.start(folder: folder, environment: environment)
        _ = try await server.register("ana")
        for _ in 0..<3 { #expect(try await server.login("ana", "wrong").status == 401) }
        let refused = try await server.login("ana")
        #expect(refused.status == 429 && refused.string("code") == "throttled")
        #expect((1...600).contains(Int(refused["Retry-After"] ?? "") ?? 0))
        await server.process.kill()
        let again = try await AccountServer.start(folder: folder, environment: environment)
        #expect(try await again.login("ana").status == 429)
        await again.process.stop()
    }

    @Test func sessionsAreListedAndEnded() async throws {
        let server = try await AccountServer.start()
        _ = try await server.register("ana")
        let (one, two) = (try await server.login("ana"), try await server.login("ana"))
        let ana = server.client(one.string("access"))
        let list = try await ana.get("/api/auth/sessions/")
        let sessions = try #require(list.json["results"] as? [[String: Any]])
        #expect(list.json["count"] as? Int == 3 && sessions.filter { $0["current"] as? Bool == true }.count == 1)
        #expect(sessions.allSatisfy { $0["address"] as? String == "127.0.0.1" })
        let other = try #require(sessions.first { $0["current"] as? Bool == false }?["id"] as? String)
        #expect(other != sessions.first { $0["current"] as? Bool == true }?["id"] as? String)
        #expect(try await ana.request(.DELETE, "/api/auth/sessions/\(other)/").status == 204)
        #expect(try await ana.request(.DELETE, "/api/auth/sessions/\(other)/").status == 404)
        #expect(try await ana.request(.DELETE, "/api/auth/sessions/").status == 204)
        #expect(try await server.client(two.string("access")).get("/api/auth/me/").status == 401)
        #expect(try await ana.get("/api/auth/sessions/").json["count"] as? Int == 1)
        await server.process.stop()
    }

    @Test func theSecondFactorOverHTTP() async throws {
        let server = try await AccountServer.start()
        let ana = server.client(try await server.register("ana").string("access"))
        let body = #"{"current_password":"\#(AccountServer.password)"}"#
        let begun = try await ana.send(.POST, "/api/auth/totp/", json: body)
        #expect(begun.status == 201 && begun.string("uri").hasPrefix("otpauth://totp/Agrovet:ana?secret=\(begun.string("secret"))"))
        // pyotp is what an authenticator app does.
        let python = try await PythonEnvironment.interpreter(with: ["pyotp==2.9.0"])
        func code(_ offset: Int) async throws -> String {
            let program = "import pyotp,sys,time; print(pyotp.TOTP(sys.argv[1]).at(time.time() + \(offset * 30)))"
            return try await ChildProcess.run(python, ["-c", program, begun.string("secret")]).output.trimmingCharacters(
                in: .whitespacesAndNewlines)
        }
        #expect(try await ana.send(.POST, "/api/auth/totp/confirm/", json: #"{"otp":"000000x"}"#).status == 400)
        let confirmed = try await ana.send(.POST, "/api/auth/totp/confirm/", json: #"{"otp":"\#(try await code(0))"}"#)
        let codes = try #require(confirmed.json["recovery_codes"] as? [String], "\(confirmed.text)")
        #expect(try await server.login("ana").string("code") == "otp_required")
        #expect(try await server.login("ana", more: #","otp":"\#(try await code(1))""#).status == 200)
        #expect(try await server.login("ana", more: #","otp":"\#(codes[3])""#).status == 200)
        #expect(try await server.login("ana", more: #","otp":"\#(codes[3])""#).string("code") == "otp_invalid")
        #expect(try await ana.get("/api/auth/totp/").json["recovery_codes_left"] as? Int == 9)
        #expect(try await ana.send(.POST, "/api/auth/totp/", json: body).status == 409)
        #expect(try await ana.send(.POST, "/api/auth/totp/recovery/", json: body).json["recovery_codes"] != nil)
        #expect(try await ana.send(.DELETE, "/api/auth/totp/", json: body).status == 204)
        #expect(try await server.login("ana").status == 200)
        await server.process.stop()
    }
}
