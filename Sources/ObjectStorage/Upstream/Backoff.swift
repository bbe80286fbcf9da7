/// Waits between attempts: each twice as long as the one before, up to ten seconds, and each somewhere between half and all of that, so
/// that many who failed together do not come back together.
package struct Backoff: Sendable {
    /// Further attempts.
    private let retries: Int

    package init(retries: Int) { self.retries = retries }

    private static let first = Duration.milliseconds(200)
    private static let longest = Duration.seconds(10)

    /// The wait before attempt `attempt` (1 is the first one again); nil where there is to be none.
    package func wait(before attempt: Int, jitter: Double = .random(in: 0.5...1)) -> Duration? {
        guard (1...max(1, retries)).contains(attempt), retries > 0 else { return nil }
        return min(Self.longest, Self.first * (1 << min(attempt - 1, 20))) * jitter
    }

    /// Does it until it succeeds or fails for good.
    /// - Parameter what: for the error.
    /// - Throws: `ObjectStoreError`, `CancellationError`.
    func run<T>(_ what: String, _ work: () async throws -> T) async throws -> T {
        var attempt = 0
        while true {
            do {
                return try await work()
            } catch let failure as UpstreamFailure {
                attempt += 1
                guard failure.isTransient, let wait = wait(before: attempt) else { throw failure.error(what) }
                try await Task.sleep(for: wait)
            }
        }
    }
}
