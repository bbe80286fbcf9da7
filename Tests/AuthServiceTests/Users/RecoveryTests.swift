import AuthService
import Foundation
import Persistence
import Testing
import WebAPI

/// A new password by mail: what of an account stays, and what goes.
@Suite struct RecoveryTests {
    /// Rows of the account in the tables of what was handed out or allowed.
    private static let tables = ["api_keys", "totp", "recovery_codes", "oauth_consents", "oauth_codes", "mail_tokens"]

    /// An account with something in every table, and a session of a client of OAuth.
    private func furnished(_ auth: TestAuth, verified: Bool) async throws -> (user: User, grant: AuthCore.Grant) {
        let core = auth.service.core
        let user = try await auth.add("ana", email: "ana@example.org", verified: verified)
        let grant = try await core.change { connection, _, time in
            let now = Timestamp.milliseconds(time)
            try APIKeyTable.insert(
                APIKey(userID: user.id, name: "k", hint: "", scopes: Scopes.all, created: now), text: "agv_key", on: connection)
            _ = try core.secondFactor.begin(user.id, now: now, on: connection)
            _ = try core.secondFactor.makeRecoveryCodes(user.id, on: connection)
            try connection.execute(
                """
                INSERT INTO oauth_clients (id, name, secret_digest, redirect_uris, grants, scopes, created)
                VALUES ('shop', 'Shop', '', '', 'authorization_code', 'openid', 0)
                """)
            try connection.execute(
                "INSERT INTO oauth_consents (user_id, client_id, scopes, given) VALUES ($1, 'shop', 'openid', 0)", [SQLValue(user.id)])
            try connection.execute(
                """
                INSERT INTO oauth_codes (digest, client_id, user_id, session_id, redirect_uri, challenge, scopes, authenticated, expires)
                VALUES ('x', 'shop', $1, '', '', '', 'openid', 0, 9999999999999)
                """, [SQLValue(user.id)])
            try connection.execute(
                """
                INSERT INTO mail_tokens (digest, user_id, purpose, email, created, expires)
                VALUES ('y', $1, 'verify', 'other@example.org', 0, 9999999999999)
                """, [SQLValue(user.id)])
            return try core.open(
                .init(kind: .oauth, clientID: "shop", scopes: ["openid"]), for: user, ClientTrace(agent: "", address: ""), now: now,
                on: connection)
        }
        return (user, grant)
    }

    private func reset(_ auth: TestAuth, _ id: String) async throws {
        let core = auth.service.core
        let hash = try await core.hasher.hash("otra vaca distinta")
        try await core.change { connection, endings, time in
            var user = try UserTable.find(id, on: connection)!
            try UserChanges.setPasswordByMail(hash, of: &user, &endings, core: core, now: time, on: connection)
        }
    }

    private func rows(_ auth: TestAuth, _ id: String) async throws -> [String] {
        try await auth.database.read { connection in
            try Self.tables.filter { table in
                try !connection.query("SELECT 1 AS one FROM \(table) WHERE user_id = $1", [SQLValue(id)]).isEmpty
            }
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func allGoesWhereTheAddressWasNotConfirmed(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let (user, grant) = try await furnished(auth, verified: false)
        let access = try await auth.service.core.accessToken(grant)
        #expect(try await auth.service.directory.principal(ofKey: "agv_key") != nil)
        #expect(try await rows(auth, user.id) == Self.tables)
        try await reset(auth, user.id)
        #expect(try await rows(auth, user.id) == [])
        #expect(try await auth.service.directory.principal(ofKey: "agv_key") == nil, "what was looked up a moment ago is forgotten")
        #expect(try await auth.verifier().claims(of: access, now: auth.now) == nil)
        #expect(
            await auth.refusal { try await auth.service.core.refresh(grant.refreshToken!, client: "shop") } == AuthCore.wrongRefreshToken)
        let revoked = try await auth.events().filter { $0.type == "session.revoked" }.map(\.data)
        #expect(revoked.contains { $0.contains("\"minimum_version\":") && !$0.contains("\"minimum_version\":null") }, "\(revoked)")
        _ = try await auth.signIn("ana@example.org", "otra vaca distinta")
    }

    @Test(arguments: SQLDialect.allCases)
    func sessionsGoAndTheRestStaysWhereItWas(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let (user, grant) = try await furnished(auth, verified: true)
        let access = try await auth.service.core.accessToken(grant)
        try await reset(auth, user.id)
        #expect(try await rows(auth, user.id) == Self.tables.filter { $0 != "mail_tokens" }, "a change of address is off")
        #expect(try await auth.service.directory.principal(ofKey: "agv_key") != nil)
        #expect(try await auth.verifier().claims(of: access, now: auth.now) == nil)
    }

    /// It came by no sign-in, and programs of the installation have it.
    @Test func theKeyOfTheDataFolderStays() async throws {
        let auth = try await TestAuth()
        try await auth.service.core.modify(User.firstID) { $0.email = "boss@example.org" }
        try await reset(auth, User.firstID)
        #expect(try await auth.service.directory.principal(ofKey: TestAuth.token) != nil)
    }
}
