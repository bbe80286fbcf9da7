import Crypto
import Foundation
import S3Wire

/// The signature of a POST form by Signature V2: HMAC-SHA1 over its policy. Refused unless a setting takes it.
struct OldFormSignature: Sendable {
    let accessKey: String
    private let signature: [UInt8]
    private let policy: String

    /// Nil where the form has no field of Signature V2.
    /// - Throws: `InvalidArgument` where it has some of them only.
    init?(_ fields: [(name: String, value: String)]) throws(S3Error) {
        let value = { (name: String) in fields.first { $0.name.lowercased() == name }?.value }
        guard let accessKey = value("awsaccesskeyid") else { return nil }
        guard let policy = value("policy") else {
            throw .invalidArgument.with(message: "Bucket POST must contain a field named 'policy'.")
        }
        guard let text = value("signature"), let signature = Data(base64Encoded: text) else {
            throw .invalidArgument.with(message: "Bucket POST must contain a field named 'Signature'.")
        }
        self.accessKey = accessKey
        self.policy = policy
        self.signature = Array(signature)
    }

    /// Compared in constant time.
    func isValid(secret: String) -> Bool {
        HMAC<Insecure.SHA1>.isValidAuthenticationCode(
            signature, authenticating: Data(policy.utf8), using: SymmetricKey(data: Data(secret.utf8)))
    }
}
