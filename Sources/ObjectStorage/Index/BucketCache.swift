import Synchronization

/// Buckets in memory: every request asks for one. As with `LatestCache`, what was read while a commit changed a bucket is not taken in.
final class BucketCache: Sendable {
    private struct State {
        var rows: [BucketName: BucketRow] = [:]
        var epoch = 0
    }

    private let isOn: Bool
    private let state = Mutex(State())

    private static let mostBuckets = 10_000

    init(isOn: Bool) { self.isOn = isOn }

    func find(_ name: BucketName) -> BucketRow? { isOn ? state.withLock { $0.rows[name] } : nil }

    var epoch: Int { state.withLock(\.epoch) }

    func keep(_ row: BucketRow, epoch: Int) {
        guard isOn else { return }
        state.withLock { state in
            guard state.epoch == epoch else { return }
            if state.rows.count >= Self.mostBuckets { state.rows = [:] }
            state.rows[row.bucket.name] = row
        }
    }

    func replace(_ rows: [BucketName: BucketRow?]) {
        guard isOn, !rows.isEmpty else { return }
        state.withLock { state in
            state.epoch += 1
            for (name, row) in rows { state.rows[name] = row }
        }
    }
}
