import Events
import MarketplaceService
import Persistence
import WebAPI

extension Server {
    func marketplaceModule(_ deployment: Deployment) async throws -> ServiceModule {
        let database = try openDatabase("marketplace", deployment.folder, schema: "marketplace")
        try await Migrator.migrate(database, service: "marketplace", MarketplaceService.migrations)
        let relay = OutboxRelay(database: database, log: deployment.log, logger: deployment.logger)
        let marketplace = MarketplaceService(
            database: database, log: deployment.log, payments: try paymentProvider(), settings: MarketplaceSettings(settings),
            logger: deployment.logger, wakeRelay: { relay.wake() })
        return ServiceModule(
            routes: marketplace.routes, services: [relay] + marketplace.services, healthChecks: marketplace.healthChecks,
            topics: [EventStream.Topic(name: MarketplaceService.topic, mayRead: MarketplaceEvents.mayRead)],
            outboxes: [("marketplace", database)], inboxes: [database], tags: MarketplaceService.tags, close: { await database.close() })
    }

    private func paymentProvider() throws -> any PaymentProvider {
        guard settings[SettingsCatalogue.paymentProvider] == "webhook" else { return OfflinePayment() }
        guard let secret = WebhookSecret(settings[SettingsCatalogue.paymentSecret]) else {
            throw SettingError.malformed(
                key: SettingsCatalogue.paymentSecret.key, source: "payment-provider webhook",
                expected: "whsec_ and the base64 of 24 to 64 bytes: the provider's messages are not believed without")
        }
        return WebhookPayment(page: settings[SettingsCatalogue.paymentPage], secret: secret)
    }
}

extension MarketplaceSettings {
    init(_ settings: Settings) {
        self.init()
        addLifetime = settings[SettingsCatalogue.addLifetime]
        addsPerSeller = settings[SettingsCatalogue.addsPerSeller]
        paymentTimeout = settings[SettingsCatalogue.paymentTimeout]
        currency = settings[SettingsCatalogue.currency]
        savedSearchesPerUser = settings[SettingsCatalogue.savedSearches]
        idempotency = settings[SettingsCatalogue.idempotencyLifetime]
        mediaURL = settings[SettingsCatalogue.mediaURL]
        publicURL = settings[SettingsCatalogue.publicURL]
    }
}
