import Foundation
import Persistence
import WebAPI

/// When a refused sign-in is answered: at one time for all accounts, whatever their hashes take. A pure function of what was measured.
package enum RefusalTime {
    /// How far the dearest hash may be from what was measured, on a machine that does other things too.
    private static let margin = 2.0

    /// What each refusal takes: the setting, or so many times the setting that the dearest hash fits in.
    /// - Parameters:
    ///   - setting: 0 where nothing waits.
    ///   - dearest: what verifying takes that takes longest, of all hashes that accounts have.
    package static func span(setting: Duration, dearest: Duration) -> Duration {
        guard setting > .zero else { return .zero }
        return setting * max(1, Int((margin * (dearest / setting)).rounded(.up)))
    }

    /// When to answer, from the start on: after the span, and where that has passed, after the next one, so that what is seen says no more
    /// than how many there were.
    package static func deadline(elapsed: Duration, span: Duration) -> Duration {
        guard span > .zero else { return .zero }
        return span * max(1, Int((elapsed / span).rounded(.up)))
    }
}

extension AuthCore {
    /// What fails is answered when all that fails is.
    func takingTime<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        let start = ContinuousClock.now
        do { return try await body() } catch {
            if let error = error as? APIError, error.status == .unauthorized || error.status == .badRequest {
                let span = try await refusalSpan()
                try await Task.sleep(
                    until: start + RefusalTime.deadline(elapsed: ContinuousClock.now - start, span: span), clock: .continuous)
            }
            throw error
        }
    }

    /// What each refused sign-in takes now. Rises when accounts come in whose hashes are dearer.
    package func refusalSpan() async throws -> Duration {
        guard settings.failureTime > .zero else { return .zero }
        let kinds = try await database.read { try PasswordKindTable.all(on: $0) }
        return RefusalTime.span(setting: settings.failureTime, dearest: try await hasher.dearest(of: kinds))
    }
}
