import Foundation
import HTTPTypes
import S3Wire
import Testing

@Suite("Presigned requests") struct PresignedTests {
    private let base =
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    private let signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"

    @Test("the documented example is made and accepted")
    func documented() throws {
        let request = DocumentedExample.request("GET", "/test.txt")
        let query = DocumentedExample.signer.presign(request, expires: 86_400, now: DocumentedExample.now)
        #expect(query == "\(base)&X-Amz-Signature=\(signature)")

        var presigned = request
        presigned.query = query
        let authorization = try #require(try S3Authorization.parse(presigned, now: DocumentedExample.now))
        #expect(authorization.isPresigned)
        #expect(authorization.payload == .unsigned)
        #expect(authorization.expires?.text == "20130525T000000Z")
        #expect(try authorization.verify(presigned, secret: DocumentedExample.secret, keys: SigningKeyCache()) == nil)
    }

    private func outcome(_ query: String, after seconds: Double = 0, headers: [(String, String)] = []) -> S3Error? {
        let request = DocumentedExample.request("GET", "/test.txt", query: query, headers)
        return thrown { () throws(S3Error) in
            try DocumentedExample.verify(request, now: DocumentedExample.now + seconds)
        }
    }

    @Test("it works until it expires, and not before its time")
    func expiry() {
        let query = "\(base)&X-Amz-Signature=\(signature)"
        #expect(outcome(query, after: 86_399) == nil)
        let error = outcome(query, after: 86_400)
        #expect(error == .accessDenied)
        #expect(error?.message == "Request has expired")
        #expect(outcome(query, after: -899) == nil)
        #expect(outcome(query, after: -901)?.message == "Request is not yet valid")
    }

    @Test("what is changed, added or missing is refused")
    func altered() {
        let query = "\(base)&X-Amz-Signature=\(signature)"
        #expect(outcome(query + "&versionId=1") == .signatureDoesNotMatch)
        #expect(outcome(query.replacing("86400", with: "86401")) == .signatureDoesNotMatch)
        #expect(outcome(query, headers: [("x-amz-acl", "public-read")]) == .accessDenied)
        #expect(outcome(query, headers: [("x-amz-content-sha256", PayloadMode.empty.header)]) == .signatureDoesNotMatch)
        #expect(outcome(query, headers: [("Authorization", "AWS4-HMAC-SHA256 x")]) == .invalidArgument)
        #expect(outcome(query + "&X-Amz-Date=20130524T000000Z") == .authorizationQueryParametersError)
        for name in ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"] {
            let without = query.split(separator: "&").filter { !$0.hasPrefix("X-Amz-\(name)=") }.joined(separator: "&")
            #expect(outcome(without) == .authorizationQueryParametersError)
        }
        for (old, new) in [
            ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), ("%2Fs3%2F", "%2Fec2%2F"), ("=20130524T000000Z", "=20130525T000000Z"),
            ("=20130524T000000Z", "=Fri, 24 May 2013 00:00:00 GMT"), (signature, "abc"), ("aws4_request", "x"),
        ] { #expect(outcome(query.replacing(old, with: new)) == .authorizationQueryParametersError) }
    }

    @Test("a time of validity out of range is refused", arguments: ["0", "-7", "604801", "609901", "x", "", "99999999999999999999"])
    func range(expires: String) {
        let error = outcome("\(base.replacing("86400", with: expires))&X-Amz-Signature=\(signature)")
        #expect(error?.code == "AuthorizationQueryParametersError")
        #expect(error?.status == .forbidden)
    }

    @Test("Signature Version 2 is refused")
    func version2() {
        #expect(outcome("AWSAccessKeyId=AKID&Expires=1369353700&Signature=x") == .invalidRequest)
    }

    @Test("headers that were signed have to come")
    func signedHeaders() {
        let request = DocumentedExample.request("PUT", "/a b".replacing(" ", with: "%20"), [("x-amz-acl", "private")])
        var presigned = request
        presigned.query = DocumentedExample.signer.presign(request, expires: 60, now: DocumentedExample.now)
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(presigned) } == nil)
        presigned.headers = [:]
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(presigned) } == .signatureDoesNotMatch)
    }
}
