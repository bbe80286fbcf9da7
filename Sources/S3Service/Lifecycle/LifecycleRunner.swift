import Foundation
import Logging
import ObjectStorage
import S3Wire
import ServiceLifecycle
import WebAPI

/// Applies the lifecycles of all buckets, again and again. It keeps nothing of its own: what a pass that was broken off left is done by
/// the next one, and what two processes do at once is done once, since each removal is of exactly the version that was looked at.
package struct LifecycleRunner: Service {
    private let store: VersionedObjectStore
    private let documents: DocumentCache
    private let clock: LifecycleClock
    private let interval: Duration
    private let logger: Logger
    private let now: @Sendable () -> Date

    /// Versions on one page of a list, and removals in one transaction.
    private static let pageSize = 500
    private static let bucketPage = 200

    /// - Parameters:
    ///   - interval: between the end of a pass and the beginning of the next.
    ///   - clock: how long a day is.
    package init(
        store: VersionedObjectStore, documents: DocumentCache = DocumentCache(), clock: LifecycleClock, interval: Duration,
        logger: Logger, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.documents = documents
        self.clock = clock
        self.interval = interval
        self.logger = logger
        self.now = now
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await pass()
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Every bucket once. A bucket that fails does not keep the others waiting.
    package func pass() async {
        var after: String?
        repeat {
            do {
                let buckets = try await store.buckets(owner: nil, prefix: "", after: after, limit: Self.bucketPage)
                for bucket in buckets where bucket.documents[LifecycleConfiguration.documentName] != nil {
                    if Task.isCancelled { return }
                    await apply(bucket)
                }
                after = buckets.count < Self.bucketPage ? nil : buckets.last?.name.description
            } catch {
                if !(error is CancellationError) { logger.error("buckets could not be listed", metadata: ["error": "\(error)"]) }
                return
            }
        } while after != nil
    }

    private func apply(_ bucket: Bucket) async {
        do {
            guard let lifecycle = try documents.document(LifecycleConfiguration.self, of: bucket) else { return }
            let plan = LifecyclePlan(lifecycle, clock: clock, now: Timestamp.milliseconds(now()))
            var removed = 0
            for prefix in plan.prefixes { removed += try await removeVersions(bucket, plan, prefix) }
            let aborted = plan.abortsUploads ? try await abortUploads(bucket, plan) : 0
            if removed > 0 || aborted > 0 {
                logger.info(
                    "lifecycle applied",
                    metadata: ["bucket": "\(bucket.name)", "versions": "\(removed)", "uploads": "\(aborted)"])
            }
        } catch ObjectStoreError.noSuchBucket {
            // Deleted meanwhile.
        } catch {
            guard !(error is CancellationError) else { return }
            logger.error("a lifecycle could not be applied", metadata: ["bucket": "\(bucket.name)", "error": "\(error)"])
        }
    }

    private func removeVersions(_ bucket: Bucket, _ template: LifecyclePlan, _ prefix: String) async throws -> Int {
        var plan = template
        var query = VersionedObjectStore.ListQuery()
        query.prefix = prefix
        query.limit = Self.pageSize
        var removed = 0
        // Of the page before: the next page begins behind its last version, which therefore stays until that page is here.
        var steps: [LifecyclePlan.Step] = []
        while true {
            try Task.checkCancellation()
            let page = try await store.listVersions(bucket.name, query)
            removed += try await carryOut(steps, bucket)
            steps = []
            for version in page.items { steps += plan.take(version) }
            guard let next = page.next else { return removed + (try await carryOut(steps + plan.finish(), bucket)) }
            query.after = next
            query.afterID = page.nextID
        }
    }

    private func carryOut(_ steps: [LifecyclePlan.Step], _ bucket: Bucket) async throws -> Int {
        guard !steps.isEmpty else { return 0 }
        let time = now()
        let deletions = steps.map { step in
            switch step {
            case .expire(let version):
                VersionedObjectStore.Deletion(
                    key: version.key, versionID: nil, owner: bucket.owner, from: .init(.lifecycle)
                ) { current in
                    guard let current, current.isSame(as: version) else { throw Superseded() }
                    // Where there are no versions, what goes is gone.
                    if bucket.versioning != .enabled { try ObjectLock.checkDeletion(current, bypass: false, now: time) }
                }
            case .remove(let version):
                VersionedObjectStore.Deletion(
                    key: version.key, versionID: version.versionID, owner: bucket.owner, from: .init(.lifecycle)
                ) { current in
                    guard let current, current.isSame(as: version), current.isLatest == version.isLatest else { throw Superseded() }
                    try ObjectLock.checkDeletion(current, bypass: false, now: time)
                }
            }
        }
        var count = 0
        for outcome in try await store.delete(deletions, in: bucket.name) {
            switch outcome {
            case .deleted, .marked: count += 1
            case .nothing: break
            // Replaced meanwhile, or locked: S3 leaves it, and asks again at the next pass.
            case .refused(let error):
                if !(error is Superseded), !(error is S3Error) { throw error }
            }
        }
        return count
    }

    private func abortUploads(_ bucket: Bucket, _ plan: LifecyclePlan) async throws -> Int {
        var query = VersionedObjectStore.ListQuery()
        query.limit = Self.pageSize
        var aborted = 0
        var due: [VersionedObjectStore.Upload] = []
        while true {
            try Task.checkCancellation()
            let page = try await store.listUploads(bucket.name, query)
            aborted += try await abort(due)
            due = page.items.filter { plan.aborts(key: $0.key, created: $0.created) }
            guard let next = page.next else { return aborted + (try await abort(due)) }
            query.after = next
            query.afterID = page.nextID
        }
    }

    private func abort(_ uploads: [VersionedObjectStore.Upload]) async throws -> Int {
        var aborted = 0
        for upload in uploads {
            do {
                try await store.abort(upload)
                aborted += 1
            } catch is NoSuchUpload {
                // Completed or aborted meanwhile.
            }
        }
        return aborted
    }

    /// Another version than the one that was looked at.
    private struct Superseded: Error {}
}

extension ObjectVersion {
    fileprivate func isSame(as other: ObjectVersion) -> Bool {
        versionID == other.versionID && modified == other.modified && etag == other.etag && isDeleteMarker == other.isDeleteMarker
            && attributes.tags == other.attributes.tags
    }
}
