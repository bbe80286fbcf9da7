import AuthService
import Codecs
import Events
import Foundation
import Hummingbird
import Logging
import Persistence
import ServiceLifecycle
import WebAPI

/// The composition root: the one place that knows which adapter stands behind each protocol.
struct Server: Sendable {
    let settings: Settings

    /// In the Server field of answers.
    static let name = "agrovet"
    /// Connections that the kernel keeps for a listener until they are taken; beyond them a client waits a second before it tries again.
    static let backlog = 4096
    /// Whom the token of the first start stands for.
    static let owner = User.firstID
    /// How long the address that is printed at start opens the page signed in.
    private static let codeValidity: TimeInterval = 3600

    /// What the process may have open.
    private let openFiles = OpenFiles.raised()

    init(settings: Settings) { self.settings = settings }

    /// Connections at once that each listener takes; more wait.
    var connectionLimit: Int {
        openFiles.connections(wanted: settings[SettingsCatalogue.maxConnections], listeners: settings[SettingsCatalogue.s3] ? 2 : 1)
    }

    /// Runs until SIGINT or SIGTERM.
    func run() async throws {
        let level = Logger.Level(rawValue: settings[SettingsCatalogue.logLevel]) ?? .info
        LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: level) }
        try openFiles.requireEnough()
        try checkCodecs()
        let deployment = try Deployment(settings)
        let (folder, metrics, logger) = (deployment.folder, deployment.metrics, deployment.logger)
        if connectionLimit < settings[SettingsCatalogue.maxConnections] {
            logger.warning(
                "the process may have too few files open for max-connections",
                metadata: ["open_files": "\(openFiles.limit)", "connections": "\(connectionLimit)"])
        }
        let names = ServiceName.allCases.filter(settings[SettingsCatalogue.services].contains)
        // One process runs a service on a data folder; other services may run in other processes.
        let claims = try names.flatMap(\.claims).map(folder.claim)
        defer { withExtendedLifetime(claims) {} }
        let host = settings[SettingsCatalogue.host]
        let hasS3 = settings[SettingsCatalogue.s3] && names.contains(.media)
        try await PortCheck.check(
            host: host, ports: [settings[SettingsCatalogue.port]] + (hasS3 ? [settings[SettingsCatalogue.s3Port]] : []))
        let access = try await Access(self, deployment)
        var modules: [ServiceModule] = []
        for name in names {
            modules.append(try await module(name, deployment, access))
        }

        // HTTP.
        metrics.collect {
            [MetricsRegistry.Gauge("agrovet_disk_free_bytes", "Bytes free in the data folder.", Double((try? folder.freeBytes()) ?? 0))]
        }
        let gauges = EventGauges(
            outboxes: modules.flatMap(\.outboxes), inboxes: modules.flatMap(\.inboxes), log: deployment.log,
            topics: Self.eventCatalogue.topics)
        metrics.collect { await gauges.gauges() }
        var routes =
            modules.flatMap(\.routes)
            + EventStream(
                log: deployment.log, topics: modules.flatMap(\.topics), catalogue: Self.eventCatalogue,
                limits: EventStream.Limits(
                    streams: settings[SettingsCatalogue.maxEventStreams], streamsOfUser: settings[SettingsCatalogue.maxEventStreamsOfUser],
                    recheck: settings[SettingsCatalogue.credentialRecheck]), principal: { try await access.authenticator.principal(of: $0) }
            ).routes
            + EventSchemaRoute(
                catalogue: Self.eventCatalogue, publicURL: settings[SettingsCatalogue.publicURL]
            ).routes
            + HealthRoutes(
                checks: modules.flatMap(\.healthChecks) + [diskCheck(folder)], metrics: metrics,
                patience: settings[SettingsCatalogue.healthPatience]
            ).routes
            + ConsolePage.routes
        routes +=
            SchemaRoute(
                title: "Agrovet", version: Agrovet.version,
                tags: modules.flatMap(\.tags) + [("events", "What happens, as it happens"), ("server", "The server itself")],
                routes: routes,
                publicURL: settings[SettingsCatalogue.publicURL]
            ).routes
        var routing = RouterSettings()
        routing.corsOrigins = settings[SettingsCatalogue.corsOrigins]
        routing.jsonBytes = settings[SettingsCatalogue.jsonBodyLimit]
        routing.throttle = Throttle(settings: .init(settings))
        let router = APIRouter.router(
            routes: routes, authenticator: access.authenticator, metrics: metrics, settings: routing, translate: Self.apiError)

        let application = Application(
            router: router,
            server: .api(
                limits: HTTPConnectionLimits(
                    headerBytes: settings[SettingsCatalogue.headerBytes], headerCount: settings[SettingsCatalogue.headerCount],
                    idleTimeout: settings[SettingsCatalogue.idleTimeout], sendTimeout: settings[SettingsCatalogue.sendTimeout]),
                ready: modules.compactMap(\.readyAnswers).first, metrics: metrics, serverName: Self.name),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: settings[SettingsCatalogue.port]), serverName: Self.name, backlog: Self.backlog,
                availableConnectionsDelegate: .maximum(connectionLimit, logger: logger)),
            services: [access.follower] + modules.flatMap(\.services),
            onServerRunning: { channel in
                announce(port: channel.localAddress?.port ?? settings[SettingsCatalogue.port], access)
            },
            logger: logger)
        try await application.runService()

        // What is under way has ended; let go in the order of dependence.
        for module in modules.reversed() { try await module.close() }
    }

    /// What is switched on has to be possible: every photo would fail for its AVIF, with its WebP and JPEG.
    private func checkCodecs() throws(SettingError) {
        guard settings[SettingsCatalogue.avif], settings[SettingsCatalogue.services].contains(.media) else { return }
        let reason: String
        if !CodecLibraries.load(.heif) {
            reason = "AVIF cannot be written: libheif is not installed (Debian: libheif1)"
        } else if !CodecLibraries.hasAVIFEncoder {
            reason =
                "AVIF cannot be written: libheif finds no AV1 encoder; install its plugin for one (Debian 13, Ubuntu 24.04: libheif-plugin-aomenc)"
        } else {
            return
        }
        throw .impossible(key: SettingsCatalogue.avif.key, reason: reason)
    }

    private func announce(port: Int, _ access: Access) {
        let shown = Self.shown(settings[SettingsCatalogue.host])
        access.issuer.listening(at: "http://\(shown):\(port)")
        // Where accounts live in another process, that one prints the code.
        let code = access.pages.map { "#code=" + $0.makeCode(for: Self.owner, validity: Self.codeValidity) } ?? ""
        // Once, on standard output; logs are on standard error and never see the code.
        print("Agrovet \(Agrovet.version) is ready. Open http://\(shown):\(port)/\(code)")
        fflush(nil)
    }

    /// An address that a person can open, of one to listen on.
    static func shown(_ host: String) -> String {
        ["0.0.0.0", "::", ""].contains(host) ? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host
    }

    private func diskCheck(_ folder: DataFolder) -> HealthCheck {
        let minimumFree = settings[SettingsCatalogue.minimumFreeDisk]
        return HealthCheck("disk") {
            let free = try folder.freeBytes()
            guard free >= minimumFree else { throw DiskAlmostFull(free: free, minimum: minimumFree) }
            return "\(free / 1_048_576) MiB free"
        }
    }
}

/// The disk has less room than the setting asks for.
private struct DiskAlmostFull: Error, CustomStringConvertible {
    let free: Int
    let minimum: Int
    var description: String { "\(free) bytes free, the setting minimum-free-disk asks for \(minimum)" }
}

extension Throttle.Settings {
    init(_ settings: Settings) {
        self.init()
        anonymous = settings[SettingsCatalogue.throttleAnonymous]
        user = settings[SettingsCatalogue.throttleUser]
        trustedProxies = settings[SettingsCatalogue.trustedProxies]
    }
}
