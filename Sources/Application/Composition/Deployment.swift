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
        log = try FileEventLog(folder: folder.events, configuration: FileEventLog.Configuration(settings), logger: logger)
    }
}

/// What a service adds to the process that it runs in.
struct ServiceModule: Sendable {
    var routes: [Route] = []
    /// Work beside requests.
    var services: [any Service] = []
    var healthChecks: [HealthCheck] = []
    /// Topics that clients may follow.
    var topics: [EventStream.Topic] = []
    /// Databases with an outbox, by the service's name, and those with inboxes: what is measured of them.
    var outboxes: [(service: String, database: any Database)] = []
    var inboxes: [any Database] = []
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

    /// Where its tables are on PostgreSQL: each service has a schema of its own, but for the first, which was alone once.
    var schema: String? { self == .media ? nil : rawValue }

    /// What one process at a time may do on a data folder.
    var claims: [String] { self == .media ? ["media", "objects"] : [rawValue] }
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
        let url = databaseURL(of: service)
        guard !url.isEmpty else { return try openSQLite(service, folder) }
        var configuration = PostgreSQLDatabase.Configuration(url: url, connections: settings[SettingsCatalogue.databaseConnections])
        configuration.schema = schema
        return PostgreSQLDatabase(configuration: configuration)
    }

    func isOnPostgreSQL(_ service: ServiceName) -> Bool { !databaseURL(of: service.rawValue).isEmpty }

    private func databaseURL(of service: String) -> String {
        settings[SettingsCatalogue.databaseURLs][service] ?? settings[SettingsCatalogue.databaseURL]
    }

    func openSQLite(_ service: String, _ folder: DataFolder) throws -> SQLiteDatabase {
        var configuration = SQLiteDatabase.Configuration(path: "\(folder.databases)/\(service).sqlite")
        configuration.maximumReaders = settings[SettingsCatalogue.databaseConnections]
        return try SQLiteDatabase(configuration)
    }
}
