import Foundation
import HTTPTypes
import Synchronization

/// How many requests a time span has room for, as DRF writes it: `600/min`.
public struct Rate: Sendable, Hashable, CustomStringConvertible {
    public let requests: Int
    public let seconds: Double

    /// Nil where the text is none: a number, a slash, and `s`, `sec`, `second`, `min`, `minute`, `h`, `hour`, `d` or `day`.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let requests = Int(parts[0]), (1...1_000_000_000).contains(requests) else { return nil }
        let units: [Substring: Double] = [
            "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86_400, "day": 86_400,
        ]
        guard let seconds = units[parts[1]] else { return nil }
        self.requests = requests
        self.seconds = seconds
    }

    public var description: String {
        let units: [Double: String] = [1: "s", 60: "min", 3600: "hour", 86_400: "day"]
        return "\(requests)/\(units[seconds] ?? "\(seconds)s")"
    }
}

/// Limits how often users, and addresses that are nobody's, may ask. By the generic cell rate algorithm (ITU-T I.371): one number for
/// each of them, a burst of the whole rate, then evenly. In memory, for this process.
public final class Throttle: Sendable {
    public struct Settings: Sendable {
        /// Of somebody who is not signed in, by address; nil for no limit.
        public var anonymous: Rate?
        /// Of a user.
        public var user: Rate?
        /// By what operations call them.
        public var scopes: [String: Rate] = [:]
        /// Users and addresses that are remembered.
        public var remembered = 100_000
        /// Proxies whose word on the client's address counts (`ClientAddress`).
        public var trustedProxies: [IPNetwork] = []

        public init() {}
    }

    private let settings: Settings
    /// When the bucket of each is empty again, in seconds of the clock.
    private let state = Mutex<[String: Double]>([:])

    public init(settings: Settings) { self.settings = settings }

    func admit(_ context: APIRequestContext) throws(APIError) {
        guard let rate = context.principal == nil ? settings.anonymous : settings.user else { return }
        // Staff run the installation: imports, migrations.
        if context.principal?.isStaff == true { return }
        try admit("*", rate, context)
    }

    /// Counts a request that brought credentials which are nobody's: by its address.
    func admitRefused(_ context: APIRequestContext) throws(APIError) {
        var context = context
        context.principal = nil
        try admit(context)
    }

    func admit(_ context: APIRequestContext, to scope: String) throws(APIError) {
        guard let rate = settings.scopes[scope] else { return }
        try admit(scope, rate, context)
    }

    private func admit(_ scope: String, _ rate: Rate, _ context: APIRequestContext) throws(APIError) {
        let key =
            scope + "\n" + (context.principal.map { "u" + $0.subject } ?? "a" + context.clientAddress(trusting: settings.trustedProxies))
        guard let wait = wait(key, rate, now: Self.now) else { return }
        let seconds = Int(wait.rounded(.up))
        throw APIError(
            .tooManyRequests, code: "throttled", detail: "Request was throttled. Expected available in \(seconds) seconds.",
            headers: [.retryAfter: "\(seconds)"])
    }

    /// Takes one request's room.
    /// - Returns: seconds until there is room; nil where there was.
    package func wait(_ key: String, _ rate: Rate, now: Double) -> Double? {
        let interval = rate.seconds / Double(rate.requests)
        return state.withLock { state in
            let arrival = max(now, state[key] ?? now)
            let wait = arrival + interval - (now + rate.seconds)
            // A hair of rounding is no reason to refuse.
            if wait > 1e-9 { return wait }
            if state.count >= settings.remembered, state[key] == nil { forget(&state, now) }
            state[key] = arrival + interval
            return nil
        }
    }

    /// Those whose bucket is empty are as good as new; where that is not enough, the emptiest go.
    private func forget(_ state: inout [String: Double], _ now: Double) {
        state = state.filter { $0.value > now }
        let excess = state.count - settings.remembered * 3 / 4
        if excess > 0 { for entry in state.sorted(by: { $0.value < $1.value }).prefix(excess) { state[entry.key] = nil } }
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
