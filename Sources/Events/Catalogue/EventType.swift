import Schemas

/// One kind of event that a service publishes, declared where it is published. The same value documents it (`GET /api/events/schema/`) and
/// checks what is published, in the tests.
public struct EventType: Sendable {
    /// Such as `media.created`.
    public let name: String
    public let topic: String
    /// One sentence for those who listen.
    public let summary: String
    /// What the event's `data` looks like.
    public let data: JSONSchema

    public init(_ name: String, topic: String, _ summary: String, data: JSONSchema) {
        self.name = name
        self.topic = topic
        self.summary = summary
        self.data = data
    }

    /// The whole event as it is on the wire (CloudEvents 1.0, JSON format, structured mode).
    var envelope: JSONSchema {
        .object(
            .required("specversion", .choice(["1.0"])),
            .required("id", .string(1...1000).described("A UUIDv7; with `source` it names the event for ever.")),
            .required("source", .string(1...1000).described("The service, such as `/agrovet/media`.")),
            .required("type", .choice([name])),
            .required("subject", .string(1...2000).described("What changed; events of one subject are in order.")),
            .required("time", .dateTime),
            .required("datacontenttype", .choice(["application/json"])),
            .optional("traceparent", .string().described("W3C Trace Context of the change.")),
            .required("data", data))
    }
}
