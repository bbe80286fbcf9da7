import Foundation
import Persistence

/// A user's second factor in the database: the key, sealed, and the codes that help who has lost it.
package struct SecondFactor: Sendable {
    let vault: Vault

    static let recoveryCodes = 10

    private struct Entry {
        let key: [UInt8]
        let isConfirmed: Bool
        let lastStep: Int64
    }

    /// Whether a sign-in needs it.
    package static func isOn(_ user: String, on connection: any SQLConnection) throws -> Bool {
        try !connection.query("SELECT 1 AS one FROM totp WHERE user_id = $1 AND confirmed IS NOT NULL", [SQLValue(user)]).isEmpty
    }

    /// Begins anew with a key that is not asked for until it is confirmed.
    package func begin(_ user: String, now: Int64, on connection: any SQLConnection) throws -> TOTP {
        let totp = TOTP(key: TOTP.makeKey())
        try connection.execute(
            """
            INSERT INTO totp (user_id, sealed, created, confirmed, last_step) VALUES ($1, $2, $3, NULL, 0)
            ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, created = excluded.created, confirmed = NULL, last_step = 0
            """, [SQLValue(user), SQLValue(try vault.seal(Base32.encode(totp.key), for: user)), SQLValue(now)])
        return totp
    }

    /// Switches it on where the code is right.
    /// - Returns: whether it was.
    package func confirm(_ user: String, code: String, now: Int64, on connection: any SQLConnection) throws -> Bool {
        guard let entry = try entry(user, on: connection), try use(code, of: user, entry, now: now, on: connection) else { return false }
        try connection.execute("UPDATE totp SET confirmed = $2 WHERE user_id = $1", [SQLValue(user), SQLValue(now)])
        return true
    }

    /// Whether a code of the app, or a recovery code, is right; it is used up by this.
    package func accept(_ code: String, of user: String, now: Int64, on connection: any SQLConnection) throws -> Bool {
        let plain = code.filter { !$0.isWhitespace }
        guard let entry = try entry(user, on: connection), entry.isConfirmed else { return false }
        if try use(plain, of: user, entry, now: now, on: connection) { return true }
        return try connection.execute(
            "DELETE FROM recovery_codes WHERE user_id = $1 AND digest = $2",
            [SQLValue(user), SQLValue(digest(plain, of: user))]) == 1
    }

    /// New recovery codes in place of those there were.
    package func makeRecoveryCodes(_ user: String, on connection: any SQLConnection) throws -> [String] {
        try connection.execute("DELETE FROM recovery_codes WHERE user_id = $1", [SQLValue(user)])
        return try (0..<Self.recoveryCodes).map { _ in
            var generator = SystemRandomNumberGenerator()
            let text = Base32.encode((0..<10).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }).lowercased()
            let code = stride(from: 0, to: 16, by: 4).map { text.dropFirst($0).prefix(4) }.joined(separator: "-")
            try connection.execute(
                "INSERT INTO recovery_codes (user_id, digest) VALUES ($1, $2)", [SQLValue(user), SQLValue(digest(code, of: user))])
            return code
        }
    }

    static func recoveryCodesLeft(_ user: String, on connection: any SQLConnection) throws -> Int {
        try connection.query("SELECT COUNT(*) AS codes FROM recovery_codes WHERE user_id = $1", [SQLValue(user)]).first?.int("codes") ?? 0
    }

    static func end(_ user: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM totp WHERE user_id = $1", [SQLValue(user)])
        try connection.execute("DELETE FROM recovery_codes WHERE user_id = $1", [SQLValue(user)])
    }

    private func entry(_ user: String, on connection: any SQLConnection) throws -> Entry? {
        let row = try connection.query("SELECT sealed, confirmed, last_step FROM totp WHERE user_id = $1", [SQLValue(user)]).first
        guard let row, let key = vault.open(try row.text("sealed"), for: user).flatMap(Base32.decode) else { return nil }
        return Entry(key: key, isConfirmed: try row.optionalInt("confirmed") != nil, lastStep: Int64(try row.int("last_step")))
    }

    private func use(_ code: String, of user: String, _ entry: Entry, now: Int64, on connection: any SQLConnection) throws -> Bool {
        guard let step = TOTP(key: entry.key).step(of: code, at: now / 1000, after: entry.lastStep) else { return false }
        // Whoever comes second with one code, at the same moment too, finds no row.
        return try connection.execute(
            "UPDATE totp SET last_step = $2 WHERE user_id = $1 AND last_step < $2", [SQLValue(user), SQLValue(step)]) == 1
    }

    /// Without the hyphens, which people leave out.
    private func digest(_ code: String, of user: String) -> String {
        vault.digest(user + ":" + code.lowercased().filter { $0 != "-" })
    }
}
