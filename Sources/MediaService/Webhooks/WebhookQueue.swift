import Persistence

/// The statements on `webhook_deliveries`: a queue for each endpoint, in order for each subject. A delivery is leased while it
/// is sent; if the process dies it is sent again, under the same `webhook-id`.
enum WebhookQueue {
    /// A message to be sent.
    struct Message: Sendable {
        let id: String
        let type: String
        let subject: String
        let body: String
    }

    /// - Returns: the delivery's id.
    @discardableResult
    static func enqueue(_ message: Message, to endpoint: String, now: Int64, on connection: any SQLConnection) throws -> String {
        let isFollower = try !connection.query(
            "SELECT 1 AS one FROM webhook_deliveries WHERE endpoint_id = $1 AND subject = $2 AND status = 'pending' LIMIT 1",
            [SQLValue(endpoint), SQLValue(message.subject)]
        ).isEmpty
        let id = UUIDv7.make()
        try connection.execute(
            """
            INSERT INTO webhook_deliveries
                (id, endpoint_id, message_id, type, subject, body, status, attempts, run_after, lease_until, created)
            VALUES ($1, $2, $3, $4, $5, $6, 'pending', 0, $7, 0, $8)
            """,
            [
                SQLValue(id), SQLValue(endpoint), SQLValue(message.id), SQLValue(message.type), SQLValue(message.subject),
                SQLValue(message.body), isFollower ? .null : SQLValue(now), SQLValue(now),
            ])
        return id
    }

    /// Active endpoints that have something to send, and when the next delivery of any will be due; nil for never.
    static func due(now: Int64, on connection: any SQLConnection) throws -> (endpoints: [String], next: Int64?) {
        let endpoints = try connection.query(
            """
            SELECT id FROM webhook_endpoints AS e WHERE \(WebhookTable.isActive) AND EXISTS (
                SELECT 1 FROM webhook_deliveries
                WHERE endpoint_id = e.id AND status = 'pending' AND run_after <= $1 AND lease_until <= $1)
            ORDER BY id
            """, [SQLValue(now)]
        ).map { try $0.text("id") }
        let next = try connection.query(
            """
            SELECT MIN(first) AS next FROM (
                SELECT (SELECT MIN(run_after) FROM webhook_deliveries WHERE endpoint_id = e.id AND status = 'pending' AND run_after > $1) AS first
                FROM webhook_endpoints AS e WHERE \(WebhookTable.isActive)) AS firsts
            """, [SQLValue(now)]
        ).first?.optionalInt("next")
        return (endpoints, next.map(Int64.init))
    }

    /// Takes at most `limit` deliveries of an endpoint that are due, those due longest first; each attempt is counted here.
    static func lease(_ endpoint: String, limit: Int, now: Int64, until: Int64, on connection: any SQLConnection) throws
        -> [WebhookDelivery]
    {
        let locking = connection.dialect == .postgresql ? "FOR UPDATE SKIP LOCKED" : ""
        return try connection.query(
            """
            UPDATE webhook_deliveries SET attempts = attempts + 1, lease_until = $3, last_attempt = $2
            WHERE position IN (
                SELECT position FROM webhook_deliveries
                WHERE endpoint_id = $1 AND status = 'pending' AND run_after <= $2 AND lease_until <= $2
                ORDER BY run_after, position LIMIT \(limit) \(locking))
            RETURNING \(WebhookDelivery.columns)
            """, [SQLValue(endpoint), SQLValue(now), SQLValue(until)]
        ).map(WebhookDelivery.init)
    }

