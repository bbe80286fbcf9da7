import Persistence

/// The statements on `webhook_endpoints` and `webhook_secrets`. Each runs within the caller's transaction.
enum WebhookTable {
    static func insert(_ endpoint: WebhookEndpoint, on connection: any SQLConnection) throws {
        try connection.execute(
            "INSERT INTO webhook_endpoints (\(WebhookEndpoint.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", endpoint.values)
    }

    /// What its owner, or this server, may change.
    static func update(_ endpoint: WebhookEndpoint, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE webhook_endpoints SET url = $2, events = $3, description = $4, is_active = $5, disabled_reason = $6, updated = $7
            WHERE id = $1
            """,
            [
                SQLValue(endpoint.id), SQLValue(endpoint.url), SQLValue(endpoint.events.joined(separator: " ")),
                SQLValue(endpoint.description), SQLValue(endpoint.isActive), SQLValue(endpoint.disabledReason), SQLValue(endpoint.updated),
            ])
    }

    static func find(_ id: String, on connection: any SQLConnection) throws -> WebhookEndpoint? {
        try connection.query("SELECT \(WebhookEndpoint.columns) FROM webhook_endpoints WHERE id = $1", [SQLValue(id)]).first.map(
            WebhookEndpoint.init)
    }

    static func count(of owner: String, on connection: any SQLConnection) throws -> Int {
        try connection.query("SELECT COUNT(*) AS endpoints FROM webhook_endpoints WHERE owner = $1", [SQLValue(owner)]).first?.int(
            "endpoints") ?? 0
    }

    static func list(of owner: String, limit: Int, offset: Int, on connection: any SQLConnection) throws -> [WebhookEndpoint] {
        try connection.query(
            "SELECT \(WebhookEndpoint.columns) FROM webhook_endpoints WHERE owner = $1 ORDER BY id LIMIT \(limit) OFFSET \(offset)",
            [SQLValue(owner)]
        ).map(WebhookEndpoint.init)
    }

    /// What an endpoint `e` has to be to be told and sent anything: switched on, and of nobody who is disabled or gone.
    static let isActive = """
        e.is_active = 1 AND NOT EXISTS (SELECT 1 FROM user_accounts AS u WHERE u.id = e.owner AND u.is_active = 0)
        """

    static func active(on connection: any SQLConnection) throws -> [WebhookEndpoint] {
        try connection.query("SELECT \(WebhookEndpoint.columns) FROM webhook_endpoints AS e WHERE \(isActive) ORDER BY id").map(
            WebhookEndpoint.init)
    }

    /// Nil also where it is not active.
    static func findActive(_ id: String, on connection: any SQLConnection) throws -> WebhookEndpoint? {
        try connection.query(
            "SELECT \(WebhookEndpoint.columns) FROM webhook_endpoints AS e WHERE id = $1 AND \(isActive)", [SQLValue(id)]
        ).first.map(WebhookEndpoint.init)
    }

    static func delete(_ id: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM webhook_endpoints WHERE id = $1", [SQLValue(id)])
    }

    /// With their secrets and deliveries.
    static func deleteAll(of owner: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM webhook_endpoints WHERE owner = $1", [SQLValue(owner)])
    }

    // MARK: Secrets

    /// Secrets that sign at once, the one in force among them.
    static let secretsAtOnce = 5

    /// Puts a secret in force; those before it sign on until `expires`, the latest of them.
    static func addSecret(_ sealed: String, of endpoint: String, othersExpire expires: Int64, on connection: any SQLConnection) throws {
        let last =
            try connection.query("SELECT MAX(number) AS last FROM webhook_secrets WHERE endpoint_id = $1", [SQLValue(endpoint)]).first?
            .optionalInt("last") ?? 0
        try connection.execute(
            "UPDATE webhook_secrets SET expires = $2 WHERE endpoint_id = $1 AND expires IS NULL", [SQLValue(endpoint), SQLValue(expires)])
        try connection.execute(
            "DELETE FROM webhook_secrets WHERE endpoint_id = $1 AND number <= $2", [SQLValue(endpoint), SQLValue(last + 1 - secretsAtOnce)])
        try connection.execute(
            "INSERT INTO webhook_secrets (endpoint_id, number, sealed, expires) VALUES ($1, $2, $3, NULL)",
            [SQLValue(endpoint), SQLValue(last + 1), SQLValue(sealed)])
    }

    /// Those that sign now, the one in force first.
    static func sealedSecrets(of endpoint: String, now: Int64, on connection: any SQLConnection) throws -> [String] {
        try connection.query(
            "SELECT sealed FROM webhook_secrets WHERE endpoint_id = $1 AND (expires IS NULL OR expires > $2) ORDER BY number DESC",
            [SQLValue(endpoint), SQLValue(now)]
        ).map { try $0.text("sealed") }
    }

    static func removeExpiredSecrets(now: Int64, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM webhook_secrets WHERE expires <= $1", [SQLValue(now)])
    }
}
