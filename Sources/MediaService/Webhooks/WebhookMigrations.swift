import Events
import Persistence

/// The tables of webhooks, in the media service's database. Times are milliseconds since 1970, UTC.
enum WebhookMigrations {
    static let all: [Migration] = [
        Inbox.migration,
        Migration("0001-webhooks") { dialect in
            let position = dialect == .postgresql ? "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY" : "INTEGER PRIMARY KEY AUTOINCREMENT"
            return """
                CREATE TABLE webhook_endpoints (
                    id TEXT PRIMARY KEY,
                    owner TEXT NOT NULL,
                    url TEXT NOT NULL,
                    -- Event types, separated by spaces.
                    events TEXT NOT NULL,
                    description TEXT NOT NULL,
                    is_active BIGINT NOT NULL,
                    -- Why this server switched it off; NULL where its owner did, or where it is on.
                    disabled_reason TEXT,
                    created BIGINT NOT NULL,
                    updated BIGINT NOT NULL
                );
                CREATE INDEX webhook_endpoints_owner ON webhook_endpoints (owner, id);

                CREATE TABLE webhook_secrets (
                    endpoint_id TEXT NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
                    number BIGINT NOT NULL,
                    sealed TEXT NOT NULL,
                    -- NULL for the one in force.
                    expires BIGINT,
                    PRIMARY KEY (endpoint_id, number)
                );

                CREATE TABLE webhook_deliveries (
                    position \(position),
                    id TEXT NOT NULL UNIQUE,
                    endpoint_id TEXT NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
                    message_id TEXT NOT NULL,
                    type TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    body TEXT NOT NULL,
                    status TEXT NOT NULL,
                    attempts BIGINT NOT NULL,
                    -- NULL while an earlier delivery of the same subject to the same endpoint waits: they go in order.
                    run_after BIGINT,
                    lease_until BIGINT NOT NULL,
                    last_status BIGINT,
                    last_error TEXT,
                    last_attempt BIGINT,
                    created BIGINT NOT NULL,
                    settled BIGINT
                );
                CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, status, run_after);
                CREATE INDEX webhook_deliveries_subject ON webhook_deliveries (endpoint_id, subject, status, position);
                CREATE INDEX webhook_deliveries_settled ON webhook_deliveries (settled);
                """
        },
    ]
}
