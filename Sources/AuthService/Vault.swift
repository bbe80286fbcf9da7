import Crypto
import Foundation
import WebAPI

/// Seals what the database must not tell to whoever copies it (AES-256-GCM), with a key that is not in it.
struct Vault: Sendable {
    private let key: SymmetricKey
    private let digestKey: SymmetricKey

    /// - Parameter secret: of the installation, from a file that only the server may read.
    init(secret: String) {
        key = SymmetricKey(derivedFrom: secret, for: "agrovet auth secrets")
        digestKey = SymmetricKey(derivedFrom: secret, for: "agrovet auth digests")
    }

    /// Base64; bound to the row that it is in, so that it is worth nothing in another.
    func seal(_ text: String, for row: String) throws -> String {
        let box = try AES.GCM.seal(Data(text.utf8), using: key, authenticating: Data(row.utf8))
        guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
        return combined.base64EncodedString()
    }

    /// Nil where it was sealed with another key or for another row.
    func open(_ sealed: String, for row: String) -> String? {
        guard let data = Data(base64Encoded: sealed), let box = try? AES.GCM.SealedBox(combined: data),
            let text = try? AES.GCM.open(box, using: key, authenticating: Data(row.utf8))
        else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    /// Of a secret that is short enough to be found by trying, were its digest without a key.
    func digest(_ text: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: digestKey).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
    }
}
