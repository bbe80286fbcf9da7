import Crypto
import Foundation
import HTTPTypes
import ObjectStorage
import S3Wire
import WebAPI

/// How an object is encrypted, as it stands beside the object.
package struct ObjectEncryption: Sendable, Hashable, Codable {
    /// What `aws:kms` without the id of a key means, as at AWS.
    static let defaultKMSKey = "aws/s3"

    package enum Kind: String, Sendable, Codable {
        /// SSE-S3: the server's own key.
        case aes256 = "AES256"
        /// SSE-KMS: a key of the server's that is derived for the id that the client named.
        case kms = "aws:kms"
        /// SSE-C: the client's key, which is never kept.
        case customer = "customer"
    }

    let kind: Kind
    /// The object's data key, sealed with the key above.
    let wrappedKey: String
    /// Of SSE-KMS.
    var keyID: String?
    /// Base64 of the MD5 of the client's key, of SSE-C.
    var customerKeyMD5: String?

    init?(_ attributes: ObjectAttributes) {
        guard let text = attributes.encryption, let value = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else { return nil }
        self = value
    }

    init(kind: Kind, wrappedKey: String, keyID: String? = nil, customerKeyMD5: String? = nil) {
        self.kind = kind
        self.wrappedKey = wrappedKey
        self.keyID = keyID
        self.customerKeyMD5 = customerKeyMD5
    }

    /// As it is kept.
    package var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: (try? encoder.encode(self)) ?? Data(), as: UTF8.self)
    }

    /// What answers tell of it.
    var headers: HTTPFields {
        switch kind {
        case .aes256: return [.serverSideEncryption: kind.rawValue]
        case .kms:
            var fields: HTTPFields = [.serverSideEncryption: kind.rawValue]
            fields[.kmsKeyID] = keyID
            return fields
        case .customer:
            var fields: HTTPFields = [.customerAlgorithm: "AES256"]
            fields[.customerKeyMD5] = customerKeyMD5
            return fields
        }
    }
}

extension HTTPField.Name {
    package static let serverSideEncryption = Self("x-amz-server-side-encryption")!
    static let kmsKeyID = Self("x-amz-server-side-encryption-aws-kms-key-id")!
    static let kmsContext = Self("x-amz-server-side-encryption-context")!
    static let customerAlgorithm = Self("x-amz-server-side-encryption-customer-algorithm")!
    static let customerKey = Self("x-amz-server-side-encryption-customer-key")!
    static let customerKeyMD5 = Self("x-amz-server-side-encryption-customer-key-md5")!
    static let copySourceCustomerAlgorithm = Self("x-amz-copy-source-server-side-encryption-customer-algorithm")!
    static let copySourceCustomerKey = Self("x-amz-copy-source-server-side-encryption-customer-key")!
    static let copySourceCustomerKeyMD5 = Self("x-amz-copy-source-server-side-encryption-customer-key-md5")!
}

/// A key that a client brings with its request (SSE-C).
package struct CustomerKey: Sendable {
    let key: SymmetricKey
    /// Base64.
    let md5: String

    /// - Parameter copySource: whether the fields of the source of a copy are meant.
    /// - Returns: nil where the request brings none.
    init?(_ headers: HTTPFields, copySource: Bool = false) throws(S3Error) {
        let names: [HTTPField.Name] =
            copySource
            ? [.copySourceCustomerAlgorithm, .copySourceCustomerKey, .copySourceCustomerKeyMD5]
            : [.customerAlgorithm, .customerKey, .customerKeyMD5]
        let (algorithm, key, md5) = (headers[names[0]], headers[names[1]], headers[names[2]])
        if algorithm == nil, key == nil, md5 == nil { return nil }
        guard let algorithm else {
            throw S3Error.invalidArgument.with(
                message: "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm."
            )
        }
        guard algorithm == "AES256" else { throw S3Error.invalidEncryptionAlgorithm }
        guard let key, let bytes = Data(base64Encoded: key) else {
            throw S3Error.invalidArgument.with(
                message: "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.")
        }
        guard bytes.count == 32 else {
            throw S3Error.invalidArgument.with(message: "The secret key was invalid for the specified algorithm.")
        }
        guard let md5 else {
            throw S3Error.invalidArgument.with(
                message:
                    "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the secret key."
            )
        }
        guard Data(base64Encoded: md5) == Data(Insecure.MD5.hash(data: bytes)) else {
            throw S3Error.invalidArgument.with(message: "The calculated MD5 hash of the key did not match the hash that was provided.")
        }
        self.key = SymmetricKey(data: bytes)
        self.md5 = md5
    }
}

