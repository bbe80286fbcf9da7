import Persistence
import WebAPI

/// Where a delivery stands.
package enum WebhookDeliveryStatus: String, Sendable, CaseIterable {
    case pending
    /// A 2xx came back.
    case delivered
    /// Given up; it may be sent again by hand.
    case failed
}

/// One row of `webhook_deliveries`: one message to one endpoint.
struct WebhookDelivery: Sendable {
    let position: Int64
    let id: String
    let endpointID: String
    /// The same however often and to however many endpoints it is sent: receivers tell repetitions by it.
    let messageID: String
    let type: String
    let subject: String
    let body: String
    let status: WebhookDeliveryStatus
    let attempts: Int
    let runAfter: Int64?
    let lastStatus: Int?
    let lastError: String?
    let lastAttempt: Int64?
    let created: Int64

    static let columns = """
        position, id, endpoint_id, message_id, type, subject, body, status, attempts, run_after, last_status, last_error, last_attempt, \
        created
        """

    init(_ row: SQLRow) throws {
        guard let status = WebhookDeliveryStatus(rawValue: try row.text("status")) else {
            throw DatabaseError.decoding("a delivery has a status that this version does not know")
        }
        position = Int64(try row.int("position"))
        id = try row.text("id")
        endpointID = try row.text("endpoint_id")
        messageID = try row.text("message_id")
        type = try row.text("type")
        subject = try row.text("subject")
        body = try row.text("body")
        self.status = status
        attempts = try row.int("attempts")
        runAfter = try row.optionalInt("run_after").map(Int64.init)
        lastStatus = try row.optionalInt("last_status")
        lastError = try row.optionalText("last_error")
        lastAttempt = try row.optionalInt("last_attempt").map(Int64.init)
        created = Int64(try row.int("created"))
    }

    /// Without the body, and without anything of the receiver's answer but its status: a URL that points where it should not
    /// must not become a window.
    var json: String {
        let next = status == .pending ? runAfter : nil
        return JSONText.object([
            ("id", JSONText.string(id)),
            ("webhook_id", JSONText.string(messageID)),
            ("type", JSONText.string(type)),
            ("subject", JSONText.string(subject)),
            ("status", JSONText.string(status.rawValue)),
            ("attempts", "\(attempts)"),
            ("response_status", lastStatus.map { "\($0)" } ?? "null"),
            ("error", lastError.map(JSONText.string) ?? "null"),
            ("last_attempt", lastAttempt.map { JSONText.string(Timestamp.text(milliseconds: $0)) } ?? "null"),
            ("next_attempt", next.map { JSONText.string(Timestamp.text(milliseconds: $0)) } ?? "null"),
            ("created", JSONText.string(Timestamp.text(milliseconds: created))),
        ])
    }
}
