import Persistence

/// The consumer's inbox: the ids of the events whose work is done, written in the transaction of that work, so that an event
/// that comes twice has its effect once; and how far each consumer has come in each topic.
public enum Inbox {
    /// To be among the migrations of a service that consumes.
    public static let migration = Migration(
        "0001-inbox",
        """
        CREATE TABLE inbox (consumer TEXT NOT NULL, event_id TEXT NOT NULL, PRIMARY KEY (consumer, event_id));
        CREATE TABLE inbox_offsets (consumer TEXT NOT NULL, topic TEXT NOT NULL, next_offset BIGINT NOT NULL, PRIMARY KEY (consumer, topic));
        """)

    /// False where the consumer has done the event's work already.
    public static func record(_ eventID: String, consumer: String, on connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            "INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT (consumer, event_id) DO NOTHING",
            [SQLValue(consumer), SQLValue(eventID)]) == 1
    }

    /// Forgets a consumer's events that are older than the log can tell again: their ids are UUIDv7s, which sort by time.
    /// - Parameter milliseconds: since 1970, UTC.
    public static func forget(before milliseconds: Int64, consumer: String, on connection: any SQLConnection) throws {
        let hex = String(max(0, milliseconds), radix: 16)
        let padded = String(repeating: "0", count: max(0, 12 - hex.count)) + hex
        try connection.execute(
            "DELETE FROM inbox WHERE consumer = $1 AND event_id < $2",
            [SQLValue(consumer), SQLValue("\(padded.prefix(8))-\(padded.dropFirst(8))")])
    }

    // MARK: Places

    /// How far a consumer has come in a topic.
    public struct Place: Sendable, Hashable {
        public let consumer: String
        public let topic: String
        /// The offset that it reads next.
        public let next: Int64
    }

    /// All places of a database; none where it has no inbox.
    public static func places(on connection: any SQLConnection) throws -> [Place] {
        guard try hasInbox(connection) else { return [] }
        return try connection.query("SELECT consumer, topic, next_offset FROM inbox_offsets ORDER BY consumer, topic").map {
            Place(consumer: try $0.text("consumer"), topic: try $0.text("topic"), next: Int64(try $0.int("next_offset")))
        }
    }

    private static func hasInbox(_ connection: any SQLConnection) throws -> Bool {
        let tables =
            switch connection.dialect {
            case .sqlite: "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'inbox_offsets'"
            case .postgresql: "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'inbox_offsets'"
            }
        return try !connection.query(tables).isEmpty
    }

    /// Forgets that a consumer has done these events' work.
    public static func forget(_ eventIDs: [String], consumer: String, on connection: any SQLConnection) throws {
        for id in eventIDs {
            try connection.execute("DELETE FROM inbox WHERE consumer = $1 AND event_id = $2", [SQLValue(consumer), SQLValue(id)])
        }
    }

    /// Has a consumer read again from `offset` on. One that runs notices it when it next moves on, or within `EventConsumer.patience`. It
    /// passes over what its inbox has not forgotten.
    public static func rewind(_ consumer: String, _ topic: String, to offset: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE inbox_offsets SET next_offset = $3 WHERE consumer = $1 AND topic = $2",
            [SQLValue(consumer), SQLValue(topic), SQLValue(offset)])
    }

    /// The offset that the consumer reads next; it begins with 0.
    static func place(_ consumer: String, _ topic: String, on connection: any SQLConnection) throws -> Int64? {
        try connection.query(
            "SELECT next_offset FROM inbox_offsets WHERE consumer = $1 AND topic = $2", [SQLValue(consumer), SQLValue(topic)]
        ).first.map { Int64(try $0.int("next_offset")) }
    }

    static func begin(_ consumer: String, _ topic: String, on connection: any SQLConnection) throws {
        try connection.execute(
            "INSERT INTO inbox_offsets (consumer, topic, next_offset) VALUES ($1, $2, 0) ON CONFLICT (consumer, topic) DO NOTHING",
            [SQLValue(consumer), SQLValue(topic)])
    }

    /// Somebody else has moved the consumer's place: another process of the group, or a person who has events done again.
    struct Moved: Error {}

    /// Moves on, where the place is still the one that was read from.
    /// - Throws: `Moved`.
    static func move(_ consumer: String, _ topic: String, from: Int64, to offset: Int64, on connection: any SQLConnection) throws {
        let moved = try connection.execute(
            "UPDATE inbox_offsets SET next_offset = $4 WHERE consumer = $1 AND topic = $2 AND next_offset = $3",
            [SQLValue(consumer), SQLValue(topic), SQLValue(from), SQLValue(offset)])
        guard moved == 1 else { throw Moved() }
    }
}
