import Synchronization

/// Answers that are believed for a short while, and are not asked for again until then. Bounded: when it is full, it begins anew.
public final class RecentAnswers<Value: Sendable>: Sendable {
    private let answers = Mutex<[String: (value: Value, until: ContinuousClock.Instant)]>([:])
    private let lifetime: Duration
    private let limit: Int

    public init(lifetime: Duration, limit: Int) {
        self.lifetime = lifetime
        self.limit = limit
    }

    public subscript(_ name: String) -> Value? {
        get {
            answers.withLock { answers in
                guard let answer = answers[name], answer.until > .now else { return nil }
                return answer.value
            }
        }
        set {
            guard lifetime > .zero else { return }
            answers.withLock { answers in
                if answers.count >= limit { answers = answers.filter { $0.value.until > .now } }
                if answers.count >= limit { answers = [:] }
                answers[name] = newValue.map { ($0, .now + lifetime) }
            }
        }
    }

    public func removeAll() { answers.withLock { $0 = [:] } }
}
