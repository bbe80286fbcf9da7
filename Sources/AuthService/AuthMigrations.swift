import Events
import Persistence

/// The schema of the service's database.
enum AuthMigrations {
    static let all = [Outbox.migration, users, sessions, keys, secondFactor, attempts, mail, oauth, passwordKinds, successors]

    private static let users = Migration(
        "0001-users",
        """
        CREATE TABLE users (
            id TEXT PRIMARY KEY,
            username TEXT NOT NULL,
            -- The username without case; the address without case; the address of the one account that has verified it.
            username_key TEXT NOT NULL UNIQUE,
            email TEXT NOT NULL,
            email_key TEXT,
            email_owned TEXT UNIQUE,
            email_verified BIGINT NOT NULL,
            first_name TEXT NOT NULL,
            last_name TEXT NOT NULL,
            roles TEXT NOT NULL,
            active BIGINT NOT NULL,
            password TEXT NOT NULL,
            created BIGINT NOT NULL,
            last_login BIGINT,
            version BIGINT NOT NULL,
            language TEXT NOT NULL
        );
        CREATE INDEX users_email ON users (email_key);
        CREATE INDEX users_created ON users (created, id);
        """)

    /// A session is a sign-in, by whatever way; what is handed out for it ends with it. `subject` is a user, or a client of OAuth that
    /// acts for itself.
    private static let sessions = Migration(
        "0002-sessions",
        """
        CREATE TABLE sessions (
            id TEXT PRIMARY KEY,
            user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            client_id TEXT,
            key_id TEXT,
            scopes TEXT,
            agent TEXT NOT NULL,
            address TEXT NOT NULL,
            created BIGINT NOT NULL,
            last_used BIGINT NOT NULL,
            expires BIGINT NOT NULL,
            revoked BIGINT
        );
        CREATE INDEX sessions_user ON sessions (user_id, created);
        CREATE INDEX sessions_expires ON sessions (expires);
        CREATE INDEX sessions_client ON sessions (client_id);
        CREATE TABLE refresh_tokens (
            digest TEXT PRIMARY KEY,
            session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            created BIGINT NOT NULL,
            expires BIGINT NOT NULL,
            used BIGINT
        );
        CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
        """)

    private static let keys = Migration(
        "0003-keys",
        """
        CREATE TABLE api_keys (
            id TEXT PRIMARY KEY,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            hint TEXT NOT NULL,
            digest TEXT NOT NULL UNIQUE,
            scopes TEXT NOT NULL,
            created BIGINT NOT NULL,
            expires BIGINT,
            last_used BIGINT
        );
        CREATE INDEX api_keys_user ON api_keys (user_id, created);
        """)

    private static let secondFactor = Migration(
        "0004-totp",
        """
        CREATE TABLE totp (
            user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
            sealed TEXT NOT NULL,
            created BIGINT NOT NULL,
            confirmed BIGINT,
            last_step BIGINT NOT NULL
        );
        CREATE TABLE recovery_codes (
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            digest TEXT NOT NULL,
            PRIMARY KEY (user_id, digest)
        );
        """)

    private static let attempts = Migration(
        "0005-attempts",
        """
        CREATE TABLE attempts (
            about TEXT PRIMARY KEY,
            failures BIGINT NOT NULL,
            last BIGINT NOT NULL,
            blocked_until BIGINT NOT NULL
        );
        CREATE INDEX attempts_last ON attempts (last);
        """)

    private static let mail = Migration(
        "0006-mail",
        """
        CREATE TABLE mail_queue (
            id TEXT PRIMARY KEY,
            recipient TEXT NOT NULL,
            -- The message, with the secret that it carries; sealed.
            sealed TEXT NOT NULL,
            created BIGINT NOT NULL,
            run_after BIGINT NOT NULL,
            attempts BIGINT NOT NULL,
            leased_until BIGINT NOT NULL,
            last_error TEXT
        );
        CREATE INDEX mail_queue_due ON mail_queue (run_after);
        CREATE TABLE mail_tokens (
            digest TEXT PRIMARY KEY,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            purpose TEXT NOT NULL,
            email TEXT NOT NULL,
            created BIGINT NOT NULL,
            expires BIGINT NOT NULL
        );
        CREATE INDEX mail_tokens_user ON mail_tokens (user_id, purpose);
        """)

    private static let oauth = Migration(
        "0007-oauth",
        """
        CREATE TABLE oauth_clients (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            -- Empty for a public client, which has no secret.
            secret_digest TEXT NOT NULL,
            redirect_uris TEXT NOT NULL,
            grants TEXT NOT NULL,
            scopes TEXT NOT NULL,
            created BIGINT NOT NULL
        );
        CREATE TABLE oauth_codes (
            digest TEXT PRIMARY KEY,
            client_id TEXT NOT NULL REFERENCES oauth_clients (id) ON DELETE CASCADE,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            -- Of what the code was exchanged for; empty before.
            session_id TEXT NOT NULL,
            redirect_uri TEXT NOT NULL,
            challenge TEXT NOT NULL,
            scopes TEXT NOT NULL,
            nonce TEXT,
            authenticated BIGINT NOT NULL,
            expires BIGINT NOT NULL
        );
        CREATE INDEX oauth_codes_expires ON oauth_codes (expires);
        CREATE TABLE oauth_consents (
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            client_id TEXT NOT NULL REFERENCES oauth_clients (id) ON DELETE CASCADE,
            scopes TEXT NOT NULL,
            given BIGINT NOT NULL,
            PRIMARY KEY (user_id, client_id)
        );
        """)

    /// `PasswordKind`s of the accounts that there are: of each text what stands before its salt.
    private static let passwordKinds = Migration(
        "0008-password-kinds",
        "CREATE TABLE password_kinds (kind TEXT PRIMARY KEY);"
            + [
                kinds("pbkdf2!_sha256$%", fixed: 14, letters: "0123456789"), kinds("bcrypt!_sha256$$2_$__$%", fixed: 20, letters: ""),
                kinds("bcrypt$$2_$__$%", fixed: 13, letters: ""), kinds("argon2$argon2id$v=19$%", fixed: 21, letters: costs),
                kinds("argon2$argon2i$v=19$%", fixed: 20, letters: costs), kinds("$argon2id$v=19$%", fixed: 15, letters: costs),
                kinds("$argon2i$v=19$%", fixed: 14, letters: costs),
            ].joined())

    private static let costs = "mtp=,0123456789"

    /// - Parameters:
    ///   - pattern: of the texts, for LIKE.
    ///   - fixed: characters before the cost.
    ///   - letters: what the cost is written with; a dollar sign follows it.
    private static func kinds(_ pattern: String, fixed: Int, letters: String) -> String {
        let rest = "substr(password, \(fixed + 1))"
        let cost = letters.isEmpty ? "0" : "length(\(rest)) - length(ltrim(\(rest), '\(letters)'))"
        return """
            INSERT INTO password_kinds (kind) SELECT DISTINCT substr(password, 1, \(fixed + 1) + \(cost)) FROM users
            WHERE password LIKE '\(pattern)' ESCAPE '!';
            """
    }

    /// What a refresh token gave, sealed, for as long as it gives that again.
    private static let successors = Migration("0009-refresh-successors", "ALTER TABLE refresh_tokens ADD COLUMN successor TEXT;")
}
