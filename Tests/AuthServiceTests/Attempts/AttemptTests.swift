import AuthService
import Persistence
import Testing

@Suite struct AttemptTests {
    @Test func someAreFreeAndThenEachWaitDoubles() {
        let rule = AttemptRule(free: 3, firstWait: .seconds(1), longestWait: .seconds(10), memory: .seconds(3600))
        var count = AttemptRule.Count()
        var waits: [Int64] = []
        var now: Int64 = 1_000_000
        for _ in 0..<8 {
            #expect(rule.wait(count, now: now) == 0)
            count = rule.failed(count, now: now)
            waits.append(rule.wait(count, now: now))
            now += waits.last!
        }
        #expect(waits == [0, 0, 1000, 2000, 4000, 8000, 10_000, 10_000])
        #expect(rule.failed(count, now: now + 3_600_001).failures == 1, "forgotten after an hour")
    }

    @Test func aWaitThatIsLongerThanTheMemoryIsKeptTo() {
        let rule = AttemptRule(free: 1, firstWait: .seconds(100), longestWait: .seconds(100), memory: .seconds(10))
        let count = rule.failed(.init(), now: 0)
        #expect(rule.wait(count, now: 50_000) == 50_000)
        #expect(rule.wait(count, now: 100_000) == 0)
    }

    @Test(arguments: SQLDialect.allCases)
    func theAccountIsSlowedDownWhoeverAsksAndRemembersIt(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        try await auth.add("ana")
        for number in 0..<5 {
            let error = await auth.refusal { try await auth.signIn("ana", "wrong", address: "192.0.2.\(number)") }
            #expect(error?.code == "no_active_account")
        }
        let refused = await auth.refusal { try await auth.signIn("ana", address: "198.51.100.7") }
        #expect(refused?.status == .tooManyRequests, "the right password has to wait too")
        #expect(refused?.headers[.retryAfter] == "1")
        auth.pass(1)
        #expect(await auth.refusal { try await auth.signIn("ana", "wrong") }?.code == "no_active_account")
        #expect(await auth.refusal { try await auth.signIn("ana") }?.headers[.retryAfter] == "2")
        auth.pass(2)
        _ = try await auth.signIn("ana")
        #expect(await auth.refusal { try await auth.signIn("ana", "wrong") }?.code == "no_active_account", "all is forgotten")
    }

    @Test func whatIsNoAccountIsSlowedDownAlike() async throws {
        let auth = try await TestAuth()
        var codes: [String?] = []
        for _ in 0..<6 { codes.append(await auth.refusal { try await auth.signIn("nobody", "wrong") }?.code) }
        #expect(codes == Array(repeating: "no_active_account", count: 5) + ["throttled"])
    }

    /// Who tries a username and then an address must not learn that the two are one account's.
    @Test(arguments: SQLDialect.allCases)
    func theWaitOfAnAccountDoesNotTellItsOtherName(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        try await auth.add("beto", email: "beto@example.org", verified: true)
        for _ in 0..<5 { _ = await auth.refusal { try await auth.signIn("beto", "wrong") } }
        #expect(await auth.refusal { try await auth.signIn("beto", "wrong") }?.code == "throttled")
        for _ in 0..<5 {
            let (his, nobodys) = (
                await auth.refusal { try await auth.signIn("BETO@example.org", "wrong", address: "192.0.2.2") },
                await auth.refusal { try await auth.signIn("nobody@example.org", "wrong", address: "192.0.2.3") }
            )
            #expect(his == AuthCore.wrongCredentials && his == nobodys)
        }
        for login in ["beto@example.org", "nobody@example.org"] {
            let refused = await auth.refusal { try await auth.signIn(login, "wrong", address: "192.0.2.4") }
            #expect(refused?.status == .tooManyRequests && refused?.headers[.retryAfter] == "1", "\(login)")
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func underAnotherNameTheAccountIsNoLessProtected(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        try await auth.add("beto", email: "beto@example.org", verified: true)
        for _ in 0..<5 { _ = await auth.refusal { try await auth.signIn("beto", "wrong") } }
        // The right password is not even looked at while the account waits.
        #expect(await auth.refusal { try await auth.signIn("beto@example.org") } == AuthCore.wrongCredentials)
        auth.pass(1)
        _ = try await auth.signIn("beto@example.org")
        // It is forgotten for the account, but the name that was tried keeps its own count.
        #expect(await auth.refusal { try await auth.signIn("beto", "wrong") }?.code == "no_active_account")
        #expect(await auth.refusal { try await auth.signIn("beto", "wrong") }?.headers[.retryAfter] == "2")
    }

    @Test func anAddressIsSlowedDownWhateverAccountItTries() async throws {
        var settings = TestAuth.settings
        settings.addressAttempts = AttemptRule(free: 4)
        let auth = try await TestAuth(settings: settings)
        for number in 0..<4 {
            _ = await auth.refusal { try await auth.signIn("user\(number)", "wrong", address: "2001:db8:1:2::\(number)") }
        }
        #expect(
            await auth.refusal { try await auth.signIn("user9", "wrong", address: "2001:db8:1:2:ffff::9") }?.code == "throttled", "one /64")
        #expect(await auth.refusal { try await auth.signIn("user9", "wrong", address: "2001:db8:1:3::9") }?.code == "no_active_account")
    }

    @Test(arguments: SQLDialect.allCases)
    func attemptsThatAreMadeAtOnceDoNotSlipThrough(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        try await auth.add("ana")
        let codes = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<30 { group.addTask { await auth.refusal { try await auth.signIn("ana", "wrong") }?.code } }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(codes.filter { $0 == "no_active_account" }.count <= 5, "\(codes)")
    }
}
