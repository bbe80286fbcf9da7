import Codecs
import Foundation
import MediaPipeline
import ObjectStorage
import Persistence
import WebAPI

/// Makes renditions that are asked for before they are there, each once however many ask at the same time (single flight).
actor RenditionMaker {
    /// What a flight makes: all that the plan promises, or one rendition.
    private enum Flight: Hashable {
        case planned(MediaID)
        case single(MediaID, RenditionRequest)
    }

    private let core: MediaCore
    private var flights: [Flight: Task<Void, any Error>] = [:]
    /// How long a request waits for a job that a worker has in hand.
    private static let patience = Duration.seconds(30)

    init(core: MediaCore) {
        self.core = core
    }

    /// Flights under way.
    var load: Int { flights.count }

    /// Returns when the rendition has been made, or when the item's job was settled and made none. Where the job still
    /// waits, it is done now, whole, so that nothing is rendered twice.
    ///
    /// - Throws: `APIError` 503 where too many are under way; `CodecError`.
    func make(_ request: RenditionRequest, of record: MediaRecord) async throws {
        if record.status == .processing {
            try await join(.planned(record.id)) { [core] in
                if let lease = try await core.lease(record.id) {
                    try await RenderJob(core: core, lease: lease).run()
                } else {
                    try await core.settled.wait(for: record.id, atMost: Self.patience) {
                        try await core.find(record.id).map { $0.status != .processing } ?? true
                    }
                }
            }
            let key = MediaKeys.rendition(record.id, request.preset.name, request.format)
            let isSettled = try await core.find(record.id).map { $0.status == .failed } ?? true
            if try await core.objects.head(key, in: MediaKeys.bucket) != nil || isSettled { return }
        }
        try await join(.single(record.id, request)) { [core] in
            // Made between the caller's look and now.
            let key = MediaKeys.rendition(record.id, request.preset.name, request.format)
            if try await core.objects.head(key, in: MediaKeys.bucket) == nil { try await core.renderSingle(request, of: record) }
        }
    }

    /// Waits for the flight, starting it where it is not under way. It goes on when one who waits is cancelled.
    private func join(_ flight: Flight, _ body: @escaping @Sendable () async throws -> Void) async throws {
        if let running = flights[flight] { return try await running.value }
        guard flights.count < core.settings.rendersOnRequest else {
            core.metrics.count("agrovet_renditions_refused_total", "Renditions refused because too many were being made.")
            throw APIError.busy
        }
        let task = Task { try await body() }
        flights[flight] = task
        defer { flights[flight] = nil }
        try await task.value
    }
}
