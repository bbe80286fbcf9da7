import Events
import Logging
import Persistence
import ServiceLifecycle
import WebAPI

/// Who specialists, businessmen and consumers are: profiles, licences and reviews. Of users and media it knows what events told it.
public struct ProfilesService: Sendable {
    /// The topic of its events: `profile.created`, `profile.updated`, `profile.deleted`, `specialty.…`.
    public static let topic = "user.events"
    /// The schema of its database.
    public static let migrations = ProfilesMigrations.all
    /// Groups of its operations, and what they are about.
    public static let tags = [
        ("profiles", "Specialists, businessmen and consumers"), ("specialties", "What specialists are good at"),
        ("licences", "Licences of specialists, and who verified them"), ("reviews", "What users say of specialists"),
    ]

    private let core: ProfilesCore
    private let log: any EventLog

    /// - Parameters:
    ///   - database: its own, migrated to `migrations`.
    ///   - log: where events of users and media come from.
    ///   - wakeRelay: called after a commit that left events in the outbox.
    public init(
        database: any Database, log: any EventLog, settings: ProfilesSettings, logger: Logger, wakeRelay: @escaping @Sendable () -> Void
    ) {
        core = ProfilesCore(database: database, settings: settings, logger: logger, wakeRelay: wakeRelay)
        self.log = log
    }

    public var routes: [Route] {
        ProfileKind.allCases.flatMap { ProfileRoutes(core: core, kind: $0).routes } + SpecialtyRoutes(core: core).routes
            + LicenceRoutes(core: core).routes + ReviewRoutes(core: core).routes
    }

    /// The work that goes on beside requests.
    public var services: [any Service] { ProfilesConsumers(core: core).services(log: log) + [ProfilesUpkeep(core: core)] }

    public var healthChecks: [HealthCheck] {
        [
            HealthCheck("profiles") { [core] in
                _ = try await core.database.read { try $0.query("SELECT 1 AS one") }
                return core.database.dialect.rawValue
            }
        ]
    }
}
