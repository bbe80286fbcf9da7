import Crypto
import Foundation

/// The key that an endpoint's messages are signed with (Standard Webhooks, symmetric: HMAC-SHA256). Its text is shown once;
/// printed anywhere else it is a row of dots.
public struct WebhookSecret: Sendable, Equatable, CustomStringConvertible {
    private let key: [UInt8]
    private static let prefix = "whsec_"

    /// 256 random bits.
    public init() {
        var generator = SystemRandomNumberGenerator()
        key = (0..<32).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
    }

    /// Nil where the text is not `whsec_` and the base64 of 24 to 64 bytes.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let data = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            (24...64).contains(data.count)
        else { return nil }
        key = Array(data)
    }

    public var text: String { Self.prefix + Data(key).base64EncodedString() }
    public var description: String { Self.prefix + "…" }

    /// `v1,` and the base64 of the code over `id.timestamp.body`.
    public func signature(id: String, timestamp: Int, body: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(id).\(timestamp).\(body)".utf8), using: SymmetricKey(data: key))
        return "v1," + Data(code).base64EncodedString()
    }

    /// Whether a message is signed with this key and was sent lately.
    /// - Parameters:
    ///   - signatures: the header `webhook-signature`: several, separated by spaces.
    ///   - timestamp: the header `webhook-timestamp`: seconds since 1970.
    ///   - tolerance: seconds that the sender's clock may differ by.
    public func verifies(_ signatures: String, id: String, timestamp: String, body: Data, now: Date = Date(), tolerance: Double = 300)
        -> Bool
    {
        guard let seconds = Int(timestamp), abs(Double(seconds) - now.timeIntervalSince1970) <= tolerance else { return false }
        let signed = Data("\(id).\(timestamp).".utf8) + body
        return signatures.split(separator: " ").prefix(10).contains { signature in
            guard signature.hasPrefix("v1,"), let code = Data(base64Encoded: String(signature.dropFirst(3))) else { return false }
            return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: SymmetricKey(data: key))
        }
    }
}
