import Codecs
import Events
import Foundation
import Logging
import MediaPipeline
import ObjectStorage
import Persistence
import ServiceLifecycle
import WebAPI

/// Uploads, media records, render jobs and delivery.
public struct MediaService: Sendable {
    /// The topic of its events: `media.created`, `media.ready`, `media.failed`, `media.progress`, `media.updated`, `media.deleted`.
    public static let topic = "media.events"
    /// The bucket of the object store that originals and renditions are in.
    public static let bucket = MediaKeys.bucket.description
    /// The schema of its database.
    public static let migrations = MediaMigrations.all

    let core: MediaCore
    private let maker: RenditionMaker
    private let removals: ObjectRemovals
    private let transforms: TransformRoutes
    let resumable: ResumableUploads
    private let presign: PresignRoutes
    private let imports: ImportRoute

    /// - Parameters:
    ///   - database: its own, migrated to `migrations`.
    ///   - objects: where originals and renditions are kept, in the bucket `media`.
    ///   - signer: signs links to private items.
    ///   - transforms: who may ask for transformed pictures, and where they are kept.
    ///   - intake: the ways in beside the form.
    ///   - scanner: looks at uploads for malware; nil where none is to.
    ///   - wakeRelay: called after a commit that left events in the outbox.
    public init(
        database: any Database, objects: any ObjectStore, pipeline: MediaPipeline, signer: URLSigner, settings: MediaSettings,
        transforms: TransformSettings, intake: IntakeSettings, scanner: UploadScanner? = nil, metrics: MetricsRegistry, logger: Logger,
        wakeRelay: @escaping @Sendable () -> Void
    ) {
        core = MediaCore(
            database: database, objects: objects, pipeline: pipeline, signer: signer, settings: settings, metrics: metrics, logger: logger,
            transformCache: TransformCache(folder: transforms.cacheFolder, limit: transforms.cacheBytes, logger: logger),
            deliveryCache: DeliveryCache(limits: settings.delivery), renditionUses: RenditionUses(isOn: settings.renditionBytes > 0),
            scanner: scanner, wakeRelay: wakeRelay)
        maker = RenditionMaker(core: core)
        removals = ObjectRemovals(core: core)
        self.transforms = TransformRoutes(core: core, settings: transforms)
        resumable = ResumableUploads(core: core, settings: intake.resumable)
        presign = PresignRoutes(core: core, settings: intake.presign)
        imports = ImportRoute(core: core, settings: intake.imports)
        metrics.collect { [core] in await Self.gauges(core) }
    }

    /// Who may be told of an event: what is private is its owner's business, and what has become so since the event is too.
    @Sendable public func mayRead(_ event: CloudEvent, _ reader: Principal) async throws -> Bool {
        guard MediaEvents.mayRead(event, reader) else { return false }
        // One that is told as it happens says what is.
        guard Date().timeIntervalSince(event.time) > Self.freshness, let id = MediaID(event.subject), let record = try await core.find(id)
        else { return true }
        return record.visibility != .private || record.owner == reader.subject
    }

    /// Seconds.
    private static let freshness = 2.0

    /// Makes the bucket, and tidies up after a crash. To be called once, before requests are taken.
    public func prepare() async throws {
        try await core.objects.createBucket(MediaKeys.bucket)
        try await core.transformCache.load()
        ScratchFile.sweep(core.settings.temporaryFolder)
        try await ResumableSweeper(uploads: resumable).prepare()
        guard core.settings.isExclusive else { return }
        try await core.database.write { try RenderQueue.releaseAll(on: $0) }
        try await removals.removeRequested()
        try await removals.removeUnacknowledged(since: Date(timeIntervalSinceNow: -86_400))
    }

    public var routes: [Route] {
        UploadRoute(core: core).routes + TusRoutes(uploads: resumable).routes + presign.routes + imports.routes
            + MediaRoutes(core: core).routes + DeliveryRoutes(core: core, maker: maker).routes + transforms.routes
    }

    /// The work that goes on beside requests.
    public var services: [any Service] {
        [RenderWorkers(core: core, removals: removals), ResumableSweeper(uploads: resumable)]
            + (core.settings.renditionBytes > 0 ? [RenditionEviction(core: core)] : [])
    }

    /// What the HTTP server gives without asking.
    public var readyAnswers: any ReadyAnswers { core.deliveryCache }

    public var healthChecks: [HealthCheck] {
        [
            HealthCheck("database") { [core] in
                _ = try await core.database.read { try $0.query("SELECT 1 AS one") }
                return core.database.dialect.rawValue
            },
            HealthCheck("queue") { [core] in
                let jobs = try await core.database.read { try RenderQueue.length(on: $0) }
                let videos = try await core.database.read { try RenderQueue.length(.videos, on: $0) }
                return "\(jobs) render jobs, \(videos) videos to write"
            },
        ] + (core.scanner.map { [$0.healthCheck] } ?? [])
    }

    /// What a client sees of an error of this service's parts; nil where it is none of theirs.
    public static func apiError(_ error: any Error) -> APIError? {
        switch error {
        case ObjectStoreError.diskFull, DatabaseError.diskFull: .insufficientStorage
        case DatabaseError.unavailable, DatabaseError.conflict, ObjectStoreError.unavailable, CodecError.killed:
            APIError(
                .serviceUnavailable, code: "unavailable", detail: "The server is busy. Try again in a moment.", headers: [.retryAfter: "2"])
        default: nil
        }
    }

    private static func gauges(_ core: MediaCore) async -> [MetricsRegistry.Gauge] {
        let load = core.pipeline.load
        var gauges = [
            MetricsRegistry.Gauge("agrovet_renders_running", "Renders under way.", Double(load.running)),
            MetricsRegistry.Gauge("agrovet_renders_waiting", "Renders that wait for memory or a worker.", Double(load.waiting)),
            MetricsRegistry.Gauge("agrovet_render_reserved_bytes", "Memory that renders have reserved.", Double(load.reservedBytes)),
        ]
        let cached = core.transformCache.size
        gauges.append(MetricsRegistry.Gauge("agrovet_transform_cache_bytes", "Transformed pictures kept on disk.", Double(cached.bytes)))
        gauges.append(MetricsRegistry.Gauge("agrovet_transform_cache_files", "Transformed pictures kept on disk.", Double(cached.files)))
        let ready = core.deliveryCache.size
        gauges.append(MetricsRegistry.Gauge("agrovet_delivery_cache_answers", "Answers kept ready.", Double(ready.answers)))
        gauges.append(MetricsRegistry.Gauge("agrovet_delivery_cache_bytes", "Memory of answers kept ready.", Double(ready.bytes)))
        gauges.append(MetricsRegistry.Gauge("agrovet_delivery_cache_files", "Files kept open for answers.", Double(ready.files)))
        if let (jobs, counts) = try? await core.database.read({ (try RenderQueue.length(on: $0), try MediaTable.counts(on: $0)) }) {
            gauges.append(MetricsRegistry.Gauge("agrovet_render_jobs", "Render jobs not settled yet.", Double(jobs)))
            if let videos = try? await core.database.read({ try RenderQueue.length(.videos, on: $0) }) {
                gauges.append(MetricsRegistry.Gauge("agrovet_video_jobs", "Videos still to be written for browsers.", Double(videos)))
            }
            for (status, count) in counts {
                gauges.append(MetricsRegistry.Gauge("agrovet_media_items", "Media items.", Double(count), labels: [("status", status)]))
            }
        }
        return gauges
    }
}