    /// Ends a delivery and lets the next of its subject go.
    static func settle(
        _ delivery: WebhookDelivery, as status: WebhookDeliveryStatus, responseStatus: Int?, error: String?, now: Int64,
        on connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            UPDATE webhook_deliveries SET status = $2, lease_until = 0, run_after = NULL, last_status = $3, last_error = $4, settled = $5
            WHERE position = $1 AND status = 'pending'
            """,
            [SQLValue(delivery.position), SQLValue(status.rawValue), SQLValue(responseStatus), SQLValue(error), SQLValue(now)])
        try promote(delivery.subject, of: delivery.endpointID, now: now, on: connection)
    }

    /// Puts a delivery back for another attempt.
    static func release(
        _ delivery: WebhookDelivery, runAfter: Int64, responseStatus: Int?, error: String?, countsAttempt: Bool,
        on connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            UPDATE webhook_deliveries SET lease_until = 0, run_after = $2, last_status = $3, last_error = $4, attempts = attempts - $5
            WHERE position = $1 AND status = 'pending'
            """,
            [
                SQLValue(delivery.position), SQLValue(runAfter), SQLValue(responseStatus), SQLValue(error), SQLValue(countsAttempt ? 0 : 1),
            ])
    }

    /// Gives up all that waits for an endpoint.
    static func failAll(of endpoint: String, error: String, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE webhook_deliveries SET status = 'failed', lease_until = 0, run_after = NULL, last_error = $2, settled = $3
            WHERE endpoint_id = $1 AND status = 'pending'
            """, [SQLValue(endpoint), SQLValue(error), SQLValue(now)])
    }

    /// Sends a settled delivery once more, now, with all its attempts before it. It does not wait for its subject's turn: whoever
    /// asks for it knows that it is late.
    static func restart(_ delivery: WebhookDelivery, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE webhook_deliveries SET status = 'pending', attempts = 0, run_after = $2, lease_until = 0, settled = NULL WHERE position = $1",
            [SQLValue(delivery.position), SQLValue(now)])
    }

    private static func promote(_ subject: String, of endpoint: String, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE webhook_deliveries SET run_after = $3 WHERE run_after IS NULL AND position = (
                SELECT MIN(position) FROM webhook_deliveries WHERE endpoint_id = $1 AND subject = $2 AND status = 'pending')
            """, [SQLValue(endpoint), SQLValue(subject), SQLValue(now)])
    }

    static func find(_ id: String, of endpoint: String, on connection: any SQLConnection) throws -> WebhookDelivery? {
        try connection.query(
            "SELECT \(WebhookDelivery.columns) FROM webhook_deliveries WHERE id = $1 AND endpoint_id = $2",
            [SQLValue(id), SQLValue(endpoint)]
        ).first.map(WebhookDelivery.init)
    }

    /// Newest first.
    static func list(
        of endpoint: String, status: WebhookDeliveryStatus?, limit: Int, offset: Int, on connection: any SQLConnection
    ) throws -> (deliveries: [WebhookDelivery], count: Int) {
        let clause = "endpoint_id = $1" + (status == nil ? "" : " AND status = $2")
        let arguments = [SQLValue(endpoint)] + (status.map { [SQLValue($0.rawValue)] } ?? [])
        let count =
            try connection.query("SELECT COUNT(*) AS items FROM webhook_deliveries WHERE \(clause)", arguments).first?.int("items") ?? 0
        let rows = try connection.query(
            "SELECT \(WebhookDelivery.columns) FROM webhook_deliveries WHERE \(clause) ORDER BY position DESC LIMIT \(limit) OFFSET \(offset)",
            arguments)
        return (try rows.map(WebhookDelivery.init), count)
    }

    // MARK: Housekeeping

    /// Ends every lease: to be called at start by the only process on this database.
    static func releaseAll(on connection: any SQLConnection) throws {
        try connection.execute("UPDATE webhook_deliveries SET lease_until = 0 WHERE status = 'pending' AND lease_until > 0")
    }

    static func removeSettled(before: Int64, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM webhook_deliveries WHERE settled < $1", [SQLValue(before)])
    }

    /// Active endpoints with more than `limit` deliveries that wait.
    static func overflowing(limit: Int, on connection: any SQLConnection) throws -> [String] {
        try connection.query(
            """
            SELECT endpoint_id FROM webhook_deliveries WHERE status = 'pending' AND endpoint_id IN
                (SELECT id FROM webhook_endpoints WHERE is_active = 1)
            GROUP BY endpoint_id HAVING COUNT(*) > $1
            """, [SQLValue(limit)]
        ).map { try $0.text("endpoint_id") }
    }

    static func pendingCount(on connection: any SQLConnection) throws -> Int {
        try connection.query("SELECT COUNT(*) AS items FROM webhook_deliveries WHERE status = 'pending'").first?.int("items") ?? 0
    }
}
