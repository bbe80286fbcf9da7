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
        var caller = Caller.anonymous
        var result: S3Authorization?
        var chunks: ChunkSigning?
        let skew = TimeInterval(settings.clockSkew)
        if let authorization = try S3Authorization.parse(signed, now: request.received, maximumSkew: skew) {
            guard let key = try await keys.key(authorization.accessKey) else { throw S3Error.invalidAccessKeyID }
            chunks = try authorization.verify(signed, secret: key.secret, keys: derived)
            caller = Caller(user: key.user, accessKey: key.id, policy: key.policy, isRoot: key.isRoot)
            result = authorization
        }
        let payload =
            try result?.payload ?? request.headers[.contentSHA256].map { text throws(S3Error) in try PayloadMode(header: text) }
            ?? .unsigned
        return request.with(caller: caller, payload: payload, chunkSigning: chunks, isPresigned: result?.isPresigned ?? false)
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
