import Crypto
import Foundation

/// Keys of HMAC-SHA256 that can be rotated: the first signs, a code by any of them is accepted.
package struct SigningKeys: Sendable {
    private let keys: [SymmetricKey]

    /// - Precondition: there is one.
    package init(_ keys: [SymmetricKey]) {
        precondition(!keys.isEmpty, "signing takes a key")
        self.keys = keys
    }

    package func code(for message: some DataProtocol) -> HMAC<SHA256>.MAC { HMAC<SHA256>.authenticationCode(for: message, using: keys[0]) }

    /// Compared in constant time; every key is tried, whichever fits.
    package func accept(_ code: some ContiguousBytes, for message: some DataProtocol) -> Bool {
        keys.reduce(false) { isValid, key in
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key) || isValid
        }
    }
}

extension SymmetricKey {
    /// A key of 256 bits for one purpose (HKDF-SHA256, RFC 5869), so that what a secret signs for one can never be mistaken for
    /// another.
    package init(derivedFrom secret: String, for purpose: String) {
        self = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Data(secret.utf8)), info: Data(purpose.utf8), outputByteCount: 32)
    }
}
