import Events
import Logging
import Persistence
import ServiceLifecycle
import WebAPI

/// Ads, orders and what is around them. Of users and media it knows what events told it.
public struct MarketplaceService: Sendable {
    /// The topic of its events: `add.created`, `add.updated`, `add.sold`, `add.deleted`, `category.…`.
    public static let topic = "marketplace.events"
    /// The schema of its database.
    public static let migrations = MarketplaceMigrations.all
    /// Groups of its operations, and what they are about.
    public static let tags = [
        ("adds", "Ads: search, post, change"), ("categories", "What ads are sorted into"), ("orders", "Buying and selling"),
        ("favourites", "Ads that a user keeps an eye on"), ("saved-searches", "Searches that a user makes again"),
        ("reports", "Ads that should not be"), ("sellers", "Who sells"),
    ]

    private let core: MarketplaceCore
    private let log: any EventLog

    /// - Parameters:
    ///   - database: its own, migrated to `migrations`.
    ///   - log: where events of users and media come from.
    ///   - wakeRelay: called after a commit that left events in the outbox.
    public init(
        database: any Database, log: any EventLog, payments: any PaymentProvider, settings: MarketplaceSettings, logger: Logger,
        wakeRelay: @escaping @Sendable () -> Void
    ) {
        core = MarketplaceCore(database: database, settings: settings, payments: payments, logger: logger, wakeRelay: wakeRelay)
        self.log = log
    }

    public var routes: [Route] {
        AddRoutes(core: core).routes + Purchase(core: core).routes + OrderRoutes(core: core).routes + PaymentRoutes(core: core).routes
            + CategoryRoutes(core: core).routes + FavouriteRoutes(core: core).routes + SavedSearchRoutes(core: core).routes
            + ReportRoutes(core: core).routes + SellerRoutes(core: core).routes
    }

    /// The work that goes on beside requests.
    public var services: [any Service] {
        MarketplaceConsumers(core: core).services(log: log) + [MarketplaceUpkeep(core: core)]
    }

    public var healthChecks: [HealthCheck] {
        [
            HealthCheck("marketplace") { [core] in
                _ = try await core.database.read { try $0.query("SELECT 1 AS one") }
                return core.database.dialect.rawValue
            }
        ]
    }
}
