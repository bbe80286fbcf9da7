/// An event at its place in a topic.
public struct LoggedEvent: Sendable, Hashable {
    /// Position in the topic, from 0, without gaps.
    public let offset: Int64
    public let event: CloudEvent

    public init(offset: Int64, event: CloudEvent) {
        self.offset = offset
        self.event = event
    }
}

/// Where events are published to and read from: the embedded log on one machine, Kafka on many.
public protocol EventLog: Sendable {
    /// Appends the events to a topic in order; they are durable when this returns.
    /// - Throws: `EventLogError`.
    func append(_ events: [CloudEvent], to topic: String) async throws

    /// At most `limit` events of a topic from `offset` on, waiting up to `wait` where there are none yet; empty when
    /// none came. An offset before the first that is retained answers from the first retained.
    func read(topic: String, from offset: Int64, limit: Int, wait: Duration) async throws -> [LoggedEvent]

    /// The offset that the next event of a topic will get.
    func endOffset(of topic: String) async throws -> Int64
}

/// What a topic may be called.
enum EventTopic {
    /// `a-z`, `0-9`, `.`, `-`, `_`, 1 to 128 of them, no dot in front: a folder's name as well as a Kafka topic.
    static func isValid(_ topic: String) -> Bool {
        let bytes = topic.utf8
        return (1...128).contains(bytes.count) && bytes.first != UInt8(ascii: ".")
            && bytes.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }
}

/// What an event log can fail with.
public enum EventLogError: Error, Sendable, Equatable {
    /// A topic's name is not made of `a-z`, `0-9`, `.`, `-`, `_` (1 to 128 of them).
    case invalidTopic(String)
    /// No room on the log's disk. Nothing of the batch will be read.
    case diskFull
    case closed
    case failed(String)
}
