import Crypto
import Foundation
import WebAPI

/// The key that an endpoint's messages are signed with (Standard Webhooks, symmetric: HMAC-SHA256). Its text is shown once;
/// printed anywhere else it is a row of dots.
package struct WebhookSecret: Sendable, Equatable, CustomStringConvertible {
    private let key: [UInt8]
    private static let prefix = "whsec_"

    /// 256 random bits.
    package init() {
        var generator = SystemRandomNumberGenerator()
        key = (0..<32).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
    }

    /// Nil where the text is not `whsec_` and the base64 of 24 to 64 bytes.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let data = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            (24...64).contains(data.count)
        else { return nil }
        key = Array(data)
    }

    package var text: String { Self.prefix + Data(key).base64EncodedString() }
    package var description: String { Self.prefix + "…" }

    /// `v1,` and the base64 of the code over `id.timestamp.body`.
    package func signature(id: String, timestamp: Int, body: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(id).\(timestamp).\(body)".utf8), using: SymmetricKey(data: key))
        return "v1," + Data(code).base64EncodedString()
    }
}

/// Seals secrets for the database (AES-256-GCM), with a key that is not in it: a copy of the database signs nothing.
package struct WebhookVault: Sendable {
    private let key: SymmetricKey

    /// - Parameter secret: of the installation, from a file that only the server may read.
    package init(secret: String) {
        key = SymmetricKey(derivedFrom: secret, for: "agrovet webhook secrets")
    }

    /// Base64; bound to the endpoint, so that a row moved to another is worth nothing.
    package func seal(_ secret: WebhookSecret, of endpoint: String) throws -> String {
        let box = try AES.GCM.seal(Data(secret.text.utf8), using: key, authenticating: Data(endpoint.utf8))
        guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
        return combined.base64EncodedString()
    }

    /// Nil where it was sealed with another key or for another endpoint.
    package func open(_ sealed: String, of endpoint: String) -> WebhookSecret? {
        guard let data = Data(base64Encoded: sealed), let box = try? AES.GCM.SealedBox(combined: data),
            let text = try? AES.GCM.open(box, using: key, authenticating: Data(endpoint.utf8))
        else { return nil }
        return WebhookSecret(String(decoding: text, as: UTF8.self))
    }
}
