import Crypto
import Foundation
import WebAPI

/// Signs the addresses of transformed pictures: base64url (RFC 4648 section 5, no padding) of HMAC-SHA256 over
/// `/{operations}/{media_id}.{ext}`, keyed by the UTF-8 bytes of a key's text. docs/TRANSFORMS.md has helpers for clients.
public struct TransformSigner: Sendable {
    private let keys: [SymmetricKey]

    /// - Parameter keys: the first signs; a signature by any of them is accepted, so that they can be rotated.
    /// - Precondition: there is one.
    public init(keys: [String]) {
        precondition(!keys.isEmpty, "signing takes a key")
        self.keys = keys.map { SymmetricKey(data: Data($0.utf8)) }
    }

    /// - Parameters:
    ///   - file: `{media_id}.{ext}`.
    /// - Returns: the path, from `/img/` on.
    public func path(operations: String, file: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Self.message(operations, file), using: keys[0])
        return "/img/\(Base64URL.encode(code))/\(operations)/\(file)"
    }

    /// Compared in constant time; every key is tried, whichever fits.
    package func accepts(_ signature: String, operations: String, file: String) -> Bool {
        guard signature.utf8.count == 43, let code = Base64URL.decode(signature) else { return false }
        let message = Self.message(operations, file)
        return keys.reduce(false) { isValid, key in
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key) || isValid
        }
    }

    private static func message(_ operations: String, _ file: String) -> Data { Data("/\(operations)/\(file)".utf8) }
}
