import AuthService
import Foundation
import Persistence
import Testing
import WebAPI

@Suite struct SignInTests {
    @Test(arguments: SQLDialect.allCases)
    func anOldHashIsWrittenAnewAtTheNextSignIn(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let ana = try await auth.add("ana")
        // Made by Django: pbkdf2_sha256, 1,000 iterations, of "correcto caballo 9".
        let old = "pbkdf2_sha256$1000$salt$" + TestAuth.oldHash
        _ = try await auth.database.write {
            try $0.execute("UPDATE users SET password = $1 WHERE id = $2", [SQLValue(old), SQLValue(ana.id)])
        }
        // Several at once: one old hash, written anew by each, locks nobody out.
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<3 { group.addTask { (try? await auth.signIn("ana")) != nil } }
            for await isIn in group { #expect(isIn) }
        }
        let user = try #require(try await auth.database.read { try UserTable.find(ana.id, on: $0) })
        #expect(user.password.text.hasPrefix("$argon2id$v=19$m=64,t=1,p=1$"))
        #expect(user.version == 1, "nothing that was handed out ends by it")
        #expect(user.lastLogin == Timestamp.milliseconds(auth.now))
        #expect(await auth.refusal { try await auth.signIn("ana", "wrong") }?.code == "no_active_account")
    }

    @Test(arguments: SQLDialect.allCases)
    func aDisabledAccountIsAnsweredLikeAWrongPassword(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let ana = try await auth.add("ana")
        try await auth.service.core.modify(ana.id) { $0.isActive = false }
        let disabled = await auth.refusal { try await auth.signIn("ana") }
        let unknown = await auth.refusal { try await auth.signIn("nobody") }
        #expect(disabled == unknown)
        #expect(disabled == AuthCore.wrongCredentials)
    }

    @Test func whatFailsTakesAsLongAsTheSettingSays() async throws {
        var settings = TestAuth.settings
        settings.failureTime = .milliseconds(250)
        let auth = try await TestAuth(settings: settings)
        try await auth.add("ana")
        for login in ["ana", "nobody"] {
            let start = ContinuousClock.now
            _ = await auth.refusal { try await auth.signIn(login, "wrong") }
            #expect(ContinuousClock.now - start >= .milliseconds(250))
        }
        // Whoever gets in waits for nothing: it would be all day.
        settings.failureTime = .seconds(86_400)
        let patient = try await TestAuth(settings: settings)
        try await patient.add("ana")
        _ = try await patient.signIn("ana")
    }

    @Test(arguments: SQLDialect.allCases)
    func theOldestSessionEndsWhereThereAreTooMany(_ dialect: SQLDialect) async throws {
        var settings = TestAuth.settings
        settings.sessionsPerUser = 3
        let auth = try await TestAuth(dialect, settings: settings)
        try await auth.add("ana")
        var grants: [AuthCore.Grant] = []
        for _ in 0..<4 {
            grants.append(try await auth.signIn("ana"))
            auth.pass(1)
        }
        #expect(try await auth.events().filter { $0.type == "session.revoked" }.map(\.data).first?.contains(grants[0].session.id) == true)
        #expect(
            await auth.refusal { try await auth.service.core.refresh(grants[0].refreshToken!, client: nil) } == AuthCore.wrongRefreshToken)
        _ = try await auth.service.core.refresh(grants[1].refreshToken!, client: nil)
    }

    @Test func whatAClientSaysOfItselfIsCutToSize() {
        let trace = ClientTrace(agent: "a\u{1B}[31mb\n" + String(repeating: "x", count: 500), address: nil)
        #expect(trace.agent.hasPrefix("a[31mb"))
        #expect(trace.agent.unicodeScalars.count == 200)
    }
}

extension TestAuth {
    /// PBKDF2-HMAC-SHA256 of `password`, salt `salt`, 1,000 iterations, by Python's hashlib.
    static let oldHash = "qm8ve5PjHFwUr62NK2ITtynzquF6Yhd0/3FNGP9sdbk="
}
