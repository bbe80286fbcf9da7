import Crypto
import Foundation
import Hummingbird

/// Signs paths for a limited time: `?expires=<Unix seconds>&signature=<base64url HMAC-SHA256 of "path\nexpires">`.
/// Whoever has the URL may read that one path until then.
public struct URLSigner: Sendable {
    private let key: SymmetricKey

    public init(secret: String) {
        // The secret's own key for this purpose, so that a session can never be mistaken for a URL's signature.
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Data(secret.utf8)), info: Data("agrovet url signature".utf8), outputByteCount: 32)
    }

    /// The path with its signature.
    public func sign(_ path: String, expires: Date) -> String {
        let seconds = Int(expires.timeIntervalSince1970)
        return "\(path)?expires=\(seconds)&signature=\(Base64URL.encode(code(path, seconds)))"
    }

    /// Whether the request carries a signature for its path that has not expired. Compared in constant time.
    public func isSigned(_ request: Request, now: Date) -> Bool {
        guard let text = request.uri.queryParameters["expires"], let seconds = Int(text), Double(seconds) > now.timeIntervalSince1970,
            let signature = request.uri.queryParameters["signature"].flatMap({ Base64URL.decode(String($0)) })
        else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: Self.message(request.uri.path, seconds), using: key)
    }

    private func code(_ path: String, _ seconds: Int) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Self.message(path, seconds), using: key)
    }

    private static func message(_ path: String, _ seconds: Int) -> Data { Data("\(path)\n\(seconds)".utf8) }
}
