import Events
import Persistence
import Projections
import ServiceLifecycle

/// What becomes of media when their owner's account is disabled or deleted. A consumer of the events of users: a deleted account's webhooks
/// and presigned addresses go in the transaction that takes note of it, its items and unfinished uploads after it, piece by piece. A disabled
/// account's webhooks stand still and its presigned addresses are refused until it is enabled again; its items stay.
public struct MediaOwners: Sendable {
    private let media: MediaService
    private let log: any EventLog
    private let administrator: String

    /// The consumer group of the topic.
    private static let consumer = "media-owners"

    /// - Parameters:
    ///   - log: that the auth service's events are published to, in whatever process that runs.
    ///   - administrator: whom the installation's own token stands for: what is theirs is the installation's, whatever becomes of the account.
    public init(media: MediaService, log: any EventLog, administrator: String) {
        self.media = media
        self.log = log
        self.administrator = administrator
    }

    /// The work that goes on beside requests.
    public var services: [any Service] {
        let removals = OwnerRemovals(uploads: media.resumable)
        let handler: EventConsumer.Handler = { event, connection in
            guard event.subject != administrator else { return }
            guard let account = try UserProjection.apply(event, on: connection)?.after, account.isDeleted else { return }
            try OwnerRemovals.request(account.id, now: MediaCore.now(), on: connection)
        }
        let consumer = EventConsumer(
            name: Self.consumer, topics: [UserProjection.topic], log: log, database: media.core.database, logger: media.core.logger,
            afterCommit: { await removals.signal.wake() },
            handlers: Dictionary(uniqueKeysWithValues: UserProjection.types.map { ($0, handler) }))
        return [consumer, removals]
    }
}
