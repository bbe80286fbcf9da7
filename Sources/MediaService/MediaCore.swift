import Codecs
import Events
import Foundation
import Logging
import MediaPipeline
import ObjectStorage
import Persistence
import WebAPI

/// What all parts of the media service share, and the changes of a record that more than one of them makes. Every change
/// is one transaction with its event.
struct MediaCore: Sendable {
    let database: any Database
    let objects: any ObjectStore
    let pipeline: MediaPipeline
    let signer: URLSigner
    let settings: MediaSettings
    let metrics: MetricsRegistry
    let logger: Logger
    /// Transformed pictures on disk; purged with their item.
    let transformCache: TransformCache
    /// Answers that are ready; drops an item when it changes.
    let deliveryCache: DeliveryCache
    let renditionUses: RenditionUses
    /// Looks at uploads for malware; nil where there is none.
    let scanner: UploadScanner?
    /// Wakes the outbox's relay after a commit.
    let wakeRelay: @Sendable () -> Void
    /// This process among those that lease jobs.
    let leaseOwner = UUIDv7.make()
    let workSignal = WakeUpSignal()
    let videoSignal = WakeUpSignal()
    let removalSignal = WakeUpSignal()
    let settled = SettledSignal()

    static func now() -> Int64 { Timestamp.milliseconds(Date()) }

    func plan(_ record: MediaRecord) -> RenderPlan { pipeline.plan(record.imageInfo) }

    // MARK: Reading

    func find(_ id: MediaID) async throws -> MediaRecord? {
        try await database.read { try MediaTable.find(id, on: $0) }
    }

    /// The JSON of records, with what has been made of each.
    func json(_ records: [MediaRecord], links: MediaLinks) async throws -> [String] {
        let made = try await database.read { try MediaTable.renditions(of: records.map(\.id), on: $0) }
        return records.map { MediaJSON.record($0, plan: plan($0), made: made[$0.id] ?? [], links: links) }
    }

    // MARK: Events

    /// Puts the record's event into the outbox of the transaction under way.
    func emit(_ type: String, _ record: MediaRecord, made: [RenditionRecord], on connection: any SQLConnection) throws {
        let links = MediaLinks(base: "", signer: signer, expires: Date(), signsPrivate: false)
        try Outbox.append(
            CloudEvent(
                id: UUIDv7.make(), source: "/agrovet/media", type: type, subject: record.id.description, time: Date(),
                data: MediaJSON.record(record, plan: plan(record), made: made, links: links)),
            topic: MediaService.topic, on: connection)
    }

    // MARK: Jobs

    private func leaseEnd(_ now: Int64) -> Int64 { now + Int64(settings.lease / .milliseconds(1)) }

    func leaseNext(_ kind: RenderQueue.Kind) async throws -> RenderQueue.Lease? {
        // Looking first keeps an idle server from writing.
        let now = Self.now()
        guard try await database.read({ try RenderQueue.isDue(kind, now: now, on: $0) }) else { return nil }
        return try await database.write { [leaseOwner] connection in
            let now = Self.now()
            return try RenderQueue.leaseNext(kind, owner: leaseOwner, now: now, until: leaseEnd(now), on: connection)
        }
    }

    func lease(_ id: MediaID) async throws -> RenderQueue.Lease? {
        try await database.write { [leaseOwner] connection in
            let now = Self.now()
            return try RenderQueue.lease(id, owner: leaseOwner, now: now, until: leaseEnd(now), on: connection)
        }
    }

    /// A sign of life of a job under way. The lease is looked at each time, and renewed where a third of it is gone.
    /// - Throws: `RenderQueue.LeaseLost`.
    func keep(_ lease: RenderQueue.Lease) async throws {
        let end = try await database.read { [leaseOwner] in try RenderQueue.end(of: lease, owner: leaseOwner, on: $0) }
        guard let end else { throw RenderQueue.LeaseLost() }
        guard end - Self.now() <= Int64(settings.lease / .milliseconds(1)) * 2 / 3 else { return }
        let isRenewed = try await database.write { [leaseOwner] connection in
            try RenderQueue.renew(lease, owner: leaseOwner, until: leaseEnd(Self.now()), on: connection)
        }
        guard isRenewed else { throw RenderQueue.LeaseLost() }
    }

