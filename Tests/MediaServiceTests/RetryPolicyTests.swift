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

    @Test func theLongestWaitIsASetting() {
        let kills = RetryPolicy(attempts: 30, firstWait: .seconds(1), longestWait: .seconds(300))
        let waits = (1..<30).map { attempt -> Duration in
            if case .retry(let wait) = kills.afterFailure(attempt: attempt) { wait } else { .zero }
        }
        #expect(Array(waits.prefix(10)) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300].map { .seconds($0) })
        #expect(waits.reduce(.zero, +) > .seconds(3600), "no loop of kills during a benchmark lasts as long")
        #expect(kills.afterFailure(attempt: 30) == .giveUp)
    }

    @Test func theWaitIsAnHourAtTheMost() {
        let patient = RetryPolicy(attempts: 1000, firstWait: .seconds(2))
        #expect(patient.afterFailure(attempt: 900) == .retry(after: .seconds(3600)))
    }
}
