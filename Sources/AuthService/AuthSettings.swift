import WebAPI

/// Limits and choices of the auth service, each a setting of its own.
public struct AuthSettings: Sendable {
    public var passwordCost = PasswordCost()
    /// Hashes at once, and how many more may wait.
    public var hashThreads = 2
    public var hashWaiting = 64
    public var passwordMinimumLength = 8

    /// What access tokens are for (`aud`).
    public var audience = "agrovet"
    public var accessLifetime = Duration.seconds(900)
    public var refreshLifetime = Duration.seconds(30 * 86_400)
    /// How long a refresh token that was just used gives again what it gave, to a client that the answer did not reach or that asked twice.
    public var refreshOverlap = Duration.seconds(10)
    /// Age at which a new key begins to sign tokens.
    public var keyAge = Duration.seconds(90 * 86_400)
    /// How long what was looked up of keys and cookies is believed.
    public var recheck = Duration.seconds(5)
    /// Keys and cookies whose look-up is remembered.
    public var recentCredentials = 10_000
    public var keysPerUser = 50
    public var sessionsPerUser = 100

    public var accountAttempts = AttemptRule(free: 5)
    public var addressAttempts = AttemptRule(free: 30)
    /// Letters to one address.
    public var mailAttempts = AttemptRule(free: 3, firstWait: .seconds(60), longestWait: .seconds(3600))
    /// Accounts made from one address.
    public var registrations = AttemptRule(free: 20, firstWait: .seconds(10), longestWait: .seconds(3600))
    /// What a sign-in that fails takes, or a multiple of it where a hash that is stored takes longer, so that its duration tells nothing.
    public var failureTime = Duration.milliseconds(300)
    public var isRegistrationOpen = true

    public var resetLifetime = Duration.seconds(3600)
    public var verifyLifetime = Duration.seconds(3 * 86_400)
    /// What links in mail, and the metadata of OAuth, begin with; empty for the issuer.
    public var publicURL = ""
    public var secureCookies = false
    /// Proxies whose word on the client's address counts.
    public var trustedProxies: [IPNetwork] = []

    public var totpName = "Agrovet"
    public var codeLifetime = Duration.seconds(60)

    public init() {}

    /// What a password's hash costs (Argon2id).
    public struct PasswordCost: Sendable {
        /// KiB.
        public var memory = 19_456
        public var passes = 2
        public var lanes = 1
        public init() {}
    }

    static func milliseconds(_ duration: Duration) -> Int64 { Int64(duration / .milliseconds(1)) }
}
