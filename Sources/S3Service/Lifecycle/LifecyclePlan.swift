import ObjectStorage

/// What the lifecycle of a bucket does, decided from the list of its versions: keys in order, the newest of a key first. It holds one
/// version at a time, however long the list is.
package struct LifecyclePlan: Sendable {
    package enum Step: Sendable, Hashable {
        /// The current version: it goes, or in a bucket with versions a delete marker is put over it.
        case expire(ObjectVersion)
        /// A noncurrent version, or a delete marker that is all that is left of its key, goes for good.
        case remove(ObjectVersion)
    }

    private let rules: [LifecycleConfiguration.Rule]
    private let clock: LifecycleClock
    /// Milliseconds since 1970, UTC.
    private let now: Int64
    private var key: ObjectKey?
    /// When the version before was made: since then the next one is noncurrent.
    private var succeeded: Int64 = 0
    /// Noncurrent versions of the key so far.
    private var noncurrent = 0
    /// A delete marker that may prove to be alone.
    private var marker: ObjectVersion?

    package init(_ configuration: LifecycleConfiguration, clock: LifecycleClock, now: Int64) {
        rules = configuration.rules.filter(\.isEnabled)
        self.clock = clock
        self.now = now
    }

    /// Prefixes of the keys that rules can concern; none of them within another.
    package var prefixes: [String] {
        let all = Set(rules.filter { $0.expiration != nil || $0.noncurrentExpiration != nil }.map(\.prefix))
        return all.filter { prefix in !all.contains { $0 != prefix && prefix.utf8.starts(with: $0.utf8) } }.sorted()
    }

    /// The next version of the list.
    package mutating func take(_ version: ObjectVersion) -> [Step] {
        guard version.key == key else {
            let steps = finish()
            key = version.key
            succeeded = version.modified
            noncurrent = 0
            if version.isDeleteMarker {
                marker = version
                return steps
            }
            return steps + current(version)
        }
        marker = nil
        let since = succeeded
        succeeded = version.modified
        noncurrent += 1
        let goes = matching(version).contains { rule in
            guard let expiration = rule.noncurrentExpiration, noncurrent > expiration.newerVersions ?? 0 else { return false }
            return clock.due(since, expiration.days) <= now
        }
        return goes ? [.remove(version)] : []
    }

    /// The end of the list.
    package mutating func finish() -> [Step] {
        guard let last = marker else { return [] }
        marker = nil
        key = nil
        let goes = matching(last).contains { rule in
            switch rule.expiration {
            case .deleteMarker(let isOn): isOn
            case .days(let days): clock.due(last.modified, days) <= now
            case .date(let date): date <= now
            case nil: false
            }
        }
        return goes ? [.remove(last)] : []
    }

    private func current(_ version: ObjectVersion) -> [Step] {
        let goes = matching(version).contains { rule in
            switch rule.expiration {
            case .days(let days): clock.due(version.modified, days) <= now
            case .date(let date): date <= now
            case .deleteMarker, nil: false
            }
        }
        return goes ? [.expire(version)] : []
    }

    private func matching(_ version: ObjectVersion) -> [LifecycleConfiguration.Rule] { rules.filter { $0.matches(version) } }

    /// Whether an upload that is not complete goes.
    package func aborts(key: ObjectKey, created: Int64) -> Bool {
        rules.contains { rule in
            guard let days = rule.abortDays, rule.matches(key: key.description) else { return false }
            return clock.due(created, days) <= now
        }
    }

    /// Whether any rule aborts uploads.
    package var abortsUploads: Bool { rules.contains { $0.abortDays != nil } }
}

extension LifecycleConfiguration.Rule {
    func matches(key: String) -> Bool {
        if let legacyPrefix { return key.utf8.starts(with: legacyPrefix.utf8) }
        return filter?.matches(key: key) ?? true
    }

    /// A delete marker has no size and no tags; conditions of those do not concern it unless it is what they are about.
    func matches(_ version: ObjectVersion) -> Bool {
        guard matches(key: version.key.description) else { return false }
        guard let filter else { return true }
        if version.isDeleteMarker { return filter.concernsUploads }
        return filter.matches(size: version.attributes.clientSize ?? version.size, tagged: version.attributes.tags)
    }
}
