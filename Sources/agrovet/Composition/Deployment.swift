import Events
import Foundation
import Logging
import Persistence
import ServiceLifecycle
import WebAPI

/// What all services of one process stand on.
struct Deployment: Sendable {
    let settings: Settings
    let folder: DataFolder
    let log: FileEventLog
    let metrics: MetricsRegistry
    let logger: Logger
    /// Signs sessions and links.
    let signingKey: SecretFile

    init(_ settings: Settings) throws {
        self.settings = settings
        folder = DataFolder(path: settings[SettingsCatalogue.data])
        try folder.create()
        signingKey = try SecretFile(path: folder.signingKey)
        logger = Logger(label: "agrovet")
        metrics = MetricsRegistry()
        var retention = FileEventLog.Configuration()
        retention.retentionBytes = settings[SettingsCatalogue.eventRetentionBytes]
        retention.retentionAge = settings[SettingsCatalogue.eventRetention]
        log = try FileEventLog(folder: folder.events, configuration: retention, logger: logger)
    }
}

/// What a service adds to the process that it runs in.
struct ServiceModule: Sendable {
    var routes: [Route] = []
    /// Work beside requests.
    var services: [any Service] = []
    var healthChecks: [HealthCheck] = []
    /// Topics that clients may follow.
    var topics: [String] = []
    /// Groups of its operations in the OpenAPI document, and what they are about.
    var tags: [(String, String)] = []
    var readyAnswers: (any ReadyAnswers)?
    /// Called when nothing is under way any more.
    var close: @Sendable () async throws -> Void = {}
}

/// The services, in the order that they start in.
enum ServiceName: String, Sendable, Hashable, CaseIterable {
    case auth
    case media
    case marketplace
    case profiles
}

extension Server {
    func module(_ service: ServiceName, _ deployment: Deployment, _ access: Access) async throws -> ServiceModule {
        switch service {
        case .auth: try await authModule(deployment, access)
        case .media: try await mediaModule(deployment)
        case .marketplace: try await marketplaceModule(deployment)
        case .profiles: try await profilesModule(deployment)
        }
    }

    /// A service's own database: a file in the data folder, or on PostgreSQL.
    /// - Parameter schema: keeps the service's tables apart from those of others in one PostgreSQL database.
    func openDatabase(_ service: String, _ folder: DataFolder, schema: String? = nil) throws -> any Database {
        let own = settings[SettingsCatalogue.databaseURLs][service]
        let url = own ?? settings[SettingsCatalogue.databaseURL]
        guard !url.isEmpty else { return try openSQLite(service, folder) }
        var configuration = PostgreSQLDatabase.Configuration(url: url, connections: settings[SettingsCatalogue.databaseConnections])
        configuration.schema = schema
        return PostgreSQLDatabase(configuration: configuration)
    }

    func openSQLite(_ service: String, _ folder: DataFolder) throws -> SQLiteDatabase {
        var configuration = SQLiteDatabase.Configuration(path: "\(folder.databases)/\(service).sqlite")
        configuration.maximumReaders = settings[SettingsCatalogue.databaseConnections]
        return try SQLiteDatabase(configuration)
    }
}
