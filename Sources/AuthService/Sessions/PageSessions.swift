import Crypto
import Foundation
import Synchronization
import WebAPI

/// The console page's cookie: the session's id and its end, signed with HMAC-SHA256, so that what is forged costs no look at the database;
/// and the one-time codes that `agrovet serve` prints to open a session.
public final class PageSessions: Sendable {
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
    package func redeem(_ code: String, now: Date = Date()) -> String? {
        codes.withLock { codes in
            codes = codes.filter { $0.value.expires > now }
            // 256 random bits: a hash table's timing tells nothing that helps to guess one.
            return codes.removeValue(forKey: code)?.subject
        }
    }

    /// The cookie's value for a session.
    package func cookie(for session: String, expires: Date) -> String {
        let payload = Base64URL.encode(Array("\(Int(expires.timeIntervalSince1970)):\(session)".utf8))
        return payload + "." + Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Data(payload.utf8), using: key))
    }

    /// The id of a cookie's session; nil where the cookie is forged or has expired.
    package func session(ofCookie value: String, now: Date = Date()) -> String? {
        let halves = value.split(separator: ".")
        guard halves.count == 2, let code = Base64URL.decode(String(halves[1])),
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Data(halves[0].utf8), using: key),
            let bytes = Base64URL.decode(String(halves[0])), let payload = String(validating: bytes, as: UTF8.self),
            let colon = payload.firstIndex(of: ":"), let expires = Int(payload[..<colon]), Double(expires) > now.timeIntervalSince1970
        else { return nil }
        return String(payload[payload.index(after: colon)...])
    }
}
