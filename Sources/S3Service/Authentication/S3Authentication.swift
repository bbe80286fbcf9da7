import Foundation
import HTTPTypes
import S3Wire

/// Tells who sends a request, by Signature V4 in its header or its query. What is signed by nobody is anonymous.
struct S3Authentication: Sendable {
    let keys: AccessKeyStore
    let settings: S3Settings
    private let derived = SigningKeyCache()

    init(keys: AccessKeyStore, settings: S3Settings) {
        self.keys = keys
        self.settings = settings
    }

    /// The request with its caller and how its body is signed.
    ///
    /// - Throws: S3's errors for what is no signature, one that does not fit, and one that has had its time.
    func authenticate(_ request: S3Request, _ signed: SignedRequest) async throws -> S3Request {
        guard let authorization = try parse(request, signed) else { return try finish(request, by: nil) }
        guard let key = try await keys.key(authorization.accessKey) else { throw S3Error.invalidAccessKeyID }
        return try finish(request, by: (authorization, signed, key))
    }

    /// The same without waiting; nil where the key has to be looked up.
    func authenticateAtOnce(_ request: S3Request, _ signed: SignedRequest) throws(S3Error) -> S3Request? {
        guard let authorization = try parse(request, signed) else { return try finish(request, by: nil) }
        guard let key = keys.keyAtOnce(authorization.accessKey) else { return nil }
        return try finish(request, by: (authorization, signed, key))
    }

    private func parse(_ request: S3Request, _ signed: SignedRequest) throws(S3Error) -> S3Authorization? {
        try S3Authorization.parse(signed, now: request.received, maximumSkew: TimeInterval(settings.clockSkew))
    }

    /// - Parameter signature: what was found of one, and whose it should be; nil for an anonymous request.
    private func finish(
        _ request: S3Request, by signature: (authorization: S3Authorization, signed: SignedRequest, key: AccessKey)?
    ) throws(S3Error) -> S3Request {
        guard let (authorization, signed, key) = signature else {
            let payload = try request.headers[.contentSHA256].map { text throws(S3Error) in try PayloadMode(header: text) }
            // Signed by whom?
            if case .streaming(signed: true, trailer: _) = payload { throw .accessDenied }
            return request.with(caller: .anonymous, payload: payload ?? .unsigned, chunkSigning: nil, isPresigned: false)
        }
        let chunks = try authorization.verify(signed, secret: key.secret, keys: derived)
        return request.with(
            caller: Caller(user: key.user, accessKey: key.id, policy: key.policy, isRoot: key.isRoot), payload: authorization.payload,
            chunkSigning: chunks, isPresigned: authorization.isPresigned)
    }

    /// Of a POST form, whose policy is what is signed.
    func caller(form fields: [(name: String, value: String)]) async throws -> Caller {
        guard let authorization = try PostAuthorization.parse(fields: fields, acceptsVersion2: settings.acceptsOldForms) else {
            return .anonymous
        }
        guard let key = try await keys.key(authorization.accessKey) else { throw S3Error.invalidAccessKeyID }
        try authorization.verify(secret: key.secret, keys: derived)
        return Caller(user: key.user, accessKey: key.id, policy: key.policy, isRoot: key.isRoot)
    }
}

extension HTTPField.Name {
    static let contentSHA256 = Self("x-amz-content-sha256")!
}
