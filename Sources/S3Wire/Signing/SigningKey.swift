import Crypto

/// A key derived from a secret for one day, region and service. It cannot be printed.
struct SigningKey: Sendable, CustomStringConvertible {
    private let key: SymmetricKey

    var description: String { "SigningKey" }

    init(secret: String, scope: CredentialScope) {
        var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
        for step in [scope.day, scope.region, scope.service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(step.utf8), using: key))
        }
        self.key = key
    }

    func sign(_ text: [UInt8]) -> [UInt8] { Array(HMAC<SHA256>.authenticationCode(for: text, using: key)) }

    /// In constant time.
    func isSignature(_ signature: [UInt8], of text: [UInt8]) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: text, using: key)
    }

    /// What is signed for a request: algorithm, time, scope, and the hash of the canonical request.
    static func stringToSign(canonicalRequest: [UInt8], time: String, scope: CredentialScope) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(192)
        text.append(contentsOf: "AWS4-HMAC-SHA256\n".utf8)
        text.append(contentsOf: time.utf8)
        text.append(0x0A)
        text.append(contentsOf: scope.description.utf8)
        text.append(0x0A)
        Hexadecimal.append(SHA256.hash(data: canonicalRequest), to: &text)
        return text
    }
}
