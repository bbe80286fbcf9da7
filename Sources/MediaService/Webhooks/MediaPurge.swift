import Codecs
import Events
import Foundation
import Persistence
import WebAPI

/// Why caches in front of this server have to forget an item.
enum PurgeReason: String, Sendable {
    case deleted
    case visibility
    /// Bytes under an address have become others.
    case replaced
}

extension MediaCore {
    /// Puts `media.purge` into the outbox of the transaction under way: the addresses and the cache tag to be purged. It names no
    /// owner and no visibility, and tells nothing of the item but its id: it is for the caches' keepers, whoever the owner is.
    func emitPurge(_ record: MediaRecord, _ reason: PurgeReason, on connection: any SQLConnection) throws {
        let formats = OutputFormat.allCases.filter { $0 != .avif || pipeline.settings.avif }.map(\.fileExtension) + ["auto"]
        let files = ["original"] + (record.playback == nil ? [] : MediaLinks.webVideoFiles)
        let paths =
            files.map { "/media/\(record.id)/\($0)" }
            + pipeline.settings.presets.flatMap { preset in formats.map { "/media/\(record.id)/\(preset.name).\($0)" } }
        let data = JSONText.object([
            ("id", JSONText.string(record.id.description)),
            ("reason", JSONText.string(reason.rawValue)),
            ("urls", "[" + paths.map(JSONText.string).joined(separator: ",") + "]"),
            // As the header Cache-Tag of every answer with the item's bytes has it, transforms (/img/) included.
            ("tags", "[" + JSONText.string(DeliveryResponse.tag(record.id)) + "]"),
        ])
        try Outbox.append(
            CloudEvent(
                id: UUIDv7.make(), source: "/agrovet/media", type: WebhookEvents.purge, subject: record.id.description, time: Date(),
                data: data),
            topic: MediaService.topic, on: connection)
    }
}
