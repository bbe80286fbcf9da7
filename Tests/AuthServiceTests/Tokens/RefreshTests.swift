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
    func aClientThatTheAnswerDidNotReachGetsItAgain(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let core = auth.service.core
        try await auth.add("ana")
        let first = try await auth.signIn("ana")
        let lost = try await core.refresh(first.refreshToken!, client: nil)
        auth.pass(5)
        let second = try await core.refresh(first.refreshToken!, client: nil)
        #expect(second.refreshToken == lost.refreshToken)
        let tokens = (try await core.accessToken(lost), try await core.accessToken(second))
        #expect(tokens.0 == tokens.1, "EdDSA signs one text alike")
        // Sealed: who copies the database has nothing of it.
        let stored = try await auth.database.read {
            try $0.query("SELECT successor FROM refresh_tokens WHERE successor IS NOT NULL").map { try $0.text("successor") }
        }
        #expect(stored.count == 1 && !stored[0].contains(lost.refreshToken!))
        auth.pass(4)
        let third = try await core.refresh(second.refreshToken!, client: nil)
        // Beyond the overlap it is somebody's copy.
        auth.pass(2)
        #expect(await auth.refusal { try await core.refresh(first.refreshToken!, client: nil) } == AuthCore.wrongRefreshToken)
        #expect(auth.revocations.isRevoked(session: first.session.id, user: "", version: 0))
        #expect(await auth.refusal { try await core.refresh(third.refreshToken!, client: nil) } == AuthCore.wrongRefreshToken)
    }

    @Test(arguments: SQLDialect.allCases)
    func manyAtOnceGetOnePairAndStaySignedIn(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let core = auth.service.core
        try await auth.add("ana")
        let first = try await auth.signIn("ana")
        let grants = try await withThrowingTaskGroup(of: AuthCore.Grant.self) { group in
            for _ in 0..<8 { group.addTask { try await core.refresh(first.refreshToken!, client: nil) } }
            return try await group.reduce(into: [AuthCore.Grant]()) { $0.append($1) }
        }
        #expect(grants.count == 8 && Set(grants.map { $0.refreshToken! }).count == 1)
        auth.pass(600)
        // Whichever answer came first: it goes on.
        _ = try await core.refresh(grants[0].refreshToken!, client: nil)
    }

    @Test(arguments: SQLDialect.allCases)
    func whatATokenGaveIsForgottenWhenItIsNotGivenAgain(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let core = auth.service.core
        try await auth.add("ana")
        let first = try await auth.signIn("ana")
        _ = try await core.refresh(first.refreshToken!, client: nil)
        func sealed() async throws -> Int {
            try await auth.database.read {
                try $0.query("SELECT COUNT(*) AS rows FROM refresh_tokens WHERE successor IS NOT NULL").first!.int("rows")
            }
        }
        try await auth.service.upkeep()
        #expect(try await sealed() == 1)
        auth.pass(11)
        try await auth.service.upkeep()
        #expect(try await sealed() == 0)
    }

    @Test(arguments: SQLDialect.allCases)
    func lessThanWasGivenIsNotForEver(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let core = auth.service.core
        let ana = try await auth.add("ana")
        let first = try await core.change { connection, _, time in
            try core.open(
                .init(kind: .oauth, clientID: "shop", scopes: ["profile", "media:read"]), for: ana, ClientTrace(agent: "", address: ""),
                now: Timestamp.milliseconds(time), on: connection)
        }
        func scopes(_ grant: AuthCore.Grant) async throws -> Set<String>? {
            try await auth.verifier().claims(of: try await core.accessToken(grant), now: auth.now)?.principal.scopes
        }
        await #expect(throws: AuthCore.ScopeNotGiven.self) {
            try await core.refresh(first.refreshToken!, client: "shop", scopes: ["media:read", "media:write"])
        }
        let narrow = try await core.refresh(first.refreshToken!, client: "shop", scopes: ["media:read"])
        #expect(try await scopes(narrow) == ["media:read"], "the token was not used up by asking for too much")
        let again = try await core.refresh(first.refreshToken!, client: "shop", scopes: ["media:read"])
        #expect(try await scopes(again) == ["media:read"])
        auth.pass(60)
        #expect(try await scopes(try await core.refresh(narrow.refreshToken!, client: "shop")) == ["profile", "media:read"])
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
