import Foundation

/// A pair that signs requests in a user's name.
public struct AccessKey: Sendable, CustomStringConvertible {
    /// What is sent with a request.
    public let id: String
    /// What signs it; never sent, never logged.
    public let secret: String
    public let user: String
    /// What the key may do at most, as a policy of JSON; nil: all that its user may.
    public let policy: String?
    /// Milliseconds since 1970, UTC.
    public let created: Int64
    /// May do everything with every bucket.
    public let isRoot: Bool

    public var description: String { "access key \(id) of \(user)" }

    public init(id: String, secret: String, user: String, policy: String? = nil, created: Int64, isRoot: Bool = false) {
        self.id = id
        self.secret = secret
        self.user = user
        self.policy = policy
        self.created = created
        self.isRoot = isRoot
    }

    /// A new pair: 20 letters and digits, and 40 characters of base64 (240 random bits).
    public static func make(user: String, policy: String? = nil, now: Date = Date()) -> AccessKey {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        let id = "AG" + String((0..<18).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] })
        let secret = Data((0..<30).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }).base64EncodedString()
        return AccessKey(id: id, secret: secret, user: user, policy: policy, created: Int64(now.timeIntervalSince1970 * 1000))
    }

    /// Why a pair of the operator's own cannot be taken; nil where it can.
    public static func problem(id: String, secret: String) -> String? {
        let isWord = { (byte: UInt8) in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x5F
                || byte == 0x2E
        }
        guard (3...128).contains(id.utf8.count), id.utf8.allSatisfy(isWord) else {
            return "an access key is 3 to 128 letters, digits, '-', '_' and '.'"
        }
        guard (16...256).contains(secret.utf8.count), secret.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return "a secret key is 16 to 256 printable characters without spaces"
        }
        return nil
    }

    /// Why a user cannot have this name; nil where it can.
    public static func problem(user: String) -> String? {
        let isAllowed = { (byte: UInt8) in byte > 0x20 && byte < 0x7F && !"/:,\"'<>&*?\\".utf8.contains(byte) }
        return (1...64).contains(user.utf8.count) && user.utf8.allSatisfy(isAllowed)
            ? nil : "a user's name is 1 to 64 printable characters without spaces and / : , \" ' < > & * ? \\"
    }
}
