import Crypto
import CryptoExtras
import Foundation

/// A password as the database has it: a hash of ours (Argon2id, a PHC string), or one of Django's that came with an import. A hash of
/// another kind, or none, fits no password.
package struct StoredPassword: Sendable, Equatable {
    package let text: String

    package init(_ text: String) { self.text = text }

    /// Whether anybody can sign in with it.
    package var isUsable: Bool { Scheme(text) != nil }

    /// Whether it is what would be written now; one that is not is written anew when its owner signs in.
    package func isCurrent(_ cost: Argon2id.Cost) -> Bool {
        text.hasPrefix("$argon2id$") && Argon2id.cost(of: text) == cost
    }

    /// Blocks for as long as the hash takes.
    package func matches(_ password: String) -> Bool {
        switch Scheme(text) {
        case .argon2(let encoded): Argon2id.verify(password, encoded)
        case .pbkdf2(let iterations, let salt, let hash): Self.pbkdf2(password, iterations, salt) == hash
        case .bcrypt(let hash): Bcrypt.verify(password, hash)
        case .bcryptSHA256(let hash):
            // bcrypt reads 72 bytes at most; so Django hashes before, and gives it the hexadecimal digits.
            Bcrypt.verify(SHA256.hash(data: Data(password.utf8)).map { String(format: "%02x", $0) }.joined(), hash)
        case nil: false
        }
    }

    /// Digests rather than bytes, for these compare in constant time.
    private static func pbkdf2(_ password: String, _ iterations: Int, _ salt: String) -> SHA256.Digest? {
        let key = try? KDF.Insecure.PBKDF2.deriveKey(
            from: Data(password.utf8), salt: Data(salt.utf8), using: .sha256, outputByteCount: 32, unsafeUncheckedRounds: iterations)
        return key.map { key in key.withUnsafeBytes { SHA256.hash(data: Data($0)) } }
    }

    /// How a password is hashed, by the text's form: Django's are `algorithm$…`.
    private enum Scheme {
        case argon2(String)
        case pbkdf2(iterations: Int, salt: String, hash: SHA256.Digest)
        case bcrypt(String)
        case bcryptSHA256(String)

        private static let iterationLimit = 10_000_000

        init?(_ text: String) {
            if text.hasPrefix("$argon2") {
                guard Argon2id.cost(of: text) != nil else { return nil }
                self = .argon2(text)
                return
            }
            guard let end = text.firstIndex(of: "$") else { return nil }
            let rest = String(text[text.index(after: end)...])
            switch text[..<end] {
            case "argon2":
                guard Argon2id.cost(of: "$" + rest) != nil else { return nil }
                self = .argon2("$" + rest)
            case "pbkdf2_sha256":
                let parts = rest.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 3, let iterations = Int(parts[0]), (1...Self.iterationLimit).contains(iterations),
                    let hash = Data(base64Encoded: parts[2]), hash.count == 32
                else { return nil }
                self = .pbkdf2(iterations: iterations, salt: parts[1], hash: SHA256.hash(data: hash))
            case "bcrypt_sha256": self = .bcryptSHA256(rest)
            case "bcrypt": self = .bcrypt(rest)
            default: return nil
            }
        }
    }
}
