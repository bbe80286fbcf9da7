import AuthService
import Foundation
import Persistence
import Testing
import WebAPI

@Suite struct RefreshTests {
    @Test(arguments: SQLDialect.allCases)
    func eachGivesTheNextAndOneThatComesAgainEndsTheSession(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let core = auth.service.core
        try await auth.add("ana")
        let first = try await auth.signIn("ana")
        let token = try await core.accessToken(first.session, first.user)
        let second = try await core.refresh(first.refreshToken!, client: nil)
        #expect(second.refreshToken != first.refreshToken && second.session.id == first.session.id)
        auth.pass(60)
        let third = try await core.refresh(second.refreshToken!, client: nil)
        #expect(try await auth.verifier().claims(of: token, now: auth.now) != nil)
        auth.pass(60)
        #expect(await auth.refusal { try await core.refresh(first.refreshToken!, client: nil) } == AuthCore.wrongRefreshToken)
        #expect(
            await auth.refusal { try await core.refresh(third.refreshToken!, client: nil) } == AuthCore.wrongRefreshToken, "all is over")
        #expect(try await auth.verifier().claims(of: token, now: auth.now) == nil, "and its access tokens too")
        #expect(try await auth.events().last?.type == "session.revoked")
        let stored = try await auth.database.read { try $0.query("SELECT digest FROM refresh_tokens").map { try $0.text("digest") } }
        #expect(!stored.contains { $0.contains(first.refreshToken!) })
    }

    @Test(arguments: SQLDialect.allCases)
    func aClientThatTheAnswerDidNotReachAsksAgain(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let core = auth.service.core
        try await auth.add("ana")
        let first = try await auth.signIn("ana")
        let lost = try await core.refresh(first.refreshToken!, client: nil)
        auth.pass(5)
        let second = try await core.refresh(first.refreshToken!, client: nil)
        _ = try await core.refresh(second.refreshToken!, client: nil)
        // The lost one was not lost after all: somebody else has it.
        #expect(await auth.refusal { try await core.refresh(lost.refreshToken!, client: nil) } == AuthCore.wrongRefreshToken)
        #expect(auth.revocations.isRevoked(session: first.session.id, user: "", version: 0))
    }

    @Test(arguments: SQLDialect.allCases)
    func ofManyAtOnceOneChainGoesOn(_ dialect: SQLDialect) async throws {
        var settings = TestAuth.settings
        settings.refreshOverlap = .zero
        let auth = try await TestAuth(dialect, settings: settings)
        try await auth.add("ana")
        let first = try await auth.signIn("ana")
        let won = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { (try? await auth.service.core.refresh(first.refreshToken!, client: nil)) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(won == 1)
        #expect(auth.revocations.isRevoked(session: first.session.id, user: "", version: 0), "a token that came twice ends all")
    }

    @Test func itExpiresAndIsForItsClientAlone() async throws {
        let auth = try await TestAuth()
        try await auth.add("ana")
        let grant = try await auth.signIn("ana")
        #expect(await auth.refusal { try await auth.service.core.refresh(grant.refreshToken!, client: "another") } != nil)
        auth.pass(30 * 86_400)
        #expect(await auth.refusal { try await auth.service.core.refresh(grant.refreshToken!, client: nil) } == AuthCore.wrongRefreshToken)
        #expect(await auth.refusal { try await auth.service.core.refresh("agr_made up", client: nil) } == AuthCore.wrongRefreshToken)
    }
}
