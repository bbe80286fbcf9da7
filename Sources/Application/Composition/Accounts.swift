import AuthService
import Events
import Foundation
import Logging
import Persistence
import ServiceLifecycle
import WebAPI

extension Server {
    /// Accounts, sign-ins, tokens and OAuth.
    func authModule(_ deployment: Deployment, _ access: Access) async throws -> ServiceModule {
        guard let accounts = access.accounts else { throw Access.Failure(description: "the setting services names auth") }
        return ServiceModule(
            routes: accounts.service.routes, services: [accounts.relay] + accounts.service.services,
            healthChecks: accounts.service.healthChecks,
            outboxes: [("auth", accounts.database)],
            tags: [
                ("auth", "Accounts, sign-ins, sessions, API keys"), ("session", "The page's own session"), ("users", "Accounts, for staff"),
                ("oauth", "OAuth 2.0 and OpenID Connect"),
            ],
            close: {
                await accounts.service.close()
                await accounts.database.close()
            })
    }
}

/// The auth service with what stands around it in this process.
struct Accounts: Sendable {
    let service: AuthService
    let pages: PageSessions
    let relay: OutboxRelay
    let ring: SigningKeyRing
    let database: any Database

    init(_ server: Server, _ deployment: Deployment, issuer: TokenIssuer, revocations: RevocationList) async throws {
        let (settings, folder) = (deployment.settings, deployment.folder)
        database = try server.openDatabase("auth", folder, schema: "auth")
        try await Migrator.migrate(database, service: "auth", AuthService.migrations)
        let relay = OutboxRelay(database: database, log: deployment.log, logger: deployment.logger)
        self.relay = relay
        pages = PageSessions(
            secret: deployment.signingKey.value, lifetime: settings[SettingsCatalogue.sessionLifetime] / .seconds(1))
        ring = SigningKeyRing(settings, folder)
        service = try AuthService(
            database: database, settings: AuthSettings(settings), secret: try SecretFile(path: folder.authKey).value, ring: ring,
            issuer: issuer, revocations: revocations, pages: pages, mail: MailSettings(settings),
            transport: try Self.transport(settings, folder), metrics: deployment.metrics, logger: deployment.logger,
            wakeRelay: { relay.wake() })
        try await service.prepare(token: try SecretFile(path: folder.apiToken).value)
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
        mailAttempts.firstWait = settings[SettingsCatalogue.mailsWait]
        registrations.free = settings[SettingsCatalogue.registrationsPerAddress]
        registrations.firstWait = settings[SettingsCatalogue.registrationsWait]
        failureTime = settings[SettingsCatalogue.signInFailureTime]
        isRegistrationOpen = settings[SettingsCatalogue.registration]
        resetLifetime = settings[SettingsCatalogue.resetLifetime]
        verifyLifetime = settings[SettingsCatalogue.verifyLifetime]
        publicURL = settings[SettingsCatalogue.publicURL]
        secureCookies = settings[SettingsCatalogue.secureCookies]
        trustedProxies = settings[SettingsCatalogue.trustedProxies]
        totpName = settings[SettingsCatalogue.totpName]
    }
}
