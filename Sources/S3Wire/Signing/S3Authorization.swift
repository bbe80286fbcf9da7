import Foundation
import HTTPTypes

/// Who a request says it is from, and by which signature (Signature Version 4): of the `Authorization` header or of the query.
///
/// First it is parsed, then the server looks for the secret of `accessKey`, then it is verified. Nothing of it holds before that.
public struct S3Authorization: Sendable {
    public let accessKey: String
    public let scope: CredentialScope
    public let payload: PayloadMode
    /// Whether the signature stands in the query.
    public let isPresigned: Bool
    /// When it was signed.
    public let time: AmzDate
    /// Until when a presigned request works.
    public let expires: AmzDate?
    /// The header or query item `X-Amz-Security-Token`.
    public let sessionToken: String?

    /// Lower-case, as they were signed.
    let signedHeaders: [String]
    /// 32 bytes.
    let signature: [UInt8]
    /// The value of `x-amz-content-sha256` as it was signed.
    let payloadText: String

    public var region: String { scope.region }
    public var service: String { scope.service }

    /// Seconds that a client's clock may be off.
    public static let maximumSkew: TimeInterval = 900
    /// Seconds that a presigned request can work at most: a week.
    public static let maximumExpiry = 604_800

    /// - Parameters:
    ///   - request: as it came.
    ///   - maximumSkew: seconds that the client's clock may be off.
    /// - Returns: nil for a request without any signature: anonymous.
    /// - Throws: `AccessDenied`, `RequestTimeTooSkewed`, `AuthorizationHeaderMalformed`, `AuthorizationQueryParametersError`,
    ///   `InvalidArgument`; `InvalidRequest` for Signature Version 2.
    public static func parse(
        _ request: SignedRequest, now: Date, maximumSkew: TimeInterval = maximumSkew
    ) throws(S3Error) -> S3Authorization? {
        let query = try SignatureQuery(request.query)
        let header = request.headers[.authorization]
        guard let query else {
            guard let header else { return nil }
            return try S3Authorization(header: header, request, now: now, maximumSkew: maximumSkew)
        }
        guard header == nil else {
            throw .invalidArgument.with(
                message:
                    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the "
                    + "Authorization header should be specified")
        }
        return try S3Authorization(query: query, request, now: now, maximumSkew: maximumSkew)
    }

    init(
        accessKey: String, scope: CredentialScope, payload: PayloadMode, payloadText: String, isPresigned: Bool, time: AmzDate,
        expires: AmzDate?, sessionToken: String?, signedHeaders: [String], signature: [UInt8]
    ) {
        self.accessKey = accessKey
        self.scope = scope
        self.payload = payload
        self.payloadText = payloadText
        self.isPresigned = isPresigned
        self.time = time
        self.expires = expires
        self.sessionToken = sessionToken
        self.signedHeaders = signedHeaders
        self.signature = signature
    }

    /// Throws unless the client signed for this region. Clients find the right one by the answer and try again.
    public func require(region expected: String) throws(S3Error) {
        guard region != expected else { return }
        let message = "the region '\(region)' is wrong; expecting '\(expected)'"
        throw
            (isPresigned
            ? S3Error.authorizationQueryParametersError.with(message: "Error parsing the X-Amz-Credential parameter; \(message)")
            : .authorizationHeaderMalformed.with(message: "The authorization header is malformed; \(message)"))
            .with(field: "Region", expected)
    }
}

extension S3Authorization {
    /// Compares the signature with that of the secret, in constant time.
    /// - Parameters:
    ///   - request: the one that this was parsed of.
    ///   - secret: of `accessKey`.
    /// - Returns: how the chunks of the body are signed, where they are.
    /// - Throws: `SignatureDoesNotMatch`, `AccessDenied` where headers that matter are not signed.
    public func verify(_ request: SignedRequest, secret: String, keys: SigningKeyCache) throws(S3Error) -> ChunkSigning? {
        try requireSignedHeaders(request)
        let key = keys.key(accessKey: accessKey, secret: secret, scope: scope)
        let canonical = CanonicalRequest(
            request: request, signedHeaders: signedHeaders, payload: payloadText, isPresigned: isPresigned)
        let bytes = try canonical.bytes()
        let text = SigningKey.stringToSign(canonicalRequest: bytes, time: time.text, scope: scope)
        if !key.isSignature(signature, of: text) {
            guard try other(canonical, key) else { throw mismatch(stringToSign: text, canonicalRequest: bytes) }
        }
        keys.keep(key, accessKey: accessKey, secret: secret, scope: scope)
        guard case .streaming(signed: true, trailer: _) = payload else { return nil }
        return ChunkSigning(key: key, time: time.text, scope: scope, seed: signature)
    }

    /// Whether it is the signature of one of the other forms that clients sign: the path as they sent it, or `Accept-Encoding` before
    /// a proxy changed it (what it says has no bearing on what is done).
    private func other(_ canonical: CanonicalRequest, _ key: SigningKey) throws(S3Error) -> Bool {
        var forms: [CanonicalRequest] = []
        var kept = canonical
        kept.keepsPath = true
        forms.append(kept)
        if signedHeaders.contains("accept-encoding") {
            for value in ["identity", "gzip", "gzip, deflate"] {
                var form = canonical
                form.acceptEncoding = value
                forms.append(form)
            }
        }
        for form in forms {
            let text = SigningKey.stringToSign(canonicalRequest: try form.bytes(), time: time.text, scope: scope)
            if key.isSignature(signature, of: text) { return true }
        }
        return false
    }

    /// `host` and every `x-amz-…` have to be signed: else whoever holds a signed request could add to what it means.
    private func requireSignedHeaders(_ request: SignedRequest) throws(S3Error) {
        var missing: [String] = []
        if !signedHeaders.contains("host") { missing.append("host") }
        for field in request.headers where field.name.canonicalName.utf8.starts(with: "x-amz-".utf8) {
            let name = field.name.canonicalName
            // The first is part of what is signed in any case; the second comes from a cache in front.
            guard name != "x-amz-content-sha256", name != "x-amz-cf-id", !signedHeaders.contains(name) else { continue }
            missing.append(name)
        }
        guard missing.isEmpty else {
            throw .accessDenied.with(message: "There were headers present in the request which were not signed")
                .with(field: "HeadersNotSigned", missing.joined(separator: ", "))
        }
    }

    /// Tells the client what was signed, so that it can be compared with what it meant.
    private func mismatch(stringToSign: [UInt8], canonicalRequest: [UInt8]) -> S3Error {
        let error = S3Error.signatureDoesNotMatch.with(field: "AWSAccessKeyId", accessKey)
            .with(field: "StringToSign", String(decoding: stringToSign, as: UTF8.self))
            .with(field: "SignatureProvided", Hexadecimal.text(signature))
        // Keys of customers are not told, not even to who sent them.
        guard !signedHeaders.contains(where: { $0.contains("customer-key") }) else { return error }
        return error.with(field: "CanonicalRequest", String(decoding: canonicalRequest, as: UTF8.self))
    }
}
