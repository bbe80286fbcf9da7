/// Who has an interest in which blob. Committing and reading pin a blob; removing claims it, which only succeeds while
/// nobody has pinned it, and makes those who want to pin it wait.
///
/// A claim that is refused is never forgotten: whoever holds the blob is told at the end, and has to look again.
package actor BlobClaims {
    private enum State {
        /// `isAskedFor`: somebody wanted to remove it meanwhile.
        case pinned(Int, isAskedFor: Bool)
        case claimed(waiting: [CheckedContinuation<Void, Never>], isAskedFor: Bool)
    }

    private var states: [String: State] = [:]

    package init() {}

    /// Whether nobody has an interest in any blob.
    package var isIdle: Bool { states.isEmpty }

    package func pin(_ blob: String) async {
        while case .claimed(let waiting, let isAskedFor) = states[blob] {
            await withCheckedContinuation { states[blob] = .claimed(waiting: waiting + [$0], isAskedFor: isAskedFor) }
        }
        if case .pinned(let count, let isAskedFor) = states[blob] {
            states[blob] = .pinned(count + 1, isAskedFor: isAskedFor)
        } else {
            states[blob] = .pinned(1, isAskedFor: false)
        }
    }

    /// Whether this was the last pin of a blob that somebody wanted to remove meanwhile.
    package func unpin(_ blob: String) -> Bool {
        guard case .pinned(let count, let isAskedFor) = states[blob] else { preconditionFailure("unpin goes with a pin") }
        states[blob] = count > 1 ? .pinned(count - 1, isAskedFor: isAskedFor) : nil
        return count == 1 && isAskedFor
    }

    /// False where the blob is pinned (the last unpin tells then) or claimed by another (its release tells).
    package func claim(_ blob: String) -> Bool {
        switch states[blob] {
        case .pinned(let count, _):
            states[blob] = .pinned(count, isAskedFor: true)
            return false
        case .claimed(let waiting, _):
            states[blob] = .claimed(waiting: waiting, isAskedFor: true)
            return false
        case nil:
            states[blob] = .claimed(waiting: [], isAskedFor: false)
            return true
        }
    }

    /// Whether somebody else wanted to remove the blob during the claim: the look at the index may have come before what
    /// they did to it.
    package func release(_ blob: String) -> Bool {
        guard case .claimed(let waiting, let isAskedFor) = states.removeValue(forKey: blob) else {
            preconditionFailure("release goes with a claim")
        }
        for continuation in waiting { continuation.resume() }
        return isAskedFor
    }
}
