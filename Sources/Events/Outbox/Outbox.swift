import Persistence

/// The transactional outbox: events are written in the transaction of the change that they tell, and moved to the event log
/// by `OutboxRelay`. Either both happen or neither.
///
/// Events are told in the order of their rows. Where several transactions change one aggregate at once on PostgreSQL, whoever appends after
/// it has changed the aggregate's row is told in the order of the changes.
public enum Outbox {
    /// To be among the migrations of a service that publishes.
    public static let migration = Migration("0001-outbox") { dialect in
        let position = dialect == .postgresql ? "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY" : "INTEGER PRIMARY KEY AUTOINCREMENT"
        return "CREATE TABLE outbox (position \(position), topic TEXT NOT NULL, event TEXT NOT NULL)"
    }

    /// Puts an event into the outbox of the transaction under way.
    /// - Throws: `DatabaseError.constraintViolation` where the event or the topic could never leave the outbox again, and so
    ///   would hold up all that come after it.
    public static func append(_ event: CloudEvent, topic: String, on connection: any SQLConnection) throws(DatabaseError) {
        guard EventTopic.isValid(topic) else { throw .constraintViolation("\(topic) is no topic") }
        guard event.isWellFormed else { throw .constraintViolation("the event \(event.id) is not well formed") }
        try connection.execute("INSERT INTO outbox (topic, event) VALUES ($1, $2)", [SQLValue(topic), SQLValue(event.json)])
    }

    /// A row of the outbox.
    struct Entry: Sendable {
        let position: Int64
        let topic: String
        let event: CloudEvent
    }

    /// The oldest entries, at most `limit`, but those of some topics.
    static func oldest(_ limit: Int, without topics: Set<String> = [], on connection: any SQLConnection) throws -> [Entry] {
        let places = topics.isEmpty ? "" : "WHERE topic NOT IN (\((1...topics.count).map { "$\($0)" }.joined(separator: ", ")))"
        return try connection.query(
            "SELECT position, topic, event FROM outbox \(places) ORDER BY position LIMIT \(limit)", topics.sorted().map { SQLValue($0) }
        ).map { row in
            Entry(
                position: Int64(try row.int("position")), topic: try row.text("topic"), event: try CloudEvent(json: try row.text("event")))
        }
    }

    static func remove(_ entries: [Entry], on connection: any SQLConnection) throws {
        for entry in entries { try connection.execute("DELETE FROM outbox WHERE position = $1", [SQLValue(entry.position)]) }
    }

    /// Events that are not in the log yet.
    public static func pendingCount(on connection: any SQLConnection) throws -> Int {
        try connection.query("SELECT COUNT(*) AS events FROM outbox").first?.int("events") ?? 0
    }
}
