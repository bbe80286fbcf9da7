import Events
import Foundation
import Logging
import Persistence
import ServiceLifecycle
import WebAPI

/// Accounts, sign-ins, tokens, API keys and OAuth.
public struct AuthService: Sendable {
    /// The topic of its events: `user.created`, `user.updated`, `user.deleted`, `session.revoked`.
    public static let topic = "user.events"
    /// The schema of its database.
    public static let migrations = AuthMigrations.all

    package let core: AuthCore
    package let sender: MailSender

    /// - Parameters:
    ///   - database: its own, migrated to `migrations`.
    ///   - secret: of the installation, from a file that only the server may read; seals what the database must not tell.
    ///   - ring: the keys that sign tokens.
    ///   - issuer: what tokens say that they are from.
    ///   - revocations: what ends is told to directly.
    ///   - pages: the page's cookies and one-time codes.
    ///   - transport: how mail leaves.
    ///   - wakeRelay: called after a commit that left events in the outbox.
    ///   - clock: for tests.
    /// - Throws: where a password's hash costs more than the machine has.
    public init(
        database: any Database, settings: AuthSettings, secret: String, ring: SigningKeyRing, issuer: TokenIssuer,
        revocations: RevocationList, pages: PageSessions, mail: MailSettings, transport: any MailTransport, metrics: MetricsRegistry,
        logger: Logger, wakeRelay: @escaping @Sendable () -> Void, clock: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        let cost = Argon2id.Cost(
            memory: settings.passwordCost.memory, passes: settings.passwordCost.passes, lanes: settings.passwordCost.lanes)
        core = AuthCore(
            database: database, settings: settings,
            hasher: try PasswordHasher(cost: cost, threads: settings.hashThreads, waiting: settings.hashWaiting),
            vault: Vault(secret: secret), ring: ring, issuer: issuer, revocations: revocations, pageSessions: pages,
            recent: RecentCredentials(lifetime: settings.recheck, limit: settings.recentCredentials), metrics: metrics, logger: logger,
            wakeRelay: wakeRelay, mailSignal: WakeUpSignal(), mailFrom: mail.from, clock: clock)
        sender = MailSender(core: core, transport: transport, settings: mail)
        metrics.collect { [core] in await Self.gauges(core) }
    }

    /// Makes the first account, and takes in the data folder's key. To be called once, before requests are taken.
    public func prepare(token: String) async throws {
        try await core.ring.prepare()
        try await core.prepareFirstAccount(token: token)
        try await core.database.write { try PasswordKindTable.sweep(on: $0) }
    }

    /// Where keys and cookies are looked up.
    public var directory: any CredentialDirectory { AuthDirectory(core: core) }

    /// The work that goes on beside requests.
    public var services: [any Service] { [sender, AuthUpkeep(core: core)] }

    /// One pass of what is done beside requests every minute.
    package func upkeep() async throws { try await AuthUpkeep(core: core).pass() }

    public var healthChecks: [HealthCheck] {
        [
            HealthCheck("accounts") { [core] in
                let waiting = try await core.database.read { try MailQueue.length(on: $0) }
                return "\(core.database.dialect.rawValue), \(waiting) messages to send"
            }
        ]
    }

    /// Ends the threads that hash.
    public func close() async { await core.hasher.close() }

    private static func gauges(_ core: AuthCore) async -> [MetricsRegistry.Gauge] {
        var gauges = [
            MetricsRegistry.Gauge("agrovet_revocations", "Ended sessions and accounts kept in memory.", Double(core.revocations.count))
        ]
        if let waiting = try? await core.database.read({ try MailQueue.length(on: $0) }) {
            gauges.append(MetricsRegistry.Gauge("agrovet_mail_waiting", "Messages that wait to be sent.", Double(waiting)))
        }
        return gauges
    }
}
