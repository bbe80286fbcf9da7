import Codecs
import Foundation
import MediaPipeline
import ObjectStorage
import Persistence

/// One attempt of one render job, from the original's bytes to the record's new state.
struct RenderJob: Sendable {
    let core: MediaCore
    let lease: RenderQueue.Lease

    /// How an attempt ended.
    private enum Outcome {
        case ready(RenderResult)
        case failed(MediaFailure)
        case retry(after: Duration, reason: String, countsAttempt: Bool)
    }

    func run() async throws {
        let start = ContinuousClock.now
        let outcome = try await lease.held(in: core) { try await attempt() }
        // Shielded: an attempt that was cancelled still gives its job back.
        try await Task { try await settle(outcome) }.value
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let result =
            switch outcome {
            case .ready: "ready"
            case .failed: "failed"
            case .retry: "retry"
            }
        core.metrics.observe(
            "agrovet_render_duration_seconds", "Time from taking a render job to settling it.", seconds, labels: [("result", result)])
    }

    private func attempt() async throws -> Outcome {
        guard lease.attempt <= core.settings.retries.attempts else {
            // The process died with this file in its hands as often as it may.
            return .failed(MediaFailure(code: "render_failed", message: "This file could not be processed."))
        }
        do {
            guard let reader = try await core.objects.open(MediaKeys.original(lease.mediaID), in: MediaKeys.bucket) else {
                return .failed(MediaFailure(code: "original_missing", message: "The file's bytes are not in the storage any more."))
            }
            // The path holds for as long as the reader lives, which the optimiser would end at its last use.
            defer { withExtendedLifetime(reader) {} }
            return .ready(try await core.pipeline.render(path: try await reader.localPath()))
        } catch let error as CodecError where error.isPermanent {
            return .failed(MediaFailure(code: error.code, message: error.message))
        } catch is CancellationError {
            return .retry(after: .zero, reason: "the server is shutting down", countsAttempt: false)
        } catch {
            return core.retry(lease.attempt, after: error).map {
                .retry(after: $0.after, reason: "\(error)", countsAttempt: $0.countsAttempt)
            }
                ?? .failed(MediaFailure(code: "render_failed", message: "This file could not be processed."))
        }
    }

    private func settle(_ outcome: Outcome) async throws {
        switch outcome {
        case .ready(let result):
            do {
                let made = try await RenditionStore(objects: core.objects).store(result.renditions, of: lease.mediaID)
                try await core.finish(lease.mediaID, status: .ready, failure: nil, result: result, made: made)
            } catch {
                let retry = core.retry(lease.attempt, after: error) ?? (after: core.settings.retries.firstWait, countsAttempt: true)
                core.logger.error("rendered, but not stored", metadata: ["media_id": "\(lease.mediaID)", "error": "\(error)"])
                try await core.release(lease, after: retry.after, countsAttempt: retry.countsAttempt)
            }
        case .failed(let failure):
            core.logger.notice("cannot be rendered", metadata: ["media_id": "\(lease.mediaID)", "code": "\(failure.code)"])
            try await core.finish(lease.mediaID, status: .failed, failure: failure, result: nil, made: [])
        case .retry(let after, let reason, let countsAttempt):
            core.logger.warning(
                "render will be tried again",
                metadata: ["media_id": "\(lease.mediaID)", "attempt": "\(lease.attempt)", "error": "\(reason)"])
            try await core.release(lease, after: after, countsAttempt: countsAttempt)
        }
    }
}
