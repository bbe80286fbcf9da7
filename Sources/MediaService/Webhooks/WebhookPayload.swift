import Events
import Foundation
import WebAPI

/// What a receiver gets: the event as a CloudEvent in structured JSON, which by the extension attribute `timestamp` is at the same
/// time the `type`, `timestamp`, `data` that Standard Webhooks recommends.
package struct WebhookPayload: Sendable {
    package static let contentType = "application/cloudevents+json"
    /// What addresses begin with; empty for addresses from the root.
    private let base: String

    package init(publicURL: String) {
        base = publicURL
    }

    package func body(of event: CloudEvent) -> String {
        var absolute = CloudEvent(
            id: event.id, source: event.source, type: event.type, subject: event.subject, time: event.time, data: data(of: event),
            traceparent: event.traceparent, extensions: event.extensions
        ).json
        // Behind the opening brace: `data` has to stay last.
        absolute.insert(
            contentsOf: "\"timestamp\":\(JSONText.string(Timestamp.text(event.time))),", at: absolute.index(after: absolute.startIndex))
        return absolute
    }

    /// The event's data with whole addresses. They are written into the text: within a string of JSON a quotation mark is escaped,
    /// so these marks can only be the members themselves.
    private func data(of event: CloudEvent) -> String {
        guard !base.isEmpty else { return event.data }
        let start = String(JSONText.string(base).dropLast())
        if event.type == WebhookEvents.purge { return event.data.replacing("\"/media/", with: start + "/media/") }
        return ["url", "hls"].reduce(event.data) { data, name in
            data.replacing("\"\(name)\":\"/", with: "\"\(name)\":" + start + "/")
        }
    }
}

/// Who may be told of an event: what is private is its owner's business.
struct WebhookAudience: Decodable, Sendable {
    private let visibility: String?
    private let owner: String?

    /// Nobody where the event's data cannot be read.
    static func mayRead(_ event: CloudEvent, _ reader: String) -> Bool {
        guard let audience = try? JSONDecoder().decode(Self.self, from: Data(event.data.utf8)) else { return false }
        return audience.visibility != "private" || audience.owner == reader
    }
}
