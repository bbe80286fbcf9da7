import AuthService
import Persistence
import Testing
import WebAPI

@Suite struct KeyTests {
    @Test(arguments: SQLDialect.allCases)
    func aKeyIsGoodForItsScopesAndNoMore(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let core = auth.service.core
        let ana = try await auth.add("ana", roles: [.staff, .specialist])
        let (key, text) = try await core.addKey(of: ana.id, name: "a script", scopes: ["media:read"], expires: nil)
        #expect(text.hasPrefix("agv_") && text.utf8.count == 47 && key.hint == String(text.prefix(8)))
        let principal = try await auth.service.directory.principal(ofKey: text)
        #expect(principal == Principal(subject: ana.id, roles: [.specialist], scopes: ["media:read"]), "without admin it is no staff")
        let (_, whole) = try await core.addKey(of: ana.id, name: "all", scopes: ["media:read", "admin"], expires: nil)
        #expect(try await auth.service.directory.principal(ofKey: whole) == Principal(subject: ana.id, roles: [.staff, .specialist]))
        let digests = try await auth.database.read { try $0.query("SELECT digest FROM api_keys").map { try $0.text("digest") } }
        #expect(!digests.contains { $0.contains(text.dropFirst(4)) })
    }

    @Test(arguments: SQLDialect.allCases)
    func aKeyEndsWhenItIsRevokedWhenItExpiresAndWithItsUser(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let core = auth.service.core
        let ana = try await auth.add("ana")
        let directory = auth.service.directory
        let (revoked, one) = try await core.addKey(of: ana.id, name: "1", scopes: ["admin"], expires: nil)
        let (_, two) = try await core.addKey(of: ana.id, name: "2", scopes: ["admin"], expires: core.now + 10_000)
        let (_, three) = try await core.addKey(of: ana.id, name: "3", scopes: ["admin"], expires: nil)
        for text in [one, two, three] { #expect(try await directory.principal(ofKey: text) != nil) }
        #expect(try await !core.removeKey(revoked.id, of: "another"))
        #expect(try await core.removeKey(revoked.id, of: ana.id))
        #expect(try await directory.principal(ofKey: one) == nil, "at once, in this process")
        auth.pass(10)
        #expect(try await directory.principal(ofKey: two) == nil)
        try await core.modify(ana.id) { $0.isActive = false }
        #expect(try await directory.principal(ofKey: three) == nil)
        for text in ["", "agv_", String(repeating: "x", count: 10_000)] { #expect(try await directory.principal(ofKey: text) == nil) }
    }

    @Test func thereAreNoMoreThanTheSettingAllows() async throws {
        var settings = TestAuth.settings
        settings.keysPerUser = 2
        let auth = try await TestAuth(settings: settings)
        let ana = try await auth.add("ana")
        for _ in 0..<2 { _ = try await auth.service.core.addKey(of: ana.id, name: "k", scopes: ["admin"], expires: nil) }
        let error = await auth.refusal {
            _ = try await auth.service.core.addKey(of: ana.id, name: "k", scopes: ["admin"], expires: nil)
        }
        #expect(error?.code == "too_many_keys")
    }

    @Test func theTimeOfTheLastUseIsWritten() async throws {
        let auth = try await TestAuth()
        let ana = try await auth.add("ana")
        let (key, text) = try await auth.service.core.addKey(of: ana.id, name: "k", scopes: ["admin"], expires: nil)
        _ = try await auth.service.directory.principal(ofKey: text)
        try await auth.service.core.recent.flush(auth.database)
        #expect(try await auth.database.read { try APIKeyTable.find(key.id, on: $0)?.lastUsed } == Timestamp.milliseconds(auth.now))
    }
}
