import Foundation
import Persistence
import WebAPI

/// What an endpoint may ask to be told of.
package enum WebhookEvents {
    package static let purge = "media.purge"
    /// Many for each video, and none that a receiver cannot do without.
    package static let progress = "media.progress"
    /// Sent on request only.
    static let test = "webhook.test"
    /// Where an endpoint does not say.
    package static let usual = ["media.created", "media.ready", "media.failed", "media.updated", "media.deleted"]
    /// The rest are for those who ask for them by name.
    package static let all = usual + [progress, purge]
}

/// One row of `webhook_endpoints`: where to send, and what.
struct WebhookEndpoint: Sendable {
    let id: String
    let owner: String
    var url: String
    var events: [String]
    var description: String
    var isActive: Bool
    var disabledReason: String?
    /// Milliseconds since 1970, UTC.
    let created: Int64
    var updated: Int64

    static let columns = "id, owner, url, events, description, is_active, disabled_reason, created, updated"

    /// - Parameter more: members that are told this once.
    func json(_ more: [(String, String)] = []) -> String {
        JSONText.object(
            [
                ("id", JSONText.string(id)),
                ("url", JSONText.string(url)),
                ("events", "[" + events.map(JSONText.string).joined(separator: ",") + "]"),
                ("description", JSONText.string(description)),
                ("active", isActive ? "true" : "false"),
                ("disabled_reason", disabledReason.map(JSONText.string) ?? "null"),
                ("created", JSONText.string(Timestamp.text(milliseconds: created))),
                ("updated", JSONText.string(Timestamp.text(milliseconds: updated))),
            ] + more)
    }
}

extension WebhookEndpoint {
    init(_ row: SQLRow) throws {
        id = try row.text("id")
        owner = try row.text("owner")
        url = try row.text("url")
        events = try row.text("events").split(separator: " ").map(String.init)
        description = try row.text("description")
        isActive = try row.bool("is_active")
        disabledReason = try row.optionalText("disabled_reason")
        created = Int64(try row.int("created"))
        updated = Int64(try row.int("updated"))
    }

    var values: [SQLValue] {
        [
            SQLValue(id), SQLValue(owner), SQLValue(url), SQLValue(events.joined(separator: " ")), SQLValue(description),
            SQLValue(isActive), SQLValue(disabledReason), SQLValue(created), SQLValue(updated),
        ]
    }
}
