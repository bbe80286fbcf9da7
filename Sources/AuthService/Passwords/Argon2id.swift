import CArgon2
import Foundation

/// Argon2id (RFC 9106) by libargon2, with hashes in the PHC string format:
/// `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
package enum Argon2id {
    /// What a hash costs. The default is the OWASP password storage cheat sheet's second choice.
    package struct Cost: Sendable, Equatable {
        /// Memory in KiB.
        package var memory = 19_456
        /// Passes over the memory.
        package var passes = 2
        package var lanes = 1

        package init() {}

        package init(memory: Int, passes: Int, lanes: Int) {
            self.memory = memory
            self.passes = passes
            self.lanes = lanes
        }
    }

    private static let saltBytes = 16
    private static let hashBytes = 32

    /// What libargon2 failed with, such as a lack of memory.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// A hash with a new salt. Blocks for as long as it takes.
    package static func hash(_ password: String, _ cost: Cost) throws(Failure) -> String {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<saltBytes).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
        let phrase = Array(password.utf8)
        guard let memory = UInt32(exactly: cost.memory), let passes = UInt32(exactly: cost.passes), let lanes = UInt32(exactly: cost.lanes)
        else { throw Failure(description: "a cost beyond what Argon2 has numbers for") }
        let length = argon2_encodedlen(passes, memory, lanes, UInt32(saltBytes), UInt32(hashBytes), Argon2_id)
        var encoded = [CChar](repeating: 0, count: length)
        let status = argon2id_hash_encoded(
            passes, memory, lanes, phrase, phrase.count, salt, salt.count, hashBytes, &encoded, encoded.count)
        guard status == ARGON2_OK.rawValue else { throw Failure(description: String(cString: argon2_error_message(status))) }
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the hash is this password's; false where it is no hash of Argon2. Compared in constant time by libargon2. Blocks.
    static func verify(_ password: String, _ encoded: String) -> Bool {
        // A hash that came by an import must not take the machine's memory.
        guard let cost = cost(of: encoded), cost.memory <= memoryLimit, cost.passes <= passLimit, cost.lanes <= laneLimit else {
            return false
        }
        let phrase = Array(password.utf8)
        let kind = encoded.hasPrefix("$argon2id$") ? Argon2_id : Argon2_i
        return argon2_verify(encoded, phrase, phrase.count, kind) == ARGON2_OK.rawValue
    }

    /// Of `$argon2id$…` and `$argon2i$…`; nil where the text is neither.
    static func cost(of encoded: String) -> Cost? {
        let parts = encoded.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id" || parts[1] == "argon2i", parts[2] == "v=19" else { return nil }
        var numbers: [Substring: Int] = [:]
        for pair in parts[3].split(separator: ",") {
            let halves = pair.split(separator: "=")
            guard halves.count == 2, let number = Int(halves[1]), number > 0 else { return nil }
            numbers[halves[0]] = number
        }
        guard let memory = numbers["m"], let passes = numbers["t"], let lanes = numbers["p"] else { return nil }
        return Cost(memory: memory, passes: passes, lanes: lanes)
    }

    private static let memoryLimit = 1 << 20
    private static let passLimit = 64
    private static let laneLimit = 64
}
