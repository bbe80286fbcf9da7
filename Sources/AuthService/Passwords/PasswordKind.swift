import Foundation
import Persistence

/// What verifying a hash takes: the text of a stored password up to its salt, such as `pbkdf2_sha256$600000$`, which is the same for all of one
/// algorithm and cost.
package struct PasswordKind: Sendable, Hashable {
    package let text: String

    /// Nil where the hash is of no kind that is verified.
    package init?(_ password: StoredPassword) {
        let pattern = /(pbkdf2_sha256\$[0-9]+|bcrypt(_sha256)?\$\$2[aby]\$[0-9]{2}|(argon2)?\$argon2id?\$v=19\$[mtp=,0-9]+)\$/
        guard let match = password.text.prefixMatch(of: pattern) else { return nil }
        text = String(match.0)
    }

    fileprivate init(text: String) { self.text = text }

    /// A hash of this kind that is nobody's: verifying it takes what verifying any of the kind takes.
    package var sample: StoredPassword {
        if text.hasPrefix("pbkdf2") { return StoredPassword(text + "salt$" + Data(count: 32).base64EncodedString()) }
        if text.hasPrefix("bcrypt") { return StoredPassword(text + String(repeating: ".", count: 53)) }
        // 16 and 32 bytes of zero, in base64 without padding.
        return StoredPassword(text + String(repeating: "A", count: 22) + "$" + String(repeating: "A", count: 43))
    }
}

/// The table of the kinds of hashes that accounts have: what a sign-in may take, without a look at all accounts. Other processes, such as an
/// import, add to it.
package enum PasswordKindTable {
    package static func all(on connection: any SQLConnection) throws -> [PasswordKind] {
        try connection.query("SELECT kind FROM password_kinds ORDER BY kind").map { PasswordKind(text: try $0.text("kind")) }
    }

    static func note(_ password: StoredPassword, on connection: any SQLConnection) throws {
        guard let kind = PasswordKind(password) else { return }
        try connection.execute("INSERT INTO password_kinds (kind) VALUES ($1) ON CONFLICT (kind) DO NOTHING", [SQLValue(kind.text)])
    }

    /// Takes away kinds that no account has any more. One that a process writes at the same moment is noted when its owner comes.
    static func sweep(on connection: any SQLConnection) throws {
        try connection.execute(
            "DELETE FROM password_kinds WHERE NOT EXISTS (SELECT 1 FROM users WHERE substr(users.password, 1, length(kind)) = kind)")
    }
}
