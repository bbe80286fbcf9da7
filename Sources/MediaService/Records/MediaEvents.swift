import Codecs
import Events
import Schemas
import WebAPI

/// The events of the media service, as they are declared to those who listen.
public enum MediaEvents {
    public static let types: [EventType] =
        [
            ("media.created", "An item was stored; its renditions have addresses, and are being made."),
            ("media.ready", "All renditions of an item are made."),
            ("media.failed", "An item cannot be rendered; `error` says why."),
            (
                "media.updated",
                "Title, alternative text, visibility or purpose changed, or a video was written for browsers or could not be."
            ),
            ("media.deleted", "An item is gone, with all that was made of it."),
            (WebhookEvents.progress, "How far a video is that is written for browsers."),
        ].map { EventType($0.0, topic: MediaService.topic, $0.1, data: MediaSchema.record) } + [
            EventType(
                WebhookEvents.purge, topic: MediaService.topic, "Caches in front of this server have to forget these addresses.",
                data: MediaSchema.purge)
        ]

    /// Who may be told of an event of the topic: what is private is its owner's business.
    @Sendable public static func mayRead(_ event: CloudEvent, _ reader: Principal) -> Bool {
        WebhookAudience.mayRead(event, reader.subject)
    }
}
