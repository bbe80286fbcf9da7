import MediaService
import Testing

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy(attempts: 5, firstWait: .seconds(2))

    @Test func theWaitDoublesWithEachAttempt() {
        #expect(policy.afterFailure(attempt: 1) == .retry(after: .seconds(2)))
        #expect(policy.afterFailure(attempt: 2) == .retry(after: .seconds(4)))
        #expect(policy.afterFailure(attempt: 4) == .retry(after: .seconds(16)))
    }

    @Test func theLastAttemptIsTheEnd() {
        #expect(policy.afterFailure(attempt: 5) == .giveUp)
        #expect(policy.afterFailure(attempt: 9) == .giveUp)
    }

    @Test func theWaitIsAnHourAtTheMost() {
        let patient = RetryPolicy(attempts: 1000, firstWait: .seconds(2))
        #expect(patient.afterFailure(attempt: 900) == .retry(after: .seconds(3600)))
    }
}
