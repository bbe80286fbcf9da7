/// Who has an interest in which blob. Committing and reading pin a blob; removing claims it, which only succeeds while
/// nobody has pinned it, and makes those who want to pin it wait.
actor BlobClaims {
    private enum State {
        /// `isAskedFor`: somebody wanted to remove it meanwhile.
        case pinned(Int, isAskedFor: Bool)
        case claimed(waiting: [CheckedContinuation<Void, Never>])
    }

    private var states: [String: State] = [:]

    func pin(_ blob: String) async {
        while case .claimed(let waiting) = states[blob] {
            await withCheckedContinuation { states[blob] = .claimed(waiting: waiting + [$0]) }
        }
        if case .pinned(let count, let isAskedFor) = states[blob] {
            states[blob] = .pinned(count + 1, isAskedFor: isAskedFor)
        } else {
            states[blob] = .pinned(1, isAskedFor: false)
        }
    }

    /// Whether this was the last pin of a blob that somebody wanted to remove meanwhile.
    func unpin(_ blob: String) -> Bool {
        guard case .pinned(let count, let isAskedFor) = states[blob] else { preconditionFailure("unpin goes with a pin") }
        states[blob] = count > 1 ? .pinned(count - 1, isAskedFor: isAskedFor) : nil
        return count == 1 && isAskedFor
    }

    /// False where the blob is pinned (the last unpin tells then) or is being removed by another.
    func claim(_ blob: String) -> Bool {
        switch states[blob] {
        case .pinned(let count, _):
            states[blob] = .pinned(count, isAskedFor: true)
            return false
        case .claimed: return false
        case nil:
            states[blob] = .claimed(waiting: [])
            return true
        }
    }

    func release(_ blob: String) {
        guard case .claimed(let waiting) = states.removeValue(forKey: blob) else { preconditionFailure("release goes with a claim") }
        for continuation in waiting { continuation.resume() }
    }
}
