import AuthService
import Foundation
import Testing
import WebAPI

/// How long a refused sign-in takes tells neither whether there is an account nor where it came from.
@Suite struct RefusalTimeTests {
    @Test func theSpanIsAMultipleOfTheSettingThatTheDearestHashFitsIn() {
        func span(_ setting: Int, _ dearest: Int) -> Duration {
            RefusalTime.span(setting: .milliseconds(setting), dearest: .milliseconds(dearest))
        }
        #expect(span(300, 0) == .milliseconds(300))
        #expect(span(300, 40) == .milliseconds(300))
        #expect(span(300, 150) == .milliseconds(300))
        #expect(span(300, 151) == .milliseconds(600))
        #expect(span(300, 590) == .milliseconds(1200))
        #expect(span(0, 590) == .zero, "nothing waits")
    }

    @Test func whatTakesLongerIsAnsweredAtTheNextMultiple() {
        func deadline(_ elapsed: Int) -> Duration {
            RefusalTime.deadline(elapsed: .milliseconds(elapsed), span: .milliseconds(300))
        }
        #expect([0, 1, 299, 300].map(deadline) == Array(repeating: .milliseconds(300), count: 4))
        #expect([301, 600].map(deadline) == Array(repeating: .milliseconds(600), count: 2))
        #expect(RefusalTime.deadline(elapsed: .milliseconds(70), span: .zero) == .zero)
    }

    /// The dearest hash of all that are stored decides for everybody: what is cheap, what is dear, and what is nobody's.
    @Test func allRefusalsWaitForTheDearestHashThatIsStored() async throws {
        var settings = TestAuth.settings
        settings.failureTime = .milliseconds(20)
        let auth = try await TestAuth(settings: settings)
        let core = auth.service.core
        try await auth.add("eva", email: "eva@example.org", verified: true)
        // Far more iterations than the setting has room for, on any machine.
        let dear = StoredPassword("pbkdf2_sha256$300000$salt$" + TestAuth.oldHash)
        let outcomes = try await core.importUsers(
            [.of("dora", dear.text, email: "dora@example.org")], areEmailsVerified: true, isTrial: false)
        #expect(outcomes.map(\.result) == [.created])
        // Of the processor, whoever else wants it meanwhile.
        func processorTime() -> Duration {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }
        let start = processorTime()
        #expect(!dear.matches("wrong"))
        let cost = processorTime() - start
        #expect(cost > settings.failureTime)

        let span = try await core.refusalSpan()
        // Half of the cost that this very machine needed a moment ago is more than the setting, and less than the span can be.
        #expect(span > cost / 2 && span > settings.failureTime)
        for login in ["eva", "eva@example.org", "dora", "dora@example.org", "nobody", "nobody@example.org"] {
            let start = ContinuousClock.now
            #expect(await auth.refusal { try await auth.signIn(login, "wrong") } == AuthCore.wrongCredentials)
            let time = ContinuousClock.now - start
            // The span may only have become shorter meanwhile, by a better measurement.
            #expect(time >= min(span, try await core.refusalSpan()), "\(login)")
        }
    }
}