    /// Ends a job whose lease was lost on the way.
    func lost(_ lease: RenderQueue.Lease) async throws {
        logger.notice("a job was ended: its item was deleted, or another worker has it", metadata: ["media_id": "\(lease.mediaID)"])
        try await database.write { connection in
            // What was stored before its item was deleted went with it; what was stored after it must go too.
            guard try !MediaTable.exists(lease.mediaID, on: connection) else { return }
            try ObjectRemovals.request(lease.mediaID, now: Self.now(), on: connection)
        }
        await removalSignal.wake()
        await settled.settle(lease.mediaID)
    }

    func release(_ lease: RenderQueue.Lease, after wait: Duration, countsAs toll: RenderQueue.Toll) async throws {
        try await database.write { [leaseOwner] connection in
            try RenderQueue.release(
                lease, owner: leaseOwner, runAfter: Self.now() + Int64(wait / .milliseconds(1)), countsAs: toll, on: connection)
        }
        await settled.settle(lease.mediaID)
    }

    /// When to try again after a failure that was not the file's; nil where it has been tried often enough. A full disk or
    /// a database that is away is nobody's fault and never makes a job fail for good.
    func retry(_ attempt: Int, after error: any Error) -> (after: Duration, countsAs: RenderQueue.Toll)? {
        let isOutage: Bool =
            switch error {
            case ObjectStoreError.diskFull, ObjectStoreError.unavailable, CodecError.noSpace, DatabaseError.diskFull,
                DatabaseError.unavailable, DatabaseError.conflict:
                true
            default: false
            }
        if isOutage { return (after: .seconds(10), countsAs: .nothing) }
        return switch settings.retries.afterFailure(attempt: attempt) {
        case .retry(let wait): (after: wait, countsAs: .attempt)
        case .giveUp: nil
        }
    }

    /// Settles a job: the record's new state, its renditions, the event, and the job's end, in one transaction.
    func finish(_ id: MediaID, status: MediaStatus, failure: MediaFailure?, result: RenderResult?, made: [RenditionRecord]) async throws {
        try await database.write { connection in
            let now = Self.now()
            guard var record = try MediaTable.find(id, on: connection) else {
                // Deleted while it was rendered: what was just stored must go too.
                try ObjectRemovals.request(id, now: now, on: connection)
                return
            }
            record.status = status
            record.failure = failure
            record.updated = now
            if let result {
                record.placeholder = Data(result.placeholder).base64EncodedString()
                record.color = result.color.hex
            }
            guard try MediaTable.updateOutcome(record, on: connection) else { return }
            let before = made.isEmpty ? [] : try MediaTable.renditions(of: [id], on: connection)[id] ?? []
            for rendition in made { try MediaTable.upsert(rendition, of: id, on: connection) }
            try RenderQueue.remove(id, on: connection)
            if status == .ready, record.playback?.status == .processing { try RenderQueue.enqueue(id, .videos, now: now, on: connection) }
            try emit(status == .ready ? "media.ready" : "media.failed", record, made: made, on: connection)
            // One that was made on request, and fetched, before its item's job was done.
            let isReplaced = made.contains { new in before.contains { $0.preset == new.preset && $0.format == new.format && $0 != new } }
            if isReplaced, record.visibility == .public { try emitPurge(record, .replaced, on: connection) }
        }
        if status == .failed { deliveryCache.drop(id) }
        renditionUses.noteStored()
        wakeRelay()
        await removalSignal.wake()
        await videoSignal.wake()
        await settled.settle(id)
        metrics.count("agrovet_media_settled_total", "Media items that became ready or failed.", labels: [("status", status.rawValue)])
    }

    /// Makes one rendition outside a job.
    func renderSingle(_ request: RenditionRequest, of record: MediaRecord) async throws {
        guard let reader = try await objects.open(MediaKeys.original(record.id), in: MediaKeys.bucket) else {
            throw ObjectStoreError.corrupt("the original of \(record.id) is missing")
        }
        // The path holds for as long as the reader lives, which the optimiser would end at its last use.
        defer { withExtendedLifetime(reader) {} }
        let result = try await pipeline.render(path: try await reader.localPath(), only: [request])
        let made = try await RenditionStore(objects: objects).store(result.renditions, of: record.id)
        try await database.write { connection in
            if try MediaTable.exists(record.id, on: connection) {
                for rendition in made { try MediaTable.upsert(rendition, of: record.id, on: connection) }
            } else {
                try ObjectRemovals.request(record.id, now: Self.now(), on: connection)
            }
        }
        renditionUses.noteStored()
        await removalSignal.wake()
        metrics.count("agrovet_renditions_on_request_total", "Renditions made because they were asked for.")
    }
}
