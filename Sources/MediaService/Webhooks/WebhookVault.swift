import Crypto
import Foundation
import WebAPI

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