/// What a request or its bucket asks for.
package struct EncryptionWish: Sendable {
    let kind: ObjectEncryption.Kind
    var keyID: String?
    var customerKey: CustomerKey?

    /// - Parameter bucketDefault: what the bucket's configuration asks for where the request asks for nothing.
    /// - Returns: nil where nothing is to be encrypted.
    package init?(_ headers: HTTPFields, bucketDefault: (kind: ObjectEncryption.Kind, keyID: String?)?) throws(S3Error) {
        let customer = try CustomerKey(headers)
        let named = headers[.serverSideEncryption]
        if let customer {
            guard named == nil else {
                throw S3Error.invalidArgument.with(
                    message: "Server Side Encryption with Customer provided key is incompatible with the encryption method specified.")
            }
            kind = .customer
            customerKey = customer
            return
        }
        switch named {
        case "AES256"?:
            guard headers[.kmsKeyID] == nil else {
                throw S3Error.invalidArgument.with(message: "AES256 takes no key id of a key management service.")
            }
            kind = .aes256
        case "aws:kms"?, "aws:kms:dsse"?:
            let id = headers[.kmsKeyID] ?? bucketDefault?.keyID ?? ObjectEncryption.defaultKMSKey
            guard !id.isEmpty else { throw S3Error.invalidArgument.with(message: "The id of a key is empty.") }
            kind = .kms
            keyID = id
        case .some:
            throw S3Error.invalidArgument.with(message: "The encryption method specified is not supported.")
        case nil:
            guard headers[.kmsKeyID] == nil else {
                throw S3Error.invalidArgument.with(message: "A key id goes with the encryption method aws:kms.")
            }
            guard let bucketDefault else { return nil }
            kind = bucketDefault.kind
            keyID = bucketDefault.keyID
        }
    }
}

/// Makes and opens the data keys of objects.
package struct EncryptionKeys: Sendable {
    private let master: SymmetricKey

    /// - Parameter secret: of the installation, from a file that only the server may read.
    package init(secret: String) {
        master = SymmetricKey(derivedFrom: secret, for: "agrovet s3 objects")
    }

    /// A new data key, and how it stands beside the object.
    package func make(_ wish: EncryptionWish) throws -> (dataKey: SymmetricKey, encryption: ObjectEncryption) {
        let dataKey = SymmetricKey(size: .bits256)
        let sealed = try dataKey.withUnsafeBytes { bytes in
            try AES.GCM.seal(bytes, using: wrapping(wish.kind, keyID: wish.keyID, customer: wish.customerKey))
        }
        guard let combined = sealed.combined else { throw CryptoKitError.incorrectParameterSize }
        return (
            dataKey,
            ObjectEncryption(
                kind: wish.kind, wrappedKey: combined.base64EncodedString(), keyID: wish.keyID, customerKeyMD5: wish.customerKey?.md5)
        )
    }

    /// The data key of an object.
    ///
    /// - Parameter customer: the client's key, which an object of SSE-C needs and no other takes.
    package func open(_ encryption: ObjectEncryption, customer: CustomerKey?) throws -> SymmetricKey {
        switch (encryption.kind, customer) {
        case (.customer, nil):
            throw S3Error.invalidRequest.with(
                message:
                    "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object."
            )
        case (.aes256, .some), (.kms, .some):
            throw S3Error.invalidRequest.with(message: "The encryption parameters are not applicable to this object.")
        case (.customer, let customer?) where customer.md5 != encryption.customerKeyMD5:
            throw S3Error.invalidRequest.with(message: "The provided encryption parameters did not match the ones used originally.")
        default: break
        }
        guard let data = Data(base64Encoded: encryption.wrappedKey), let box = try? AES.GCM.SealedBox(combined: data),
            let key = try? AES.GCM.open(box, using: wrapping(encryption.kind, keyID: encryption.keyID, customer: customer))
        else {
            if encryption.kind == .customer { throw S3Error.accessDenied }
            throw DamagedObject()
        }
        return SymmetricKey(data: key)
    }

    private func wrapping(_ kind: ObjectEncryption.Kind, keyID: String?, customer: CustomerKey?) -> SymmetricKey {
        switch kind {
        case .customer: customer?.key ?? master
        case .aes256: master
        case .kms:
            HKDF<SHA256>.deriveKey(inputKeyMaterial: master, info: Data("kms \(keyID ?? "")".utf8), outputByteCount: 32)
        }
    }
}
