import Synchronization

/// Latest versions in memory, bounded: what is asked for again is found without the database. Nothing stale is ever kept: a version that
/// was read while a commit changed something near it is not taken in.
final class LatestCache: Sendable {
    private struct Shard {
        /// Two generations: what is found in the older moves to the younger, and when that is full the older goes.
        var young: [CachedKey: ObjectVersion] = [:]
        var old: [CachedKey: ObjectVersion] = [:]
        /// Changes with every commit that touches the shard.
        var epoch = 0
    }

    private final class Locked: Sendable {
        let shard = Mutex(Shard())
    }

    private let shards: [Locked]
    /// Of one generation of one shard.
    private let capacity: Int

    /// Versions with more segments than this are not kept.
    private static let mostSegments = 16

    /// - Parameter count: versions at the most; 0 keeps none.
    init(count: Int) {
        capacity = count == 0 ? 0 : max(1, count / 128)
        shards = (0..<64).map { _ in Locked() }
    }

    private func shard(_ key: CachedKey) -> Locked { shards[Int(UInt(bitPattern: key.hashValue) % UInt(shards.count))] }

    func find(_ key: CachedKey) -> ObjectVersion? {
        guard capacity > 0 else { return nil }
        return shard(key).shard.withLock { shard in
            if let version = shard.young[key] { return version }
            guard let version = shard.old.removeValue(forKey: key) else { return nil }
            insert(key, version, into: &shard)
            return version
        }
    }

    /// To be asked before the database is read for `keep`.
    func epoch(_ key: CachedKey) -> Int { shard(key).shard.withLock(\.epoch) }

    /// Takes in what was read since `epoch`, unless something was committed meanwhile.
    func keep(_ key: CachedKey, _ version: ObjectVersion, epoch: Int) {
        guard capacity > 0, version.segments.count <= Self.mostSegments else { return }
        shard(key).shard.withLock { shard in
            if shard.epoch == epoch { insert(key, version, into: &shard) }
        }
    }

    /// A commit made this the latest version, or left none, or one that has to be read.
    func replace(_ key: CachedKey, _ version: ObjectVersion?) {
        guard capacity > 0 else { return }
        shard(key).shard.withLock { shard in
            shard.epoch += 1
            shard.old[key] = nil
            shard.young[key] = nil
            if let version { insert(key, version, into: &shard) }
        }
    }

    func removeAll() {
        for locked in shards {
            locked.shard.withLock { shard in
                shard.epoch += 1
                shard.young = [:]
                shard.old = [:]
            }
        }
    }

    private func insert(_ key: CachedKey, _ version: ObjectVersion, into shard: inout Shard) {
        if shard.young.count >= capacity {
            shard.old = shard.young
            shard.young = [:]
            shard.young.reserveCapacity(capacity)
        }
        shard.young[key] = version
    }
}
