import NIOPosix
import Synchronization
import WebAPI

/// Hashes and verifies passwords on threads of its own, a few at once: each takes 19 MiB and tens of milliseconds, which neither an event
/// loop nor a machine under a flood of sign-ins has to spare.
package final class PasswordHasher: Sendable {
    private let cost: Argon2id.Cost
    private let threads: NIOThreadPool
    /// Hashes under way and waiting.
    private let load = Mutex(0)
    private let limit: Int
    /// What a password is compared with where there is no account, so that the answer takes as long as for one.
    private let decoy: StoredPassword
    /// What verifying a hash of each kind takes, the least that was seen.
    private let times = Mutex<[PasswordKind: Duration]>([:])

    /// - Parameters:
    ///   - threads: hashes at once.
    ///   - waiting: hashes that may wait; more are refused.
    /// - Throws: where the cost is more than the machine has.
    package init(cost: Argon2id.Cost, threads: Int, waiting: Int) throws {
        self.cost = cost
        self.threads = NIOThreadPool(numberOfThreads: threads)
        limit = threads + waiting
        decoy = StoredPassword(try Argon2id.hash(SecretFile.random(), cost))
        self.threads.start()
    }

    /// - Throws: `APIError` 503 where too many wait already.
    package func hash(_ password: String) async throws -> StoredPassword {
        let cost = cost
        return try await run { StoredPassword(try Argon2id.hash(password, cost)) }
    }

    /// Whether the password is the stored one; false where there is none, after as long.
    /// - Throws: `APIError` 503 where too many wait already.
    package func verify(_ password: String, _ stored: StoredPassword?) async throws -> Bool {
        let usable = stored?.isUsable == true ? stored : nil
        let compared = usable ?? decoy
        let (matches, time) = try await run { Self.timed(password, compared) }
        note(time, compared)
        return matches && usable != nil
    }

    /// What verifying takes that takes longest, among hashes of these kinds and of that which is written now. A kind that was not seen before is
    /// tried once.
    package func dearest(of kinds: [PasswordKind]) async throws -> Duration {
        var dearest = Duration.zero
        for kind in Set(kinds + [PasswordKind(decoy)].compactMap { $0 }) {
            if times.withLock({ $0[kind] }) == nil {
                let sample = kind.sample
                // Not among those that may be refused: this is no sign-in.
                let (_, time) = try await threads.runIfActive { Self.timed("", sample) }
                note(time, sample)
            }
            dearest = max(dearest, times.withLock { $0[kind] } ?? .zero)
        }
        return dearest
    }

    private static func timed(_ password: String, _ stored: StoredPassword) -> (Bool, Duration) {
        let start = ContinuousClock.now
        return (stored.matches(password), ContinuousClock.now - start)
    }

    /// The kinds of the hashes that were compared with a password so far.
    package var comparedKinds: Set<PasswordKind> { times.withLock { Set($0.keys) } }

    /// The least, for what others do on the machine is no part of it.
    private func note(_ time: Duration, _ stored: StoredPassword) {
        guard let kind = PasswordKind(stored) else { return }
        times.withLock { $0[kind] = min($0[kind] ?? time, time) }
    }

    package func isCurrent(_ stored: StoredPassword) -> Bool { stored.isCurrent(cost) }

    package func close() async { try? await threads.shutdownGracefully() }

    private func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        let isTaken = load.withLock { load in
            guard load < limit else { return false }
            load += 1
            return true
        }
        guard isTaken else {
            throw APIError(
                .serviceUnavailable, code: "busy", detail: "Too many sign-ins at once. Try again in a moment.", headers: [.retryAfter: "2"])
        }
        defer { load.withLock { $0 -= 1 } }
        return try await threads.runIfActive(body)
    }
}
