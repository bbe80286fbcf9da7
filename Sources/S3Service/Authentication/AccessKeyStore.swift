import Crypto
import Foundation
import Persistence
import Synchronization
import WebAPI

/// The users and their access keys, in a database. Secrets are sealed (AES-256-GCM) with a key that is not in it: a copy of the
/// database signs nothing. Another process, such as `agrovet s3 key`, may change it meanwhile.
public final class AccessKeyStore: Sendable {
    private let database: any Database
    private let vault: SymmetricKey
    private let root: AccessKey?
    /// What was looked up lately, misses among them.
    private let known = Mutex<[String: (key: AccessKey?, until: ContinuousClock.Instant)]>([:])

    /// How long a key that was revoked by another process may go on.
    private static let memory: Duration = .seconds(1)
    private static let memoryCount = 10_000

    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case exists(String)
        case invalid(String)
        case unreadable(String)

        public var description: String {
            switch self {
            case .exists(let id): "there is an access key \(id) already"
            case .invalid(let reason): reason
            case .unreadable(let id): "the secret of \(id) was sealed with another key (keys/s3-key of the data folder)"
            }
        }
    }

    public static let migrations = [
        Migration("0001-access-keys") { _ in
            """
            CREATE TABLE s3_users (name TEXT PRIMARY KEY, email TEXT, created BIGINT NOT NULL);
            CREATE TABLE access_keys (
                id TEXT PRIMARY KEY,
                user_name TEXT NOT NULL REFERENCES s3_users (name),
                sealed_secret TEXT NOT NULL,
                policy TEXT,
                created BIGINT NOT NULL
            );
            CREATE INDEX access_keys_user ON access_keys (user_name);
            """
        }
    ]

    /// - Parameters:
    ///   - secret: of the installation, from a file that only the server may read.
    ///   - root: the pair that may do everything; it is not in the database.
    public init(database: any Database, secret: String, root: AccessKey?) {
        self.database = database
        vault = SymmetricKey(derivedFrom: secret, for: "agrovet s3 secret keys")
        self.root = root
    }

    /// Nil where there is none.
    func key(_ id: String) async throws -> AccessKey? {
        if id == root?.id { return root }
        let now = ContinuousClock.now
        if let entry = known.withLock({ $0[id] }), entry.until > now { return entry.key }
        let row = try await database.read { connection in
            try connection.query("SELECT * FROM access_keys WHERE id = $1", [SQLValue(id)]).first
        }
        let key = try row.map(open)
        known.withLock { known in
            if known.count >= Self.memoryCount { known.removeAll() }
            known[id] = (key, now + Self.memory)
        }
        return key
    }

    /// Nil where there is none, and where it has to be looked up.
    func keyAtOnce(_ id: String) -> AccessKey? {
        if id == root?.id { return root }
        guard let entry = known.withLock({ $0[id] }), entry.until > .now else { return nil }
        return entry.key
    }

    /// - Throws: `Failure`.
    public func add(_ key: AccessKey, email: String? = nil) async throws {
        if let problem = AccessKey.problem(id: key.id, secret: key.secret) ?? AccessKey.problem(user: key.user) {
            throw Failure.invalid(problem)
        }
        guard key.id != root?.id else { throw Failure.exists(key.id) }
        let sealed = try seal(key)
        do {
            try await database.write { connection in
                try connection.execute(
                    "INSERT INTO s3_users (name, email, created) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
                    [SQLValue(key.user), SQLValue(email), SQLValue(key.created)])
                if let email {
                    try connection.execute("UPDATE s3_users SET email = $2 WHERE name = $1", [SQLValue(key.user), SQLValue(email)])
                }
                try connection.execute(
                    "INSERT INTO access_keys (id, user_name, sealed_secret, policy, created) VALUES ($1, $2, $3, $4, $5)",
                    [SQLValue(key.id), SQLValue(key.user), SQLValue(sealed), SQLValue(key.policy), SQLValue(key.created)])
            }
        } catch DatabaseError.uniqueViolation {
            throw Failure.exists(key.id)
        }
        known.withLock { $0[key.id] = nil }
    }

    /// Without their secrets, in order of users and age.
    public func all() async throws -> [AccessKey] {
        let rows = try await database.read { connection in
            try connection.query("SELECT * FROM access_keys ORDER BY user_name, created, id")
        }
        return try rows.map {
            AccessKey(
                id: try $0.text("id"), secret: "", user: try $0.text("user_name"), policy: try $0.optionalText("policy"),
                created: Int64(try $0.int("created")))
        }
    }

    /// The pair that may do everything.
    var rootKey: AccessKey? { root }

    /// Says what a key may do at most; nil: all that its user may. Whether there was such a key.
    func setPolicy(_ policy: String?, of id: String) async throws -> Bool {
        let count = try await database.write {
            try $0.execute("UPDATE access_keys SET policy = $2 WHERE id = $1", [SQLValue(id), SQLValue(policy)])
        }
        known.withLock { $0[id] = nil }
        return count > 0
    }

    /// Whether there was one.
    public func remove(_ id: String) async throws -> Bool {
        let count = try await database.write { try $0.execute("DELETE FROM access_keys WHERE id = $1", [SQLValue(id)]) }
        known.withLock { $0[id] = nil }
        return count > 0
    }

    /// Whether a user of that name has ever had a key.
    func isUser(_ name: String) async throws -> Bool {
        if name == root?.user { return true }
        return try await database.read { connection in
            try !connection.query("SELECT 1 AS one FROM s3_users WHERE name = $1", [SQLValue(name)]).isEmpty
        }
    }

    /// The user with that address; nil where there is none.
    func user(email: String) async throws -> String? {
        try await database.read { connection in
            try connection.query("SELECT name FROM s3_users WHERE LOWER(email) = LOWER($1)", [SQLValue(email)]).first?.text("name")
        }
    }

    private func seal(_ key: AccessKey) throws -> String {
        let box = try AES.GCM.seal(Data(key.secret.utf8), using: vault, authenticating: Data(key.id.utf8))
        guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
        return combined.base64EncodedString()
    }

    private func open(_ row: SQLRow) throws -> AccessKey {
        let id = try row.text("id")
        guard let data = Data(base64Encoded: try row.text("sealed_secret")), let box = try? AES.GCM.SealedBox(combined: data),
            let secret = try? AES.GCM.open(box, using: vault, authenticating: Data(id.utf8))
        else { throw Failure.unreadable(id) }
        return AccessKey(
            id: id, secret: String(decoding: secret, as: UTF8.self), user: try row.text("user_name"),
            policy: try row.optionalText("policy"), created: Int64(try row.int("created")))
    }
}
