import Foundation

/// An event that a consumer could not handle, as it stands in the topic `<topic>.dead`: the event itself, under an id of its own, with
/// extension attributes that say who failed, how often, when and why.
public struct DeadLetter: Sendable, Hashable {
    /// The letter's own id: `<id of the event>/<consumer>/<round>`, so that one that is written twice is one.
    public let id: String
    /// The letter's place in its topic.
    public let offset: Int64
    /// The event as the consumer got it.
    public let event: CloudEvent
    public let consumer: String
    public let reason: String
    public let attempts: Int
    /// Which time it was given up: 1, or more after retries.
    public let round: Int
    public let time: Date

    private static let longestReason = 1000
    private static let names: Set<String> = ["deadid", "deadconsumer", "deadreason", "deadattempts", "deadround", "deadtime", "deadoffset"]

    /// The topic of what consumers of a topic could not handle.
    public static func topic(of topic: String) -> String { topic + ".dead" }

    /// Whether a topic holds dead letters.
    public static func isTopic(_ topic: String) -> Bool { topic.hasSuffix(".dead") }

    /// Reads a letter; nil where the event is none.
    public init?(_ logged: LoggedEvent) {
        let (event, values) = (logged.event, logged.event.extensions)
        guard let original = values["deadid"], !original.isEmpty, let consumer = values["deadconsumer"],
            let attempts = values["deadattempts"].flatMap(Int.init),
            let round = values["deadround"].flatMap(Int.init), round > 0, round < Int.max,
            let time = values["deadtime"].flatMap(CloudEvent.date)
        else { return nil }
        id = event.id
        offset = logged.offset
        self.event = CloudEvent(
            id: original, source: event.source, type: event.type, subject: event.subject, time: event.time, data: event.data,
            traceparent: event.traceparent, extensions: values.filter { !Self.names.contains($0.key) })
        self.consumer = consumer
        reason = values["deadreason"] ?? ""
        self.attempts = attempts
        self.round = round
        self.time = time
    }

    /// The letter that tells of an event that was given up.
    /// - Parameter offset: of the event in its topic, or of the letter that was tried again.
    static func event(
        _ event: CloudEvent, consumer: String, reason: String, attempts: Int, round: Int, offset: Int64, time: Date = Date()
    ) -> CloudEvent {
        CloudEvent(
            id: "\(event.id)/\(consumer)/\(round)", source: event.source, type: event.type, subject: event.subject, time: event.time,
            data: event.data, traceparent: event.traceparent,
            extensions: event.extensions.merging([
                "deadid": event.id, "deadconsumer": consumer, "deadreason": String(reason.prefix(longestReason)),
                "deadattempts": "\(attempts)", "deadround": "\(round)",
                "deadtime": time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)), "deadoffset": "\(offset)",
            ]) { $1 })
    }

    /// What a person wants done with a letter: an event in the same topic, which settles it.
    struct Request: Sendable {
        enum Action: String, Sendable, CaseIterable {
            case retry = "dead.retried"
            case drop = "dead.dropped"
        }

        let action: Action
        /// The letter's id and place.
        let letter: String
        let offset: Int64
        let consumer: String

        private struct Content: Codable {
            let offset: Int64
            let consumer: String
        }

        init(_ action: Action, _ letter: DeadLetter) {
            self.action = action
            self.letter = letter.id
            offset = letter.offset
            consumer = letter.consumer
        }

        /// Nil where the event is no request.
        init?(_ event: CloudEvent) {
            guard let action = Action(rawValue: event.type), event.source == DeadLetters.source,
                let content = try? JSONDecoder().decode(Content.self, from: Data(event.data.utf8)), content.offset >= 0
            else { return nil }
            self.action = action
            letter = event.subject
            offset = content.offset
            consumer = content.consumer
        }

        /// Its id follows from the letter: who asks twice asks once.
        var event: CloudEvent {
            CloudEvent(
                id: letter + "/settled", source: DeadLetters.source, type: action.rawValue, subject: letter, time: Date(),
                data: "{\"offset\":\(offset),\"consumer\":\(CloudEvent.quoted(consumer))}")
        }
    }
}
