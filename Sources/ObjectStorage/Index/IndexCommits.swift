import NIOCore
import Persistence
import Synchronization

/// Group commit: changes that come together become one write to a pack with one sync, and one transaction. While one group's rows are
/// committed, the next group's bytes are written.
///
/// A change that is refused costs the others nothing, as it is refused before it writes; where the database fails, each change of the
/// group is tried again by itself, so that one's failure never becomes another's.
final class IndexCommits: Sendable {
    /// Runs inside the transaction. PostgreSQL may run it again.
    typealias Work<T> = @Sendable (IndexTransaction, [BlobSegment]) throws -> T

    private struct Change: Sendable {
        /// To go into a pack.
        let blobs: [any StagedBlob]
        var segments: [BlobSegment] = []
        /// Returns the acknowledgement, to be sent when all is durable.
        let run: @Sendable (IndexTransaction, [BlobSegment]) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct State {
        var packing: [Change] = []
        var committing: [Change] = []
        var isPacking = false
        var isCommitting = false
    }

    /// What of a transaction the memory of latest versions and buckets has to follow, in the order of commits.
    struct Effects: Sendable {
        let latest: [CachedKey: VersionRow?]
        let buckets: [BucketName: BucketRow?]
        /// Whether the journal was told of a change.
        let isTold: Bool
    }

    private let database: any Database
    private let blobs: any BlobStore
    private let clock: SequenceClock
    private let maximumBatch: Int
    private let journal: ObjectJournal?
    private let follow: @Sendable (Effects) -> Void
    private let state = Mutex(State())

    init(
        database: any Database, blobs: any BlobStore, clock: SequenceClock, maximumBatch: Int, journal: ObjectJournal?,
        follow: @escaping @Sendable (Effects) -> Void
    ) {
        self.database = database
        self.blobs = blobs
        self.clock = clock
        self.maximumBatch = maximumBatch
        self.journal = journal
        self.follow = follow
    }

    /// Commits a change with others.
    /// - Parameter packing: blobs to be packed first; the work is handed their segments, in order.
    /// - Returns: what `work` returned, and the SHA-256 of the blobs that a row stopped naming with it.
    /// - Throws: what `work` throws; `ObjectStoreError.diskFull`.
    func commit<T: Sendable>(packing blobs: [any StagedBlob] = [], _ work: @escaping Work<T>) async throws -> (T, released: [String]) {
        try await withCheckedThrowingContinuation { continuation in
            submit(
                Change(
                    blobs: blobs,
                    run: { transaction, segments in
                        let before = transaction.released.count
                        let value = try work(transaction, segments)
                        let released = Array(transaction.released[before...])
                        return { continuation.resume(returning: (value, released)) }
                    },
                    fail: { continuation.resume(throwing: $0) }))
        }
    }

    /// Returns when every change that was handed in before is committed or has failed.
    func settle() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            // Bytes and rows are taken in the order of their coming.
            submit(
                Change(blobs: [], run: { _, _ in { continuation.resume() } }, fail: { continuation.resume(throwing: $0) }),
                behindBytes: true)
        }
    }

    private func submit(_ change: Change, behindBytes: Bool = false) {
        if change.blobs.isEmpty, !behindBytes { return commit([change]) }
        let isFirst = state.withLock { state in
            state.packing.append(change)
            defer { state.isPacking = true }
            return !state.isPacking
        }
        if isFirst { Task { await packAll() } }
    }

    // MARK: Bytes

    private func packAll() async {
        while true {
            let batch = state.withLock { state in
                let batch = Array(state.packing.prefix(maximumBatch))
                state.packing.removeFirst(batch.count)
                if batch.isEmpty { state.isPacking = false }
                return batch
            }
            if batch.isEmpty { return }
            commit(await packed(batch))
        }
    }

    /// The changes whose bytes are durable; the others have failed.
    private func packed(_ batch: [Change]) async -> [Change] {
        let all = batch.flatMap(\.blobs)
        if all.isEmpty { return batch }
        do {
            let segments = try await blobs.pack(all)
            var next = 0
            return batch.map { change in
                var change = change
                change.segments = Array(segments[next..<next + change.blobs.count])
                next += change.blobs.count
                return change
            }
        } catch {
            guard batch.count > 1 else {
                for change in batch { change.fail(error) }
                return []
            }
            // There may be room for some.
            var packed: [Change] = []
            for change in batch { packed += await self.packed([change]) }
            return packed
        }
    }

    // MARK: Rows

    private func commit(_ changes: [Change]) {
        guard !changes.isEmpty else { return }
        let isFirst = state.withLock { state in
            state.committing += changes
            defer { state.isCommitting = true }
            return !state.isCommitting
        }
        if isFirst { Task { await commitAll() } }
    }

    private func commitAll() async {
        while true {
            let batch = state.withLock { state in
                let batch = Array(state.committing.prefix(maximumBatch))
                state.committing.removeFirst(batch.count)
                if batch.isEmpty { state.isCommitting = false }
                return batch
            }
            if batch.isEmpty { return }
            await commitTogether(batch)
        }
    }

    private func commitTogether(_ batch: [Change]) async {
        do {
            let (clock, journal) = (clock, journal)
            let (outcomes, effects) = try await database.write { connection in
                let transaction = IndexTransaction(connection, clock: clock, journal: journal)
                var outcomes: [Result<@Sendable () -> Void, any Error>] = []
                outcomes.reserveCapacity(batch.count)
                for change in batch {
                    do {
                        outcomes.append(.success(try change.run(transaction, change.segments)))
                    } catch let error as DatabaseError {
                        throw error
                    } catch {
                        outcomes.append(.failure(error))
                    }
                }
                let buckets = try transaction.finish()
                return (outcomes, Effects(latest: transaction.latest, buckets: buckets, isTold: transaction.isTold))
            }
            // Before anybody is told: who reads behind an acknowledgement finds what was acknowledged.
            follow(effects)
            for (change, outcome) in zip(batch, outcomes) {
                switch outcome {
                case .success(let acknowledge): acknowledge()
                case .failure(let error): change.fail(error)
                }
            }
        } catch {
            guard batch.count > 1 else {
                for change in batch { change.fail(error as? DatabaseError == .diskFull ? ObjectStoreError.diskFull : error) }
                return
            }
            for change in batch { await commitTogether([change]) }
        }
    }
}
