import Foundation
import HTTPTypes

/// The items of a query that make a request presigned, percent-decoded.
struct SignatureQuery {
    private var items: [String: String] = [:]

    subscript(name: String) -> String? { items[name] }

    /// Nil where it carries no signature.
    /// - Throws: `InvalidRequest` for Signature Version 2.
    init?(_ query: String) throws(S3Error) {
        guard !query.isEmpty else { return nil }
        var isVersion2 = false
        for item in query.split(separator: "&") {
            let equals = item.utf8.firstIndex(of: UInt8(ascii: "=")) ?? item.endIndex
            let name = item[..<equals]
            if name == "AWSAccessKeyId" { isVersion2 = true }
            guard name.hasPrefix("X-Amz-") else { continue }
            guard let value = PercentEncoding.decode(item[equals...].dropFirst(), plusIsSpace: true) else { throw .invalidURI }
            guard items.updateValue(value, forKey: String(name)) == nil else { throw .authorizationQueryParametersError }
        }
        if items["X-Amz-Algorithm"] == nil, items["X-Amz-Signature"] == nil, items["X-Amz-Credential"] == nil {
            guard isVersion2 else { return nil }
            throw .invalidRequest.with(
                message: "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
        }
    }
}

extension S3Authorization {
    init(query: SignatureQuery, _ request: SignedRequest, now: Date, maximumSkew: TimeInterval) throws(S3Error) {
        let wrong = S3Error.authorizationQueryParametersError
        guard let algorithm = query["X-Amz-Algorithm"], let credential = query["X-Amz-Credential"], let date = query["X-Amz-Date"],
            let expiry = query["X-Amz-Expires"], let signed = query["X-Amz-SignedHeaders"], let digits = query["X-Amz-Signature"]
        else { throw wrong }
        guard algorithm == "AWS4-HMAC-SHA256" else {
            throw wrong.with(message: "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"")
        }
        guard let (accessKey, scope) = CredentialScope.parse(Array(credential.utf8)[...]) else {
            throw wrong.with(
                message: "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
                    + "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")
        }
        guard scope.service == "s3" else {
            throw wrong.with(
                message: "Error parsing the X-Amz-Credential parameter; incorrect service \"\(scope.service)\". "
                    + "This endpoint belongs to \"s3\".")
        }
        guard let time = AmzDate(date), time.text == date else {
            throw wrong.with(message: "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        }
        guard time.day == scope.day else {
            throw wrong.with(
                message: "Invalid credential date \"\(scope.day)\". This date is not the same as X-Amz-Date: \"\(time.day)\".")
        }
        guard let signature = Hexadecimal.bytes(digits.utf8), signature.count == 32 else {
            throw wrong.with(message: "X-Amz-Signature must be 64 hexadecimal digits")
        }
        let expires = try Self.expires(expiry, from: time, now: now, maximumSkew: maximumSkew)
        let payloadText = query["X-Amz-Content-Sha256"] ?? request.headers[.amzContentSHA256] ?? PayloadMode.unsigned.header
        self.init(
            accessKey: accessKey, scope: scope, payload: try PayloadMode(header: payloadText), payloadText: payloadText,
            isPresigned: true, time: time, expires: expires,
            sessionToken: query["X-Amz-Security-Token"] ?? request.headers[.amzSecurityToken],
            signedHeaders: try Self.signedHeaders(Array(signed.utf8)[...], otherwise: wrong), signature: signature)
    }

    /// S3 answers a time of validity out of range with 400; other servers, and the suites that clients are tried with, have 403.
    private static func expires(
        _ text: String, from time: AmzDate, now: Date, maximumSkew: TimeInterval
    ) throws(S3Error) -> AmzDate {
        var wrong = S3Error.authorizationQueryParametersError
        wrong.status = .forbidden
        guard let seconds = Int(text) else { throw wrong.with(message: "X-Amz-Expires should be a number") }
        guard seconds >= 1 else { throw wrong.with(message: "X-Amz-Expires must be positive") }
        guard seconds <= maximumExpiry else {
            throw wrong.with(
                message:
                    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \(maximumExpiry) seconds"
            )
        }
        guard time.date.timeIntervalSince(now) <= maximumSkew else {
            throw .accessDenied.with(message: "Request is not yet valid").with(field: "ServerTime", AmzDate(now).text)
        }
        let expires = AmzDate(seconds: time.seconds + seconds)
        guard now < expires.date else {
            throw .accessDenied.with(message: "Request has expired").with(field: "X-Amz-Expires", text)
                .with(field: "Expires", expires.text).with(field: "ServerTime", AmzDate(now).text)
        }
        return expires
    }
}
