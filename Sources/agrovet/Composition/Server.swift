import Events
import Foundation
import Hummingbird
import Logging
import MediaPipeline
import MediaService
import ObjectStorage
import Persistence
import S3Service
import ServiceLifecycle
import WebAPI

/// The composition root: the one place that knows which adapter stands behind each protocol.
struct Server: Sendable {
    let settings: Settings

    /// In the Server field of answers.
    static let name = "agrovet"
    /// Whom the token of the first start stands for.
    static let owner = "admin"
    /// How long the address that is printed at start opens the page signed in.
    private static let codeValidity: TimeInterval = 3600

    /// Runs until SIGINT or SIGTERM.
    func run() async throws {
        let level = Logger.Level(rawValue: settings[SettingsCatalogue.logLevel]) ?? .info
        LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: level) }
        let logger = Logger(label: "agrovet")

        let folder = DataFolder(path: settings[SettingsCatalogue.data])
        try folder.create()
        // One process runs a service on a data folder; other services may run in other processes.
        let claims = try ["media", "objects"].map(folder.claim)
        defer { withExtendedLifetime(claims) {} }
        let token = try SecretFile(path: folder.apiToken)
        let signingKey = try SecretFile(path: folder.signingKey)
        let metrics = MetricsRegistry()

        // Persistence, objects, events.
        let mediaDatabase = try openDatabase("media", folder)
        let indexDatabase = try openSQLite("objects", folder)
        try await Migrator.migrate(mediaDatabase, service: "media", MediaService.migrations)
        try await Migrator.migrate(indexDatabase, service: "objects", Self.indexMigrations)
        let log = try FileEventLog(folder: folder.events, configuration: FileEventLog.Configuration(settings), logger: logger)
        let relay = OutboxRelay(database: mediaDatabase, log: log, logger: logger)
        let objectRelay = OutboxRelay(database: indexDatabase, log: log, logger: logger)
        let blobs = try await openBlobs(folder, logger)
        let objects = LocalObjectStore(
            versions: VersionedObjectStore(
                database: indexDatabase, blobs: blobs.store, configuration: .init(settings),
                journal: ObjectEvents.journal { objectRelay.wake() }, logger: logger),
            blobs: blobs.store, temporaryFolder: folder.temporary, owner: RootKeyFile.user)
        try await objects.recover()

        // Services.
        let signer = URLSigner(secret: signingKey.value)
        let pipeline = MediaPipeline(settings)
        let clamd = Clamd(settings)
        let scanner = clamd.map {
            UploadScanner(clamd: $0, isRequired: settings[SettingsCatalogue.scanRequired], metrics: metrics, logger: logger)
        }
        let media = MediaService(
            database: mediaDatabase, objects: objects, pipeline: pipeline, signer: signer, settings: MediaSettings(settings, folder),
            transforms: try TransformSettings(settings, folder), intake: IntakeSettings(settings, folder, signingKey), scanner: scanner,
            metrics: metrics, logger: logger, wakeRelay: { relay.wake() })
        try await media.prepare()
        let webhooks = Webhooks(
            database: mediaDatabase, log: log, key: try SecretFile(path: folder.webhookKey).value, settings: WebhookSettings(settings),
            metrics: metrics, logger: logger)
        try await webhooks.prepare()

        // HTTP.
        let sessions = Sessions(secret: signingKey.value, lifetime: settings[SettingsCatalogue.sessionLifetime] / .seconds(1))
        let authenticator = Authenticator(token: token.value, subject: Self.owner, sessions: sessions)
        let minimumFree = settings[SettingsCatalogue.minimumFreeDisk]
        let disk = HealthCheck("disk") {
            let free = try folder.freeBytes()
            guard free >= minimumFree else { throw DiskAlmostFull(free: free, minimum: minimumFree) }
            return "\(free / 1_048_576) MiB free"
        }
        metrics.collect {
            [MetricsRegistry.Gauge("agrovet_disk_free_bytes", "Bytes free in the data folder.", Double((try? folder.freeBytes()) ?? 0))]
        }
        let gauges = EventGauges(
            outboxes: [("media", mediaDatabase), ("objects", indexDatabase)], inboxes: [mediaDatabase], log: log,
            topics: Self.eventCatalogue.topics)
        metrics.collect { await gauges.gauges() }
        let s3 = try await s3Endpoint(objects, media, log, folder, metrics, logger)
        let routes =
            media.routes + webhooks.routes
            + SessionRoutes(authenticator: authenticator, secureCookies: settings[SettingsCatalogue.secureCookies]).routes
            + EventStream(
                log: log, topics: Self.eventTopics, catalogue: Self.eventCatalogue, limit: settings[SettingsCatalogue.maxEventStreams]
            ).routes
            + EventSchemaRoute(catalogue: Self.eventCatalogue, publicURL: settings[SettingsCatalogue.publicURL]).routes
            + HealthRoutes(checks: media.healthChecks + [disk] + blobs.healthChecks, metrics: metrics).routes
            + InfoRoute(
                pipeline: pipeline.settings, uploadBytes: settings[SettingsCatalogue.uploadLimit],
                resumableBytes: settings[SettingsCatalogue.resumableLimit], hasStorage: s3 != nil
            ).routes
            + (s3?.consoleRoutes ?? []) + ConsolePage.routes
        let router = APIRouter.router(
            routes: routes, authenticator: authenticator, metrics: metrics, corsOrigins: settings[SettingsCatalogue.corsOrigins],
            translate: MediaService.apiError)

        let host = settings[SettingsCatalogue.host]
        let application = Application(
            router: router,
            server: .api(
                limits: HTTPConnectionLimits(
                    headerBytes: settings[SettingsCatalogue.headerBytes], headerCount: settings[SettingsCatalogue.headerCount],
                    idleTimeout: settings[SettingsCatalogue.idleTimeout], sendTimeout: settings[SettingsCatalogue.sendTimeout]),
                ready: media.readyAnswers, metrics: metrics, serverName: Self.name),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: settings[SettingsCatalogue.port]), serverName: Self.name,
                availableConnectionsDelegate: .maximum(settings[SettingsCatalogue.maxConnections], logger: logger)),
            services: [relay, objectRelay] + media.services + webhooks.services + (s3?.services ?? [])
                + storageUpkeep(objects, logger: logger),
            onServerRunning: { channel in
                announce(port: channel.localAddress?.port ?? settings[SettingsCatalogue.port], sessions: sessions)
            },
            logger: logger)
        try await application.runService()

        // What is under way has ended; let go in the order of dependence.
        pipeline.close()
        clamd?.close()
        await s3?.close()
        try await objects.close()
        await blobs.close()
        await mediaDatabase.close()
        await indexDatabase.close()
    }

    private func announce(port: Int, sessions: Sessions) {
        let shown = Self.shown(settings[SettingsCatalogue.host])
        let code = sessions.makeCode(for: Self.owner, validity: Self.codeValidity)
        // Once, on standard output; logs are on standard error and never see the code.
        print("Agrovet \(Agrovet.version) is ready. Open http://\(shown):\(port)/#code=\(code)")
        fflush(nil)
    }

    /// An address that a person can open, of one to listen on.
    static func shown(_ host: String) -> String {
        ["0.0.0.0", "::", ""].contains(host) ? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host
    }

    func openDatabase(_ service: String, _ folder: DataFolder) throws -> any Database {
        let url = settings[SettingsCatalogue.databaseURL]
        guard !url.isEmpty else { return try openSQLite(service, folder) }
        return PostgreSQLDatabase(configuration: .init(url: url, connections: settings[SettingsCatalogue.databaseConnections]))
    }

    func openSQLite(_ service: String, _ folder: DataFolder) throws -> SQLiteDatabase {
        var configuration = SQLiteDatabase.Configuration(path: "\(folder.databases)/\(service).sqlite")
        configuration.maximumReaders = settings[SettingsCatalogue.databaseConnections]
        return try SQLiteDatabase(configuration)
    }
}

