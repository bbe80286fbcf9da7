import AuthService
import Events
import Foundation
import Persistence
import Testing
import WebAPI

@Suite struct UserTests {
    @Test(arguments: SQLDialect.allCases)
    func anInstallationBeginsWithOneAccountAndItsKey(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let admin = try #require(try await auth.database.read { try UserTable.find(User.firstID, on: $0) })
        #expect(admin.username == "admin" && admin.roles == [.staff] && !admin.password.isUsable)
        #expect(await auth.refusal { try await auth.signIn("admin", "") }?.code == "no_active_account", "no password is no way in")
        let principal = try await auth.service.directory.principal(ofKey: TestAuth.token)
        #expect(principal == Principal(subject: "admin", roles: [.staff]))
        try await auth.service.prepare(token: TestAuth.token)
        #expect(try await auth.events().map(\.type) == ["user.created"], "the second start makes nothing")
        // An operator has put another text into the file.
        try await auth.service.prepare(token: "another text of the file")
        #expect(try await auth.service.directory.principal(ofKey: TestAuth.token) == nil)
        #expect(try await auth.service.directory.principal(ofKey: "another text of the file") != nil)
        // Revoked, it stays so, though the file is still there.
        #expect(try await auth.service.core.removeKey(APIKey.firstID, of: nil))
        try await auth.service.prepare(token: "another text of the file")
        #expect(try await auth.service.directory.principal(ofKey: "another text of the file") == nil)
    }

    @Test(arguments: SQLDialect.allCases)
    func aUsernameIsOnesOwnWhateverItsCase(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        try await auth.add("Niña")
        for name in ["niña", "NIÑA", "nin\u{303}a"] {
            let error = await auth.refusal { try await auth.add(Username.normalized(name)) }
            #expect(error?.fields == ["username": ["A user with that username already exists."]], "\(name)")
        }
        _ = try await auth.signIn("NIÑA")
    }

    @Test(arguments: SQLDialect.allCases)
    func anAddressIsTheAccountsThatHasVerifiedIt(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let ana = try await auth.add("ana", email: "Vaca@granja.example")
        let eva = try await auth.add("eva", email: "vaca@granja.example")
        #expect(await auth.refusal { try await auth.signIn("vaca@granja.example") }?.code == "no_active_account", "nobody has verified it")
        func verify(_ id: String) async throws -> Bool {
            try await auth.service.core.change { connection, _, _ in
                var user = try UserTable.find(id, on: connection)!
                return try UserChanges.verifyEmail(user.email, of: &user, on: connection)
            }
        }
        #expect(try await verify(eva.id))
        #expect(try await !verify(ana.id), "the first who reads the mailbox has it")
        #expect(try await auth.signIn("VACA@granja.example").user?.id == eva.id)
    }

    @Test(arguments: SQLDialect.allCases)
    func eventsTellWhatOthersMayKnowAndNothingElse(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let ana = try await auth.add("ana", email: "secret@example.org", roles: [.specialist])
        let core = auth.service.core
        try await core.modify(ana.id) { ($0.firstName, $0.lastName) = ("Ana", "López") }
        try await core.modify(ana.id) { $0.email = "other@example.org" }
        try await core.modify(ana.id) { $0.roles = [.specialist, .businessman] }
        try await core.modify(ana.id) { $0.isActive = false }
        try await core.change { connection, endings, time in
            try UserChanges.delete(try UserTable.find(ana.id, on: connection)!, &endings, now: time, on: connection)
        }
        let events = try await auth.events().filter { $0.subject == ana.id }
        #expect(
            events.map(\.type) == [
                "user.created", "user.updated", "user.updated", "session.revoked", "user.updated", "session.revoked", "session.revoked",
                "user.deleted",
            ])
        #expect(events.allSatisfy { $0.source == "/agrovet/auth" && !$0.data.contains("example.org") && !$0.data.contains("argon2") })
        #expect(events[1].data.contains(#""display_name":"Ana López""#))
        #expect(events[2].data.contains(#""roles":["Businessman","Specialist"]"#))
        #expect(events[4].data.contains(#""is_active":false"#))
        #expect(events[7].data == "{\"id\":\"\(ana.id)\"}")
    }

    @Test func theFirstAccountStays() async throws {
        let auth = try await TestAuth()
        let error = await auth.refusal {
            try await auth.service.core.change { connection, endings, time in
                try UserChanges.delete(try UserTable.find(User.firstID, on: connection)!, &endings, now: time, on: connection)
            }
        }
        #expect(error?.code == "first_account")
    }

    @Test(arguments: [
        ("ana", true), ("a.b+c-d_e@f", true), ("Ñandú", true), ("用户", true), ("", false), ("a b", false), ("a/b", false), ("a\u{0}", false),
        ("<b>", false),
    ])
    func usernames(_ text: String, _ isValid: Bool) { #expect((Username.problem(text) == nil) == isValid) }

    @Test(arguments: [
        ("ana@example.org", true), ("a.b+c@sub.example.org", true), ("ana", false), ("ana@", false), ("@example.org", false),
        ("ana@example", false), ("a..b@example.org", false), ("ana@exa mple.org", false), ("ana@example.org\r\nBcc: x@y.org", false),
        ("ana@-example.org", false), ("<ana@example.org>", false), ("\"ana\"@example.org", false), ("ana@example.org>", false),
    ])
    func addresses(_ text: String, _ isValid: Bool) { #expect(EmailAddress.isValid(text) == isValid) }

    @Test(arguments: SQLDialect.allCases)
    func aListIsFilteredAndSearched(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        try await auth.add("ana_uno", roles: [.specialist, .consumer])
        try await auth.add("anaxdos", email: "Dos@example.org", roles: [.businessman])
        func names(_ filter: UserFilter) async throws -> [String] {
            try await auth.database.read {
                try UserTable.list(filter, ordering: "username_key", limit: 10, offset: 0, on: $0).map(\.username)
            }
        }
        #expect(try await names(.init(search: "ana")) == ["ana_uno", "anaxdos"])
        #expect(try await names(.init(search: "a_u")) == ["ana_uno"], "an underscore is an underscore")
        #expect(try await names(.init(search: "DOS@")) == ["anaxdos"])
        #expect(try await names(.init(role: .consumer)) == ["ana_uno"])
        #expect(try await names(.init(role: .staff, isActive: true)) == ["admin"])
        #expect(try await auth.database.read { try UserTable.count(.init(isActive: false), on: $0) } == 0)
    }
}
