import AuthService
import Foundation
import Persistence
import Testing
import WebAPI

@Suite struct PageSessionsTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func aCodeOpensOneSessionOnceAndInTime() {
        let sessions = PageSessions(secret: "secret", lifetime: 100)
        let code = sessions.makeCode(for: "ana", validity: 10, now: now)
        #expect(sessions.redeem(code, now: now) == "ana")
        #expect(sessions.redeem(code, now: now) == nil)
        let late = sessions.makeCode(for: "ana", validity: 10, now: now)
        #expect(sessions.redeem(late, now: now.addingTimeInterval(11)) == nil)
        #expect(sessions.redeem("", now: now) == nil)
    }

    @Test func aCookieCannotBeForgedAndEnds() throws {
        let sessions = PageSessions(secret: "secret", lifetime: 100)
        let cookie = sessions.cookie(for: "the:session", expires: now + 100)
        #expect(sessions.session(ofCookie: cookie, now: now) == "the:session")
        #expect(sessions.session(ofCookie: cookie, now: now.addingTimeInterval(101)) == nil)
        #expect(PageSessions(secret: "other", lifetime: 100).session(ofCookie: cookie, now: now) == nil)
        let forged = Base64URL.encode(Array("9999999999:root".utf8)) + "." + cookie.split(separator: ".")[1]
        #expect(sessions.session(ofCookie: forged, now: now) == nil)
        for text in ["", ".", "a.b.c", String(cookie.dropLast())] { #expect(sessions.session(ofCookie: text, now: now) == nil) }
    }

    @Test(arguments: SQLDialect.allCases)
    func aCookieEndsWithItsSession(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let core = auth.service.core
        let ana = try await auth.add("ana", roles: [.businessman])
        func cookie() async throws -> (String, Session) {
            let trace = ClientTrace(agent: nil, address: nil)
            let grant = try await core.signIn(.init(login: "ana", password: TestAuth.password), trace) { user, connection, now in
                try core.open(.init(kind: .page), for: user, trace, now: now, on: connection)
            }
            return (auth.pages.cookie(for: grant.session.id, expires: auth.now + 3600), grant.session)
        }
        let (first, session) = try await cookie()
        let directory = auth.service.directory
        #expect(
            try await directory.principal(ofCookie: first)
                == Principal(subject: ana.id, roles: [.businessman], session: session.id))
        try await core.change { connection, endings, time in try endings.end(session, now: time, on: connection) }
        #expect(try await directory.principal(ofCookie: first) == nil)
        // Another process hears of it by the event, and believes its own look-up no longer.
        let (second, _) = try await cookie()
        #expect(try await directory.principal(ofCookie: second) != nil)
        auth.revocations.take(
            eventType: "session.revoked", subject: ana.id, data: #"{"user":"\#(ana.id)","session":null,"minimum_version":9}"#)
        #expect(try await directory.principal(ofCookie: second) == nil)
        // A session of the API is none of the page's.
        let api = try await auth.signIn("ana")
        #expect(try await directory.principal(ofCookie: auth.pages.cookie(for: api.session.id, expires: auth.now + 60)) == nil)
    }
}
