import Crypto
import Foundation
import HTTPTypes

/// Signs requests as clients do (Signature Version 4).
public struct S3Signer: Sendable {
    public let accessKey: String
    private let secretKey: String
    public let region: String
    public let service: String
    private let keys = SigningKeyCache(capacity: 4)

    public init(accessKey: String, secretKey: String, region: String, service: String = "s3") {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.region = region
        self.service = service
    }

    /// Adds `x-amz-date`, `x-amz-content-sha256` and `Authorization`; all headers that are there are signed.
    /// - Returns: how to sign the chunks of a body that streams.
    @discardableResult
    public func sign(_ request: inout SignedRequest, payload: PayloadMode, now: Date) -> ChunkSigning? {
        let time = AmzDate(now)
        request.headers[.amzDate] = time.text
        request.headers[.amzContentSHA256] = payload.header
        request.headers[.authorization] = nil
        let names = Set(request.headers.map(\.name.canonicalName)).union(["host"]).sorted()
        let (scope, key) = key(time)
        let signature = signature(
            request, names: names, payload: payload.header, isPresigned: false, time: time, scope: scope, key: key)
        request.headers[.authorization] =
            "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope), SignedHeaders=\(names.joined(separator: ";")), "
            + "Signature=\(Hexadecimal.text(signature))"
        guard case .streaming(signed: true, trailer: _) = payload else { return nil }
        return ChunkSigning(key: key, time: time.text, scope: scope, seed: signature)
    }

    /// The query of an address that works by itself for a while. Headers that are there must be sent as well.
    /// - Parameter expires: seconds, 1 to 604,800.
    public func presign(_ request: SignedRequest, expires: Int, now: Date) -> String {
        let time = AmzDate(now)
        let (scope, key) = key(time)
        let names = Set(request.headers.map(\.name.canonicalName)).union(["host"]).sorted()
        var request = request
        let added = [
            "X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Credential=\(PercentEncoding.encode("\(accessKey)/\(scope)"))",
            "X-Amz-Date=\(time.text)", "X-Amz-Expires=\(expires)",
            "X-Amz-SignedHeaders=\(PercentEncoding.encode(names.joined(separator: ";")))",
        ].joined(separator: "&")
        request.query = request.query.isEmpty ? added : "\(request.query)&\(added)"
        let signature = signature(
            request, names: names, payload: PayloadMode.unsigned.header, isPresigned: true, time: time, scope: scope, key: key)
        return "\(request.query)&X-Amz-Signature=\(Hexadecimal.text(signature))"
    }

    /// `path` percent-encoded as `SignedRequest` wants it: what a key is on the wire.
    public static func encode(path: some StringProtocol) -> String { PercentEncoding.encode(path, keepingSlash: true) }

    /// The name or value of an item of a query, percent-encoded.
    public static func encode(query: some StringProtocol) -> String { PercentEncoding.encode(query) }

    private func key(_ time: AmzDate) -> (CredentialScope, SigningKey) {
        let scope = CredentialScope(day: time.day, region: region, service: service)
        let key = keys.key(accessKey: accessKey, secret: secretKey, scope: scope)
        keys.keep(key, accessKey: accessKey, secret: secretKey, scope: scope)
        return (scope, key)
    }

    private func signature(
        _ request: SignedRequest, names: [String], payload: String, isPresigned: Bool, time: AmzDate, scope: CredentialScope,
        key: SigningKey
    ) -> [UInt8] {
        var canonical = CanonicalRequest(
            request: request, signedHeaders: names, payload: payload, isPresigned: isPresigned)
        // A path or query that is not percent-encoded as it should be is signed as it stands; the server answers what it thinks of it.
        var bytes = try? canonical.bytes()
        if bytes == nil {
            canonical.keepsPath = true
            bytes = try? canonical.bytes()
        }
        return key.sign(SigningKey.stringToSign(canonicalRequest: bytes ?? [], time: time.text, scope: scope))
    }
}

extension S3Signer: CustomStringConvertible {
    public var description: String { "S3Signer(\(accessKey), \(region))" }
}
