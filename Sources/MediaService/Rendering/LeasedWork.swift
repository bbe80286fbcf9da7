import Codecs
import Foundation
import ObjectStorage

/// How an attempt of a job ended.
enum Attempt<Product: Sendable>: Sendable {
    case done(Product)
    case failed(MediaFailure)
    case retry(after: Duration, reason: String, countsAs: RenderQueue.Toll)
}

extension RenderQueue.Lease {
    /// One attempt on the item's original, with signs of life meanwhile, however long it takes.
    ///
    /// - Parameter body: gets the path of the original's bytes, which holds until it returns; cancelled where the job is lost.
    /// - Throws: `RenderQueue.LeaseLost` where the item was deleted meanwhile, or another worker has the job now.
    func attempt<Product: Sendable>(
        in core: MediaCore, _ body: @escaping @Sendable (_ original: String) async throws -> Product
    ) async throws -> Attempt<Product> {
        try await withSignsOfLife(every: min(core.settings.lease / 3, Self.glance), loses: RenderQueue.LeaseLost.self) {
            try await core.keep(self)
        } during: {
            try await attemptOnce(in: core, body)
        }
    }

    /// How soon work ends that nobody waits for any more: writing a video takes minutes, and the next one waits for it.
    private static let glance = Duration.seconds(2)

    private func attemptOnce<Product: Sendable>(
        in core: MediaCore, _ body: (_ original: String) async throws -> Product
    ) async throws -> Attempt<Product> {
        // The process died with this file in its hands as often as it may.
        guard attempt <= core.settings.retries.attempts else { return .failed(.givenUp) }
        do {
            guard let reader = try await core.objects.open(MediaKeys.original(mediaID), in: MediaKeys.bucket) else {
                return .failed(MediaFailure(code: "original_missing", message: "The file's bytes are not in the storage any more."))
            }
            // The path holds for as long as the reader lives, which the optimiser would end at its last use.
            defer { withExtendedLifetime(reader) {} }
            return .done(try await body(try await reader.localPath()))
        } catch let error as CodecError where error.isPermanent {
            if let words = error.libraryWords {
                core.logger.notice("a codec's words", metadata: ["media_id": "\(mediaID)", "code": "\(error.code)", "words": "\(words)"])
            }
            return .failed(MediaFailure(code: error.code, message: error.message))
        } catch is CancellationError {
            return .retry(after: .zero, reason: "the server is shutting down", countsAs: .nothing)
        } catch let error as CodecError where error.isKill {
            switch core.settings.retriesAfterKill.afterFailure(attempt: kills + 1) {
            case .retry(let wait): return .retry(after: wait, reason: error.message, countsAs: .kill)
            case .giveUp: return .failed(MediaFailure(code: error.code, message: error.message))
            }
        } catch {
            guard let retry = core.retry(attempt, after: error) else { return .failed(.givenUp) }
            return .retry(after: retry.after, reason: "\(error)", countsAs: retry.countsAs)
        }
    }
}

/// Runs `body`, and `renew` again and again meanwhile, so that what it holds stays its own however long it takes.
///
/// - Parameters:
///   - loss: what `renew` throws where it is lost; `body` is cancelled then. Any other error of it, such as a database that is away, is not.
/// - Throws: what `body` throws, and `loss`.
func withSignsOfLife<Result: Sendable, Loss: Error>(
    every interval: Duration, loses loss: Loss.Type, renew: @escaping @Sendable () async throws -> Void,
    during body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        // Dies with the body.
        group.addTask {
            while true {
                do { try await Task.sleep(for: interval) } catch { return nil }
                do {
                    try await renew()
                } catch {
                    if error is Loss { throw error }
                }
            }
        }
        defer { group.cancelAll() }
        while let result = try await group.next() {
            if let result { return result }
        }
        throw CancellationError()
    }
}

extension CodecError {
    fileprivate var isKill: Bool { if case .killed = self { true } else { false } }
}

extension MediaFailure {
    fileprivate static let givenUp = MediaFailure(code: "render_failed", message: "This file could not be processed.")
}
