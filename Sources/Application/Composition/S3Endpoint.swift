import Events
import Foundation
import Hummingbird
import Logging
import MediaService
import ObjectStorage
import Persistence
import S3Service
import ServiceLifecycle
import WebAPI

/// The S3 protocol on a port of its own.
struct S3Endpoint: Sendable {
    let services: [any Service]
    /// Of the storage console, for the main port.
    let consoleRoutes: [Route]
    fileprivate let database: any Database
    fileprivate let claim: FolderLock

    func close() async { await database.close() }
}

extension Server {
    /// Nil where the setting says that S3 is not served.
    func s3Endpoint(
        _ objects: LocalObjectStore, _ media: MediaService, _ log: any EventLog, _ folder: DataFolder, _ metrics: MetricsRegistry,
        _ logger: Logger
    ) async throws -> S3Endpoint? {
        guard settings[SettingsCatalogue.s3] else { return nil }
        let claim = try folder.claim("s3")
        let database = try openDatabase("s3", folder)
        try await Migrator.migrate(database, service: "s3", S3Service.migrations)
        try await Migrator.migrate(database, service: "s3-notifications", BucketNotifications.migrations)
        let secret = try SecretFile(path: folder.s3Key)
        let keys = AccessKeyStore(database: database, secret: secret.value, root: try RootKeyFile.load(path: folder.s3RootKey))
        let s3 = S3Service(
            store: objects.versions, keys: keys, keySecret: secret.value, settings: S3Settings(settings), metrics: metrics, logger: logger)
        let buckets = MediaBuckets(
            media: media, log: log, store: objects.versions, settings: MediaBucketSettings(settings), bytes: s3.mediaBytes)
        try await buckets.prepare()
        let notifications = BucketNotifications(
            store: objects.versions, log: log, database: database, settings: try BucketNotifications.Settings(settings), logger: logger)
        let address = S3PublicAddress(configured: settings[SettingsCatalogue.s3PublicURL])
        var consoleSettings = StorageConsoleSettings(administrator: Self.owner)
        consoleSettings.publicURL = settings[SettingsCatalogue.publicURL]
        let console = StorageConsole(service: s3, settings: consoleSettings, address: address)
        let host = settings[SettingsCatalogue.host]
        let application = Application(
            responder: s3.responder,
            server: .api(
                limits: HTTPConnectionLimits(
                    headerBytes: settings[SettingsCatalogue.headerBytes], headerCount: settings[SettingsCatalogue.headerCount],
                    idleTimeout: settings[SettingsCatalogue.idleTimeout], sendTimeout: settings[SettingsCatalogue.sendTimeout]),
                ready: s3.readyAnswers, metrics: metrics, serverName: Self.name, refusal: S3Service.refusal),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: settings[SettingsCatalogue.s3Port]), serverName: Self.name, backlog: Self.backlog,
                availableConnectionsDelegate: .maximum(connectionLimit, logger: logger)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? settings[SettingsCatalogue.s3Port]
                address.listening(port: port)
                print("S3 endpoint: http://\(Self.shown(host)):\(port)")
                fflush(nil)
            },
            logger: logger)
        return S3Endpoint(
            services: [application] + s3.services + buckets.services + notifications.services, consoleRoutes: console.routes,
            database: database, claim: claim)
    }
}

extension BucketNotifications.Settings {
    /// - Throws: where an entry of `s3-webhooks` is no name with an address.
    init(_ settings: Settings) throws {
        self.init()
        for entry in settings[SettingsCatalogue.s3Webhooks] {
            let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[0].wholeMatch(of: /[a-z0-9-]{1,64}/) != nil, let url = URL(string: parts[1]),
                ["http", "https"].contains(url.scheme), url.host() != nil
            else { throw InvalidWebhook(name: parts.first ?? "") }
            webhooks[parts[0]] = parts[1]
        }
        secret = settings[SettingsCatalogue.s3WebhookSecret]
        region = settings[SettingsCatalogue.s3Region]
        timeout = settings[SettingsCatalogue.s3WebhookTimeout]
        patience = settings[SettingsCatalogue.s3WebhookPatience]
    }

    struct InvalidWebhook: Error, CustomStringConvertible {
        let name: String
        var description: String { "s3-webhooks: \(name) is no NAME=URL with a name of a-z, 0-9 and - and an http or https address" }
    }
}

extension S3Settings {
    init(_ settings: Settings) {
        self.init()
        region = settings[SettingsCatalogue.s3Region]
        trustedProxies = settings[SettingsCatalogue.trustedProxies]
        domains = settings[SettingsCatalogue.s3Domains].map { $0.lowercased() }
        putBytes = settings[SettingsCatalogue.s3PutLimit]
        partBytes = settings[SettingsCatalogue.s3MinimumPartSize]
        pageKeys = settings[SettingsCatalogue.s3PageKeys]
        bucketsPerUser = settings[SettingsCatalogue.s3Buckets]
        webhooks = (try? BucketNotifications.Settings(settings)).map { Set($0.webhooks.keys) } ?? []
        lifecycleInterval = settings[SettingsCatalogue.s3LifecycleInterval]
        lifecycleDay = settings[SettingsCatalogue.s3LifecycleDay]
        clockSkew = Int(settings[SettingsCatalogue.s3ClockSkew] / .seconds(1))
        readOnlyBuckets = [
            MediaService.bucket: "The bucket \(MediaService.bucket) belongs to the media service and is only read through S3."
        ]
        acceptsOldForms = settings[SettingsCatalogue.s3SignatureV2] == "forms"
    }
}