/// The disk has less room than the setting asks for.
private struct DiskAlmostFull: Error, CustomStringConvertible {
    let free: Int
    let minimum: Int
    var description: String { "\(free) bytes free, the setting minimum-free-disk asks for \(minimum)" }
}

extension TransformSigner {
    /// The keys of the setting, or the one in the data folder, which is made where there is none.
    init(_ settings: Settings, _ folder: DataFolder) throws {
        let keys = settings[SettingsCatalogue.transformKeys]
        self.init(keys: keys.isEmpty ? [try SecretFile(path: folder.transformKey).value] : keys)
    }
}

extension TransformLimits {
    init(_ settings: Settings) {
        self.init()
        pixels = settings[SettingsCatalogue.transformPixels]
        blur = settings[SettingsCatalogue.transformBlur]
        pixelRatio = settings[SettingsCatalogue.transformDPR]
    }
}

extension TransformSettings {
    init(_ settings: Settings, _ folder: DataFolder) throws {
        self.init(signer: try TransformSigner(settings, folder), cacheFolder: folder.cache)
        allowsUnsigned = settings[SettingsCatalogue.transformUnsigned]
        limits = TransformLimits(settings)
        cacheBytes = settings[SettingsCatalogue.transformCacheBytes]
        inFlight = settings[SettingsCatalogue.transformRenders]
    }
}

