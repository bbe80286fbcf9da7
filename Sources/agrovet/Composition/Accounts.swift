import AuthService
import Events
import Foundation
import Logging
import Persistence
import ServiceLifecycle
import WebAPI

/// The auth service with what stands around it in this process.
struct Accounts: Sendable {
    let service: AuthService
    let authenticator: Authenticator
    let pages: PageSessions
    let issuer: TokenIssuer
    let relay: OutboxRelay
    private let follower: RevocationFollower
    private let database: any Database

    var services: [any Service] { [relay, follower] + service.services }

    func close() async {
        await service.close()
        await database.close()
    }

    /// - Parameter log: nil for a command, which tells nothing by itself: the server's relay finds what it left in the outbox.
    init(_ server: Server, _ folder: DataFolder, log: any EventLog, metrics: MetricsRegistry, logger: Logger) async throws {
        let settings = server.settings
        database = try server.openDatabase("auth", folder)
        try await Migrator.migrate(database, service: "auth", AuthService.migrations)
        let relay = OutboxRelay(database: database, log: log, logger: logger)
        self.relay = relay
        let lifetime = settings[SettingsCatalogue.accessTokenLifetime] / .seconds(1)
        let revocations = RevocationList(lifetime: lifetime)
        follower = RevocationFollower(log: log, revocations: revocations, lifetime: lifetime, logger: logger)
        issuer = TokenIssuer(settings[SettingsCatalogue.publicURL])
        pages = PageSessions(
            secret: try SecretFile(path: folder.signingKey).value, lifetime: settings[SettingsCatalogue.sessionLifetime] / .seconds(1))
        let ring = SigningKeyRing(settings, folder)
        service = try AuthService(
            database: database, settings: AuthSettings(settings), secret: try SecretFile(path: folder.authKey).value, ring: ring,
            issuer: issuer, revocations: revocations, pages: pages, mail: MailSettings(settings),
            transport: try Self.transport(settings, folder), metrics: metrics, logger: logger, wakeRelay: { relay.wake() })
        try await service.prepare(token: try SecretFile(path: folder.apiToken).value)
        try await follower.catchUp()
        authenticator = Authenticator(
            tokens: AccessTokenVerifier(
                issuer: issuer, audience: settings[SettingsCatalogue.tokenAudience], keys: ring, revocations: revocations),
            directory: service.directory)
    }

    private static func transport(_ settings: Settings, _ folder: DataFolder) throws -> any MailTransport {
        guard let address = settings[SettingsCatalogue.mailURL] else { return MailFolder(path: folder.mail) }
        return try SMTPClient(
            address: address, requiresTLS: settings[SettingsCatalogue.mailSTARTTLS], authorities: settings[SettingsCatalogue.mailCAFile],
            timeout: settings[SettingsCatalogue.mailTimeout])
    }
}

extension SigningKeyRing {
    init(_ settings: Settings, _ folder: DataFolder) {
        self.init(
            folder: folder.tokenKeys, algorithm: SigningAlgorithm(rawValue: settings[SettingsCatalogue.tokenAlgorithm]) ?? .eddsa,
            tokenLifetime: settings[SettingsCatalogue.accessTokenLifetime] / .seconds(1))
    }
}

extension MailSettings {
    init(_ settings: Settings) {
        self.init(from: settings[SettingsCatalogue.mailFrom])
        timeout = settings[SettingsCatalogue.mailTimeout]
        patience = settings[SettingsCatalogue.mailPatience]
    }
}

extension AuthSettings {
    init(_ settings: Settings) {
        self.init()
        passwordCost.memory = max(8 * settings[SettingsCatalogue.passwordLanes], settings[SettingsCatalogue.passwordMemory] / 1024)
        passwordCost.passes = settings[SettingsCatalogue.passwordPasses]
        passwordCost.lanes = settings[SettingsCatalogue.passwordLanes]
        hashThreads = settings[SettingsCatalogue.passwordHashes]
        hashWaiting = settings[SettingsCatalogue.passwordHashesWaiting]
        passwordMinimumLength = settings[SettingsCatalogue.passwordLength]
        audience = settings[SettingsCatalogue.tokenAudience]
        accessLifetime = settings[SettingsCatalogue.accessTokenLifetime]
        refreshLifetime = settings[SettingsCatalogue.refreshTokenLifetime]
        refreshOverlap = settings[SettingsCatalogue.refreshOverlap]
        keyAge = settings[SettingsCatalogue.tokenKeyAge]
        recheck = settings[SettingsCatalogue.credentialRecheck]
        keysPerUser = settings[SettingsCatalogue.keysPerUser]
        sessionsPerUser = settings[SettingsCatalogue.sessionsPerUser]
        accountAttempts = AttemptRule(
            free: settings[SettingsCatalogue.signInAttempts], firstWait: settings[SettingsCatalogue.signInWait],
            longestWait: settings[SettingsCatalogue.signInWaitLimit], memory: settings[SettingsCatalogue.signInMemory])
        addressAttempts = accountAttempts
        addressAttempts.free = settings[SettingsCatalogue.signInAttemptsAddress]
        mailAttempts.free = settings[SettingsCatalogue.mailsPerAddress]
        registrations.free = settings[SettingsCatalogue.registrationsPerAddress]
        failureTime = settings[SettingsCatalogue.signInFailureTime]
        isRegistrationOpen = settings[SettingsCatalogue.registration]
        resetLifetime = settings[SettingsCatalogue.resetLifetime]
        verifyLifetime = settings[SettingsCatalogue.verifyLifetime]
        publicURL = settings[SettingsCatalogue.publicURL]
        secureCookies = settings[SettingsCatalogue.secureCookies]
        totpName = settings[SettingsCatalogue.totpName]
    }
}
