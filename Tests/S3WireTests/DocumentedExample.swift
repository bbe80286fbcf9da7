import Foundation
import HTTPTypes
import S3Wire

/// The account and the time of the examples in the S3 API reference ("Authenticating Requests: Signature Version 4").
enum DocumentedExample {
    static let accessKey = "AKIAIOSFODNN7EXAMPLE"
    static let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    static let now = Date(timeIntervalSince1970: 1_369_353_600)
    static let signer = S3Signer(accessKey: accessKey, secretKey: secret, region: "us-east-1")

    static func request(
        _ method: String = "GET", _ path: String = "/", query: String = "", host: String = "examplebucket.s3.amazonaws.com",
        _ headers: [(String, String)] = []
    ) -> SignedRequest {
        var fields = HTTPFields()
        for (name, value) in headers { fields.append(HTTPField(name: HTTPField.Name(name)!, value: value)) }
        return SignedRequest(method: method, path: path, query: query, headers: fields, authority: host)
    }

    /// As a client would send it.
    static func signed(
        _ request: SignedRequest, payload: PayloadMode = .empty, signer: S3Signer = signer, now: Date = now
    ) -> SignedRequest {
        var request = request
        signer.sign(&request, payload: payload, now: now)
        return request
    }

    /// As a server does with what comes.
    @discardableResult
    static func verify(
        _ request: SignedRequest, secret: String = secret, keys: SigningKeyCache = SigningKeyCache(), now: Date = now
    ) throws(S3Error) -> ChunkSigning? {
        guard let authorization = try S3Authorization.parse(request, now: now) else { throw .accessDenied }
        return try authorization.verify(request, secret: secret, keys: keys)
    }
}

/// The error that something throws; nil where it throws none.
func thrown(_ body: () throws(S3Error) -> Void) -> S3Error? {
    do {
        try body()
        return nil
    } catch { return error }
}