extension IntakeSettings {
    init(_ settings: Settings, _ folder: DataFolder, _ signingKey: SecretFile) {
        var resumable = ResumableSettings(folder: folder.uploads)
        resumable.uploadBytes = settings[SettingsCatalogue.resumableLimit]
        resumable.lifetime = settings[SettingsCatalogue.resumableLifetime]
        resumable.uploadsPerOwner = settings[SettingsCatalogue.resumableUploads]
        resumable.stall = settings[SettingsCatalogue.resumableStall]
        let keys = settings[SettingsCatalogue.presignKeys]
        var presign = PresignSettings(signer: URLSigner(secrets: keys.isEmpty ? [signingKey.value] : keys, purpose: .uploading))
        presign.lifetime = settings[SettingsCatalogue.presignLifetime]
        self.init(resumable: resumable, presign: presign)
        imports.isOn = settings[SettingsCatalogue.importOn]
        imports.policy = AddressPolicy(allowing: settings[SettingsCatalogue.importAllow])
        imports.ports = settings[SettingsCatalogue.importPorts]
        imports.redirects = settings[SettingsCatalogue.importRedirects]
        imports.connectTimeout = settings[SettingsCatalogue.importConnectTimeout]
        imports.timeout = settings[SettingsCatalogue.importTimeout]
        imports.atOnce = settings[SettingsCatalogue.imports]
    }
}

extension MediaSettings {
    init(_ settings: Settings, _ folder: DataFolder) {
        self.init()
        temporaryFolder = folder.temporary
        uploadBytes = settings[SettingsCatalogue.uploadLimit]
        uploadFiles = settings[SettingsCatalogue.uploadFiles]
        waitLimit = settings[SettingsCatalogue.waitLimit]
        signedURLLifetime = settings[SettingsCatalogue.signedURLLifetime]
        lease = settings[SettingsCatalogue.jobLease]
        jobAttempts = settings[SettingsCatalogue.jobAttempts]
        jobBackoff = settings[SettingsCatalogue.jobBackoff]
        publicURL = settings[SettingsCatalogue.publicURL]
        rendersOnRequest = settings[SettingsCatalogue.renditionRenders]
        renditionBytes = settings[SettingsCatalogue.renditionCacheSize]
        delivery.bytes = settings[SettingsCatalogue.deliveryCacheBytes]
        delivery.bodyBytes = settings[SettingsCatalogue.deliveryCacheBody]
        delivery.files = settings[SettingsCatalogue.deliveryCacheFiles]
        delivery.recheck = settings[SettingsCatalogue.deliveryRecheck]
    }
}

extension Clamd {
    /// Nil where the setting names none.
    convenience init?(_ settings: Settings) {
        guard let address = settings[SettingsCatalogue.clamd] else { return nil }
        self.init(
            address, timeout: settings[SettingsCatalogue.scanTimeout], connections: settings[SettingsCatalogue.scanConnections])
    }
}

extension WebhookSettings {
    init(_ settings: Settings) {
        self.init()
        allowed = settings[SettingsCatalogue.webhookAllow]
        endpoints = settings[SettingsCatalogue.webhookEndpoints]
        timeout = settings[SettingsCatalogue.webhookTimeout]
        waits = settings[SettingsCatalogue.webhookRetries]
        connections = settings[SettingsCatalogue.webhookConnections]
        pending = settings[SettingsCatalogue.webhookPending]
        retention = settings[SettingsCatalogue.webhookRetention]
        secretOverlap = settings[SettingsCatalogue.webhookSecretOverlap]
        publicURL = settings[SettingsCatalogue.publicURL]
    }
}
