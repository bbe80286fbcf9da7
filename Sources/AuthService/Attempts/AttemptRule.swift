import Foundation

/// How attempts are slowed down: some are free, then each doubles the wait for the next. A pure function of what is counted.
public struct AttemptRule: Sendable, Equatable {
    /// Attempts that fail before anybody has to wait.
    public var free: Int
    public var firstWait: Duration
    public var longestWait: Duration
    /// Without a failure for so long, all is forgotten.
    public var memory: Duration

    public init(
        free: Int, firstWait: Duration = .seconds(1), longestWait: Duration = .seconds(900), memory: Duration = .seconds(3600)
    ) {
        self.free = free
        self.firstWait = firstWait
        self.longestWait = longestWait
        self.memory = memory
    }

    /// What is known of one account or address. Times in milliseconds since 1970.
    package struct Count: Sendable, Equatable {
        package var failures: Int
        package var last: Int64
        package var blockedUntil: Int64

        package init(failures: Int = 0, last: Int64 = 0, blockedUntil: Int64 = 0) {
            self.failures = failures
            self.last = last
            self.blockedUntil = blockedUntil
        }
    }

    /// Milliseconds to wait; 0 where an attempt may be made.
    package func wait(_ count: Count, now: Int64) -> Int64 { isForgotten(count, now) ? 0 : max(0, count.blockedUntil - now) }

    /// With one more failure.
    package func failed(_ count: Count, now: Int64) -> Count {
        let failures = isForgotten(count, now) ? 1 : count.failures + 1
        guard failures >= free else { return Count(failures: failures, last: now, blockedUntil: 0) }
        let wait = firstWait / .milliseconds(1) * pow(2, Double(min(failures - free, 40)))
        return Count(failures: failures, last: now, blockedUntil: now + Int64(min(wait, longestWait / .milliseconds(1))))
    }

    private func isForgotten(_ count: Count, _ now: Int64) -> Bool {
        // A wait that is longer than the memory is kept to.
        now - count.last > Int64(memory / .milliseconds(1)) && now >= count.blockedUntil
    }
}
