import Events
import Foundation
import Logging
import NIOCore
import ObjectStorage
import Persistence
import ServiceLifecycle
import WebAPI

/// Objects of media buckets become media items (docs/MEDIA_BUCKETS.md). A consumer of the S3 service's events: that a key has changed is written down
/// in the transaction that moves the consumer on, and stays written down until the key has been looked at.
public struct MediaBuckets: Sendable {
    /// The bytes of a version as its client stored them.
    public typealias Bytes = @Sendable (ObjectVersion, BucketName) async throws -> Content

    public enum Content: Sendable {
        /// In chunks of a few hundred kilobytes at most.
        case bytes(AsyncThrowingStream<ByteBuffer, any Error>)
        /// Gone since the version was found.
        case gone
        /// Encrypted with a key that only the client has.
        case sealed
    }

    private let bucketCore: BucketCore
    private let log: any EventLog

    /// The consumer group of the topic.
    private static let consumer = "media-buckets"

    /// - Parameters:
    ///   - media: that the items go to.
    ///   - log: that the S3 service's events are published to.
    ///   - store: that the objects are in.
    public init(
        media: MediaService, log: any EventLog, store: VersionedObjectStore, settings: MediaBucketSettings, bytes: @escaping Bytes
    ) {
        bucketCore = BucketCore(media: media.core, store: store, bytes: bytes, settings: settings)
        self.log = log
        media.core.metrics.collect { [core = media.core] in
            guard let waiting = try? await core.database.read({ try BucketTable.waiting(on: $0) }) else { return [] }
            return [
                MetricsRegistry.Gauge("agrovet_bucket_jobs", "Objects of media buckets that have not been looked at.", Double(waiting))
            ]
        }
    }

    /// Takes up what a process that died had in hand. To be called once, before the services run.
    public func prepare() async throws {
        guard bucketCore.media.settings.isExclusive else { return }
        try await bucketCore.media.database.write { try BucketTable.releaseAll(on: $0) }
    }

    /// The work that goes on beside requests.
    public var services: [any Service] {
        let media = bucketCore.media
        let consumer = EventConsumer(
            name: Self.consumer, topic: BucketEvent.topic, log: log, database: media.database, linger: .milliseconds(20),
            logger: media.logger, afterCommit: { [bucketCore] in await bucketCore.signal.wake() }
        ) { event, connection in
            // Its own bucket is written by the media service alone.
            guard let change = try BucketEvent(event), change.bucket != MediaKeys.bucket else { return }
            try BucketTable.request(change, now: MediaCore.now(), on: connection)
        }
        return [consumer, BucketWorkers(core: bucketCore)]
    }
}

/// What all parts of media buckets share.
struct BucketCore: Sendable {
    let media: MediaCore
    let store: VersionedObjectStore
    let bytes: MediaBuckets.Bytes
    let settings: MediaBucketSettings
    /// Wakes the workers.
    let signal = WakeUpSignal()
}
