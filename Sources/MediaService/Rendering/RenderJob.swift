import Codecs
import Foundation
import MediaPipeline
import ObjectStorage
import Persistence

/// One attempt of one render job, from the original's bytes to the record's new state.
struct RenderJob: Sendable {
    let core: MediaCore
    let lease: RenderQueue.Lease

    func run() async throws {
        let start = ContinuousClock.now
        let outcome: Attempt<RenderResult>
        do {
            outcome = try await lease.attempt(in: core) { try await core.pipeline.render(path: $0) }
        } catch is RenderQueue.LeaseLost {
            return try await Task { try await core.lost(lease) }.value
        }
        // Shielded: an attempt that was cancelled still gives its job back.
        try await Task { try await settle(outcome) }.value
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let result =
            switch outcome {
            case .done: "ready"
            case .failed: "failed"
            case .retry: "retry"
            }
        core.metrics.observe(
            "agrovet_render_duration_seconds", "Time from taking a render job to settling it.", seconds, labels: [("result", result)])
    }

    private func settle(_ outcome: Attempt<RenderResult>) async throws {
        switch outcome {
        case .done(let result):
            do {
                let made = try await RenditionStore(objects: core.objects).store(result.renditions, of: lease.mediaID)
                try await core.finish(lease.mediaID, status: .ready, failure: nil, result: result, made: made)
            } catch {
                let retry = core.retry(lease.attempt, after: error) ?? (after: core.settings.retries.firstWait, countsAs: .attempt)
                core.logger.error("rendered, but not stored", metadata: ["media_id": "\(lease.mediaID)", "error": "\(error)"])
                try await core.release(lease, after: retry.after, countsAs: retry.countsAs)
            }
        case .failed(let failure):
            core.logger.notice("cannot be rendered", metadata: ["media_id": "\(lease.mediaID)", "code": "\(failure.code)"])
            try await core.finish(lease.mediaID, status: .failed, failure: failure, result: nil, made: [])
        case .retry(let after, let reason, let toll):
            core.logger.warning(
                "render will be tried again",
                metadata: ["media_id": "\(lease.mediaID)", "attempt": "\(lease.attempt)", "error": "\(reason)"])
            try await core.release(lease, after: after, countsAs: toll)
        }
    }
}
