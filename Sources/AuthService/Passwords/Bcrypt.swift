import CCrypt
import Crypto
import Foundation

/// bcrypt by libxcrypt, only to verify what another system has hashed.
enum Bcrypt {
    /// Whether `$2b$12$…` is this phrase's. A cost beyond 15, seconds of work, is none that anybody uses. Blocks.
    static func verify(_ phrase: String, _ hash: String) -> Bool {
        guard hash.wholeMatch(of: /\$2[aby]\$(0[4-9]|1[0-5])\$[.\/A-Za-z0-9]{53}/) != nil else { return false }
        var (data, size): (UnsafeMutableRawPointer?, Int32) = (nil, 0)
        // crypt_ra makes the room that it needs, and it is ours to give back.
        defer { free(data) }
        guard let result = crypt_ra(phrase, hash, &data, &size) else { return false }
        return ConstantTime.areEqual(Array(String(cString: result).utf8), Array(hash.utf8))
    }
}

/// Comparisons whose duration tells nothing of where two values differ.
enum ConstantTime {
    static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        // Digests compare in constant time.
        SHA256.hash(data: one) == SHA256.hash(data: other)
    }
}
