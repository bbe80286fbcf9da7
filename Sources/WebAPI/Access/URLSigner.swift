import Crypto
import Foundation
import Hummingbird

/// Signs paths for a limited time: `?expires=<Unix seconds>&signature=<base64url HMAC-SHA256 of "path\nexpires">`.
/// Whoever has the URL may read that one path until then.
public struct URLSigner: Sendable {
    private let keys: SigningKeys

    /// What a signature lets its holder do. Each has a key of its own, so that one can never be mistaken for another.
    public enum Purpose: String, Sendable {
        case reading = "agrovet url signature"
        case uploading = "agrovet upload signature"
    }

    public init(secret: String) { self.init(secrets: [secret], purpose: .reading) }

    /// - Parameter secrets: the first signs; a signature by any of them is accepted, so that they can be rotated.
    /// - Precondition: there is one.
    public init(secrets: [String], purpose: Purpose) {
        keys = SigningKeys(secrets.map { SymmetricKey(derivedFrom: $0, for: purpose.rawValue) })
    }

    /// The path with its signature.
    public func sign(_ path: String, expires: Date) -> String {
        let seconds = Int(expires.timeIntervalSince1970)
        return "\(path)?expires=\(seconds)&signature=\(Base64URL.encode(keys.code(for: Self.message(path, seconds))))"
    }

    /// Whether the request carries a signature for its path that has not expired. Compared in constant time.
    public func isSigned(_ request: Request, now: Date) -> Bool { verdict(on: request, path: request.uri.path, now: now) == .valid }

    public enum Verdict: Sendable {
        case valid
        /// It was valid once.
        case expired
        case invalid
    }

    /// - Parameter path: what has to have been signed.
    public func verdict(on request: Request, path: String, now: Date) -> Verdict {
        guard let seconds = request.uri.queryParameters["expires"].flatMap({ Int($0) }),
            let signature = request.uri.queryParameters["signature"].flatMap({ Base64URL.decode(String($0)) })
        else { return .invalid }
        guard keys.accept(signature, for: Self.message(path, seconds)) else { return .invalid }
        return Double(seconds) > now.timeIntervalSince1970 ? .valid : .expired
    }

    private static func message(_ path: String, _ seconds: Int) -> Data { Data("\(path)\n\(seconds)".utf8) }
}
