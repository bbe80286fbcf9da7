import Codecs
import Hummingbird
import MediaPipeline
import ObjectStorage
import WebAPI

/// Makes transformed pictures, each once however many ask for it at the same time (single flight), and turns requests away
/// where too many are under way.
actor TransformMaker {
    /// One picture to make.
    struct Order: Sendable {
        let record: MediaRecord
        let operations: TransformOperations
        let format: OutputFormat
        let watermark: MediaRecord?

        /// Everything that the bytes depend on; the number goes up where the same recipe comes out differently.
        func key(_ settings: PipelineSettings) -> TransformCache.Key {
            let quality = "\(settings.jpegQuality) \(settings.webpQuality) \(settings.transformWebPMethod) \(settings.avifQuality)"
            return TransformCache.Key(
                mediaID: record.id, format: format,
                recipe: "1\n\(record.sha256)\n\(operations)\n\(format.rawValue)\n\(quality)\n\(watermark?.sha256 ?? "")")
        }
    }

    private let core: MediaCore
    private let settings: TransformSettings
    private var flights: [TransformCache.Key: Task<any ObjectReader, any Error>] = [:]

    init(core: MediaCore, settings: TransformSettings) {
        self.core = core
        self.settings = settings
    }

    /// Transforms under way.
    var load: Int { flights.count }

    /// - Throws: `APIError` 503 where too many are under way; `TransformError`; `CodecError`.
    func make(_ order: Order) async throws -> any ObjectReader {
        let key = order.key(core.pipeline.settings)
        if let running = flights[key] { return try await running.value }
        guard flights.count < settings.inFlight else {
            core.metrics.count("agrovet_transforms_refused_total", "Transforms refused because too many were under way.")
            throw APIError.busy
        }
        // It goes on when one who waits goes away: the others still want it, and so will the next.
        let task = Task { [core, settings] in try await Self.render(order, key, core, settings) }
        flights[key] = task
        defer { flights[key] = nil }
        return try await task.value
    }

    private static func render(
        _ order: Order, _ key: TransformCache.Key, _ core: MediaCore, _ settings: TransformSettings
    ) async throws -> any ObjectReader {
        // Made between the caller's look and now.
        if let kept = await core.transformCache.open(key) { return kept }
        let original = try await open(order.record, core)
        let watermark: (any ObjectReader)? = if let record = order.watermark { try await open(record, core) } else { nil }
        // The paths hold for as long as the readers live, which the optimiser would end at their last use.
        defer { withExtendedLifetime((original, watermark)) {} }
        let rendition = try await core.pipeline.transform(
            path: try await original.localPath(), operations: order.operations, format: order.format,
            watermarkPath: try await watermark?.localPath(), limits: settings.limits)
        core.metrics.count("agrovet_transforms_rendered_total", "Transformed pictures made.", labels: [("format", order.format.rawValue)])
        let reader = await core.transformCache.store(rendition.bytes, for: key)
        // Deleted while it was made: what was just stored must go too.
        if try await core.find(order.record.id) == nil { await core.transformCache.purge(order.record.id) }
        return reader
    }

    private static func open(_ record: MediaRecord, _ core: MediaCore) async throws -> any ObjectReader {
        guard let reader = try await core.objects.open(MediaKeys.original(record.id), in: MediaKeys.bucket) else { throw APIError.notFound }
        return reader
    }
}
