import Crypto
import CryptoExtras
import Foundation
import JWTKit
import Persistence
import WebAPI

/// How tokens are signed. The names are those of JOSE (RFC 7518, RFC 8037).
public enum SigningAlgorithm: String, Sendable, CaseIterable {
    case eddsa = "EdDSA"
    case es256 = "ES256"
    case rs256 = "RS256"
}

/// A key that signs tokens: Ed25519, P-256 or RSA.
struct SigningKey: Sendable {
    /// A UUIDv7, which tells when it was made.
    let id: String
    let algorithm: SigningAlgorithm
    /// Of its public half, without a line break (RFC 7517).
    let jwk: String
    private let signer: any JWTAlgorithm

    /// Milliseconds since 1970.
    var created: Int64 { UUIDv7.milliseconds(of: id) ?? 0 }

    private static let rsaBits = _RSA.Signing.KeySize.bits3072

    /// The private half of a new key, as PEM.
    static func makePEM(_ algorithm: SigningAlgorithm) throws -> String {
        switch algorithm {
        case .eddsa: Curve25519.Signing.PrivateKey().pemRepresentation
        case .es256: P256.Signing.PrivateKey().pemRepresentation
        case .rs256: try _RSA.Signing.PrivateKey(keySize: rsaBits).pemRepresentation
        }
    }

    init(id: String, algorithm: SigningAlgorithm, pem: String) async throws {
        self.id = id
        self.algorithm = algorithm
        let keys = JWTKeyCollection()
        let name = JWKIdentifier(string: id)
        let members: [(String, String)]
        switch algorithm {
        case .eddsa:
            let key = try Curve25519.Signing.PrivateKey(pemRepresentation: pem)
            await keys.add(eddsa: EdDSA.PrivateKey(backing: key), kid: name)
            members = [("kty", "OKP"), ("crv", "Ed25519"), ("x", Base64URL.encode(key.publicKey.rawRepresentation))]
        case .es256:
            let key = try P256.Signing.PrivateKey(pemRepresentation: pem)
            await keys.add(ecdsa: try ES256PrivateKey(backing: key), kid: name)
            let point = key.publicKey.rawRepresentation
            members = [
                ("kty", "EC"), ("crv", "P-256"), ("x", Base64URL.encode(point.prefix(32))), ("y", Base64URL.encode(point.suffix(32))),
            ]
        case .rs256:
            let key = try _RSA.Signing.PrivateKey(pemRepresentation: pem)
            await keys.add(rsa: try Insecure.RSA.PrivateKey(backing: key), digestAlgorithm: .sha256, kid: name)
            let numbers = try key.publicKey.getKeyPrimitives()
            members = [("kty", "RSA"), ("n", Base64URL.encode(numbers.modulus)), ("e", Base64URL.encode(numbers.publicExponent))]
        }
        signer = try await keys.getKey(for: name)
        jwk = JSONText.object(
            (members + [("kid", id), ("alg", algorithm.rawValue), ("use", "sig")]).map { ($0.0, JSONText.string($0.1)) })
    }

    /// A compact JWS (RFC 7515).
    /// - Parameters:
    ///   - type: `at+jwt` or `JWT`.
    ///   - payload: a JSON object.
    func sign(type: String, payload: Data) throws -> String {
        let header = JSONText.object(
            [("alg", algorithm.rawValue), ("kid", id), ("typ", type)].map { ($0.0, JSONText.string($0.1)) })
        let text = Base64URL.encode(header.utf8) + "." + Base64URL.encode(payload)
        return text + "." + Base64URL.encode(try signer.sign(Data(text.utf8)))
    }
}
