import Crypto
import Foundation
import Synchronization

/// Sessions of the console page: a cookie that carries subject and expiry, signed with HMAC-SHA256, so that no server
/// state is behind it; and the one-time codes that `agrovet serve` prints to open one.
public final class Sessions: Sendable {
    /// The cookie's name.
    public static let cookie = "agrovet_session"

    private let key: SymmetricKey
    /// How long a session lasts.
    public let lifetime: TimeInterval
    private let codes = Mutex<[String: (subject: String, expires: Date)]>([:])

    public init(secret: String, lifetime: TimeInterval) {
        key = SymmetricKey(derivedFrom: secret, for: "agrovet session")
        self.lifetime = lifetime
    }

    /// A code that opens one session for `subject`, once, within `validity` seconds.
    public func makeCode(for subject: String, validity: TimeInterval, now: Date = Date()) -> String {
        let code = SecretFile.random()
        codes.withLock { $0[code] = (subject, now.addingTimeInterval(validity)) }
        return code
    }

    /// The subject that a code stands for; it is used up by this.
    public func redeem(_ code: String, now: Date = Date()) -> String? {
        codes.withLock { codes in
            codes = codes.filter { $0.value.expires > now }
            // 256 random bits: a hash table's timing tells nothing that helps to guess one.
            return codes.removeValue(forKey: code)?.subject
        }
    }

    /// The cookie's value for a new session.
    public func open(for subject: String, now: Date = Date()) -> String {
        let payload = Base64URL.encode(Array("\(Int(now.timeIntervalSince1970 + lifetime)):\(subject)".utf8))
        return payload + "." + Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Data(payload.utf8), using: key))
    }

    /// The subject of a session's cookie; nil where it is forged or has expired.
    public func subject(ofCookie value: String, now: Date = Date()) -> String? {
        let halves = value.split(separator: ".")
        guard halves.count == 2, let code = Base64URL.decode(String(halves[1])),
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Data(halves[0].utf8), using: key),
            let bytes = Base64URL.decode(String(halves[0])), let payload = String(validating: bytes, as: UTF8.self),
            let colon = payload.firstIndex(of: ":"), let expires = Int(payload[..<colon]), Double(expires) > now.timeIntervalSince1970
        else { return nil }
        return String(payload[payload.index(after: colon)...])
    }
}
