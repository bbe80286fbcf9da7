import Crypto

/// A key derived from a secret for one day, region and service. It cannot be printed.
struct SigningKey: Sendable, CustomStringConvertible {
    /// Holds the key, and has taken it in: what is left to do for a signature is its text.
    private let prepared: HMAC<SHA256>

    var description: String { "SigningKey" }

    init(secret: String, scope: CredentialScope) {
        var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
        for step in [scope.day, scope.region, scope.service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(step.utf8), using: key))
        }
        prepared = HMAC<SHA256>(key: key)
    }

    private func code(of text: [UInt8]) -> HMAC<SHA256>.MAC {
        var mac = prepared
        mac.update(data: text)
        return mac.finalize()
    }

    func sign(_ text: [UInt8]) -> [UInt8] { Array(code(of: text)) }

    /// In constant time.
    func isSignature(_ signature: [UInt8], of text: [UInt8]) -> Bool { code(of: text) == signature }

    /// What is signed for a request: algorithm, time, scope, and the hash of the canonical request.
    static func stringToSign(canonicalRequest: [UInt8], time: String, scope: CredentialScope) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(192)
        text.append(contentsOf: "AWS4-HMAC-SHA256\n".utf8)
        text.append(contentsOf: time.utf8)
        text.append(0x0A)
        for part in [scope.day, scope.region, scope.service] {
            text.append(contentsOf: part.utf8)
            text.append(UInt8(ascii: "/"))
        }
        text.append(contentsOf: "aws4_request\n".utf8)
        Hexadecimal.append(SHA256.hash(data: canonicalRequest), to: &text)
        return text
    }
}
