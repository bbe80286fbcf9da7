import Crypto
import Foundation
import WebAPI

/// Signs the addresses of transformed pictures: base64url (RFC 4648 section 5, no padding) of HMAC-SHA256 over
/// `/{operations}/{media_id}.{ext}`, keyed by the UTF-8 bytes of a key's text. docs/TRANSFORMS.md has helpers for clients.
public struct TransformSigner: Sendable {
    private let keys: SigningKeys

    /// - Parameter keys: the first signs; a signature by any of them is accepted, so that they can be rotated.
    /// - Precondition: there is one.
    public init(keys: [String]) {
        self.keys = SigningKeys(keys.map { SymmetricKey(data: Data($0.utf8)) })
    }

    /// - Parameters:
    ///   - file: `{media_id}.{ext}`.
    /// - Returns: the path, from `/img/` on.
    public func path(operations: String, file: String) -> String {
        "/img/\(Base64URL.encode(keys.code(for: Self.message(operations, file))))/\(operations)/\(file)"
    }

    /// Compared in constant time; every key is tried, whichever fits.
    package func accepts(_ signature: String, operations: String, file: String) -> Bool {
        guard signature.utf8.count == 43, let code = Base64URL.decode(signature) else { return false }
        return keys.accept(code, for: Self.message(operations, file))
    }

    private static func message(_ operations: String, _ file: String) -> Data { Data("/\(operations)/\(file)".utf8) }
}
