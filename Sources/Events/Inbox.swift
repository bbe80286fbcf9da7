import Persistence

/// The consumer's inbox: the ids of the events whose work is done, written in the transaction of that work, so that an event
/// that comes twice has its effect once.
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

    /// The offset that the consumer reads next; 0 at first.
    static func offset(_ consumer: String, _ topic: String, on connection: any SQLConnection) throws -> Int64 {
        try connection.query(
            "SELECT next_offset FROM inbox_offsets WHERE consumer = $1 AND topic = $2", [SQLValue(consumer), SQLValue(topic)]
        ).first.map { Int64(try $0.int("next_offset")) } ?? 0
    }

    static func setOffset(_ offset: Int64, _ consumer: String, _ topic: String, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO inbox_offsets (consumer, topic, next_offset) VALUES ($1, $2, $3)
            ON CONFLICT (consumer, topic) DO UPDATE SET next_offset = excluded.next_offset
            """, [SQLValue(consumer), SQLValue(topic), SQLValue(offset)])
    }
}
