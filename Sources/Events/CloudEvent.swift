import Foundation

/// One event as CloudEvents 1.0 has it, in the JSON format's structured mode. `data` is kept as the JSON text that the
/// producer wrote, so that an event passes through outbox, log and consumers byte for byte; only line breaks between its
/// tokens become spaces, as an event is one line.
public struct CloudEvent: Sendable, Hashable {
    /// UUIDv7; with `source` it identifies the event for ever.
    public let id: String
    /// The service, such as `/agrovet/media`.
    public let source: String
    /// Such as `media.created`.
    public let type: String
    /// The id of the aggregate that changed; the partition key.
    public let subject: String
    /// In whole milliseconds, as it is written.
    public let time: Date
    /// A JSON value, usually an object.
    public let data: String
    /// W3C Trace Context, where the change was made within a trace.
    public let traceparent: String?
    /// Further attributes that are texts (CloudEvents 1.0 section 3.2): names of `a-z` and `0-9`.
    public let extensions: [String: String]

    public init(
        id: String, source: String, type: String, subject: String, time: Date, data: String, traceparent: String? = nil,
        extensions: [String: String] = [:]
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.time = Date(timeIntervalSince1970: (time.timeIntervalSince1970 * 1000).rounded() / 1000)
        self.data = data
        self.traceparent = traceparent
        self.extensions = extensions
    }
}
