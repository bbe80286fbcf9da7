import Foundation
import WebAPI

/// What became of one request to a receiver.
package enum WebhookAttempt: Sendable, Equatable {
    case answered(status: Int, retryAfter: Duration?)
    /// No answer: a stable code, such as `timeout`.
    case failed(String)
    /// Cut off because this server ends; nobody's fault.
    case cancelled
}

/// What follows from an attempt: pure, so that days of retries are looked at without waiting.
package struct WebhookSchedule: Sendable {
    package enum Decision: Sendable, Equatable {
        case delivered
        case retry(after: Duration)
        case giveUp
        /// 410: the receiver wants no more.
        case disable
        case putBack
    }

    /// The waits between attempts.
    package let waits: [Duration]

    package init(waits: [Duration]) {
        self.waits = waits
    }

    /// A receiver's Retry-After is honoured up to a day.
    package static let longestRetryAfter = Duration.seconds(86_400)
    /// A wait is lengthened by up to this part of it, so that what failed together is not tried together.
    package static let jitter = 0.2

    /// - Parameters:
    ///   - number: of the attempt, from 1.
    ///   - random: 0 to 1.
    package func decide(_ attempt: WebhookAttempt, number: Int, random: Double) -> Decision {
        var least = Duration.zero
        switch attempt {
        case .answered(200..<300, _): return .delivered
        case .answered(410, _): return .disable
        case .answered(_, let retryAfter): least = min(retryAfter ?? .zero, Self.longestRetryAfter)
        case .failed: break
        case .cancelled: return .putBack
        }
        guard number >= 1, number <= waits.count else { return .giveUp }
        return .retry(after: max(waits[number - 1] * (1 + Self.jitter * random), least))
    }

    /// Retry-After (RFC 9110 section 10.2.3): seconds, or a date.
    package static func retryAfter(_ field: String?, now: Date) -> Duration? {
        guard let field = field?.trimmingCharacters(in: .whitespaces), !field.isEmpty else { return nil }
        if field.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return .seconds(min(Int(field) ?? 86_400, 86_400)) }
        guard let date = HTTPDate.parse(field) else { return nil }
        return .seconds(max(0, min(date.timeIntervalSince(now), 86_400)))
    }
}
