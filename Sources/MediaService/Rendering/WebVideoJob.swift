import Codecs
import Foundation
import MediaPipeline
import NIOCore
import ObjectStorage
import Persistence
import Synchronization

/// One attempt to write a video as browsers play it. Its record is ready before: the pictures and the original are there.
struct WebVideoJob: Sendable {
    let core: MediaCore
    let lease: RenderQueue.Lease

    private struct Product {
        let playback: Playback
        let video: WebVideo
    }

    /// What is told of progress: at most so often, and only when it has moved by so much.
    private static let progressInterval = Duration.seconds(2)
    private static let progressStep = 0.05

    func run() async throws {
        let start = ContinuousClock.now
        let outcome: Attempt<Product>
        do {
            outcome = try await lease.attempt(in: core) { try await write($0) }
        } catch is RenderQueue.LeaseLost {
            return try await Task { try await core.lost(lease) }.value
        }
        // Shielded: an attempt that was cancelled still gives its job back.
        try await Task { try await settle(outcome) }.value
        core.metrics.observe(
            "agrovet_web_video_duration_seconds", "Time from taking a video to having it written for browsers.",
            (ContinuousClock.now - start) / .seconds(1))
    }

    private func write(_ original: String) async throws -> Product {
        let hasSegments = core.pipeline.settings.webVideo?.segmentDuration != nil
        let video = try ScratchFile(in: core.settings.temporaryFolder)
        let segments = hasSegments ? try ScratchFile(in: core.settings.temporaryFolder) : nil
        defer { withExtendedLifetime((video, segments)) {} }

        let (reports, sender) = AsyncStream.makeStream(of: Double.self, bufferingPolicy: .bufferingNewest(1))
        let teller = Task { await tell(reports) }
        defer { teller.cancel() }
        let written = try await core.pipeline.writeWebVideo(path: original, to: video.path, segmentsTo: segments?.path) {
            sender.yield($0)
        }
        sender.finish()
        // Nothing is told of progress after the end.
        await teller.value

        let store = RenditionStore(objects: core.objects)
        let size = try await store.store(file: video.path, as: MediaKeys.webVideo(lease.mediaID), contentType: "video/mp4")
        if let segments {
            _ = try await store.store(file: segments.path, as: MediaKeys.segments(lease.mediaID), contentType: "video/mp4")
        }
        return Product(
            playback: Playback(
                status: .ready, perMille: 1000, failure: written.lacksSound ? .soundLeftOut : nil, size: written.size, byteCount: size,
                hasSegments: hasSegments),
            video: written)
    }

    /// Puts the progress on the record and into the event stream.
    private func tell(_ reports: AsyncStream<Double>) async {
        var told = (at: ContinuousClock.now, share: 0.0)
        for await share in reports where share - told.share >= Self.progressStep && told.at.duration(to: .now) >= Self.progressInterval {
            told = (.now, share)
            do {
                try await core.database.write { connection in
                    guard var record = try MediaTable.find(lease.mediaID, on: connection), record.playback?.status == .processing else {
                        return
                    }
                    record.playback?.perMille = Int(share * 1000)
                    try core.update(record, event: "media.progress", on: connection)
                }
                core.wakeRelay()
            } catch {
                core.logger.debug("progress was not noted", metadata: ["media_id": "\(lease.mediaID)", "error": "\(error)"])
            }
        }
    }

    private func settle(_ outcome: Attempt<Product>) async throws {
        switch outcome {
        case .done(let product):
            try await finish(product.playback, product.video)
        case .failed(let failure):
            core.logger.notice(
                "cannot be written for browsers", metadata: ["media_id": "\(lease.mediaID)", "code": "\(failure.code)"])
            try await finish(Playback(status: .failed, failure: failure), nil)
        case .retry(let after, let reason, let toll):
            core.logger.warning(
                "video will be written again",
                metadata: ["media_id": "\(lease.mediaID)", "attempt": "\(lease.attempt)", "error": "\(reason)"])
            try await core.release(lease, after: after, countsAs: toll)
        }
    }

    /// The record's new state, the list of segments, the event, and the job's end, in one transaction.
    private func finish(_ playback: Playback, _ video: WebVideo?) async throws {
        let list = try video.flatMap { $0.segments.isEmpty ? nil : String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        try await core.database.write { connection in
            guard var record = try MediaTable.find(lease.mediaID, on: connection) else {
                // Deleted while it was written: what was just stored must go too.
                return try ObjectRemovals.request(lease.mediaID, now: MediaCore.now(), on: connection)
            }
            record.playback = playback
            if let video, let facts = record.video, case let completed = facts.completed(by: video, bytes: record.size), completed != facts
            {
                record.video = completed
                try MediaTable.updateVideo(record, on: connection)
            }
            if let list {
                try connection.execute(
                    "INSERT INTO segment_lists (media_id, list) VALUES ($1, $2) ON CONFLICT (media_id) DO UPDATE SET list = excluded.list",
                    [SQLValue(lease.mediaID.description), SQLValue(list)])
            }
            try RenderQueue.remove(lease.mediaID, .videos, on: connection)
            try core.update(record, event: "media.updated", on: connection)
        }
        core.wakeRelay()
        await core.removalSignal.wake()
        await core.settled.settle(lease.mediaID)
        core.metrics.count(
            "agrovet_web_videos_total", "Videos written for browsers, or given up.", labels: [("status", playback.status.rawValue)])
    }
}

extension MediaFailure {
    /// The video is there all the same.
    fileprivate static let soundLeftOut = MediaFailure(
        code: "sound_left_out", message: "The sound is of a kind that cannot be decoded here. It was left out.")
}

extension MediaCore {
    /// Writes a record's playback, and its event.
    fileprivate func update(_ record: MediaRecord, event: String, on connection: any SQLConnection) throws {
        var record = record
        record.updated = Self.now()
        guard let playback = record.playback, try Playback.update(playback, of: record.id, now: record.updated, on: connection) else {
            return
        }
        let made = try MediaTable.renditions(of: [record.id], on: connection)[record.id] ?? []
        try emit(event, record, made: made, on: connection)
    }
}
