import Crypto
import Foundation

/// Who a form says its policy is from, and by which signature. What is signed is the field `policy` as it came.
public struct PostAuthorization: Sendable {
    public let accessKey: String
    /// The field `policy`.
    public let policy: String
    /// Whether it is signed by Signature Version 2 (HMAC-SHA1 over the policy).
    public let isVersion2: Bool

    /// Of Version 4.
    private let scope: CredentialScope?
    private let signature: [UInt8]

    /// - Parameters:
    ///   - fields: of the form; their names are the same in either case.
    ///   - acceptsVersion2: whether `AWSAccessKeyId` and `signature` will do. Forms that stand on pages for years use them still.
    /// - Returns: nil for a form without policy: anonymous.
    /// - Throws: `InvalidArgument` where something is missing, `AccessDenied`, `AuthorizationQueryParametersError`.
    public static func parse(
        fields: [(name: String, value: String)], acceptsVersion2: Bool = true
    ) throws(S3Error) -> PostAuthorization? {
        func value(_ name: String) -> String? { fields.first { $0.name.lowercased() == name }?.value }
        guard let policy = value("policy") else {
            guard value("signature") == nil, value("x-amz-signature") == nil else { throw missing("policy") }
            return nil
        }
        if value("x-amz-algorithm") != nil || value("x-amz-signature") != nil || value("x-amz-credential") != nil {
            return try PostAuthorization(
                policy: policy, algorithm: value("x-amz-algorithm"), credential: value("x-amz-credential"), date: value("x-amz-date"),
                signature: value("x-amz-signature"))
        }
        guard let accessKey = value("awsaccesskeyid") else { throw missing("AWSAccessKeyId") }
        guard let signature = value("signature") else { throw missing("signature") }
        guard acceptsVersion2 else {
            throw .invalidRequest.with(
                message: "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
        }
        guard let bytes = Base64.decode(signature), bytes.count == 20 else { throw .signatureDoesNotMatch }
        return PostAuthorization(accessKey: accessKey, policy: policy, isVersion2: true, scope: nil, signature: bytes)
    }

    private init(accessKey: String, policy: String, isVersion2: Bool, scope: CredentialScope?, signature: [UInt8]) {
        self.accessKey = accessKey
        self.policy = policy
        self.isVersion2 = isVersion2
        self.scope = scope
        self.signature = signature
    }

    private init(policy: String, algorithm: String?, credential: String?, date: String?, signature: String?) throws(S3Error) {
        guard let algorithm else { throw Self.missing("X-Amz-Algorithm") }
        guard let credential else { throw Self.missing("X-Amz-Credential") }
        guard let date else { throw Self.missing("X-Amz-Date") }
        guard let signature else { throw Self.missing("X-Amz-Signature") }
        guard algorithm == "AWS4-HMAC-SHA256" else {
            throw .invalidArgument.with(message: "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"")
        }
        guard let (accessKey, scope) = CredentialScope.parse(Array(credential.utf8)[...]), scope.service == "s3" else {
            throw .authorizationQueryParametersError.with(
                message: "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
                    + "\"<YOUR-AKID>/YYYYMMDD/REGION/s3/aws4_request\".")
        }
        guard let time = AmzDate(date), time.day == scope.day else { throw .accessDenied.with(message: "Invalid X-Amz-Date") }
        guard let bytes = Hexadecimal.bytes(signature.utf8), bytes.count == 32 else { throw .signatureDoesNotMatch }
        self.init(accessKey: accessKey, policy: policy, isVersion2: false, scope: scope, signature: bytes)
    }

    /// Compares the signature with that of the secret, in constant time.
    /// - Throws: `SignatureDoesNotMatch`.
    public func verify(secret: String, keys: SigningKeyCache) throws(S3Error) {
        let text = Array(policy.utf8)
        guard let scope else {
            let key = SymmetricKey(data: Array(secret.utf8))
            guard HMAC<Insecure.SHA1>.isValidAuthenticationCode(signature, authenticating: text, using: key) else {
                throw .signatureDoesNotMatch.with(field: "AWSAccessKeyId", accessKey)
            }
            return
        }
        let key = keys.key(accessKey: accessKey, secret: secret, scope: scope)
        guard key.isSignature(signature, of: text) else {
            throw .signatureDoesNotMatch.with(field: "AWSAccessKeyId", accessKey)
        }
        keys.keep(key, accessKey: accessKey, secret: secret, scope: scope)
    }

    private static func missing(_ field: String) -> S3Error {
        .invalidArgument.with(
            message: "Bucket POST must contain a field named '\(field)'.  If it is specified, please check the order of the fields."
        )
        .with(field: "ArgumentName", field)
    }
}
