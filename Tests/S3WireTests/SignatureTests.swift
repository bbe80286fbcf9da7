import Foundation
import HTTPTypes
import S3Wire
import Testing

@Suite("Signatures in the Authorization header") struct SignatureTests {
    private static let emptyHash = PayloadMode.empty.header

    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let request: SignedRequest
        let payload: String
        let signedHeaders: String
        let signature: String
    }

    /// Of the S3 API reference, "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk".
    static let examples = [
        Example(
            testDescription: "GET object", request: DocumentedExample.request("GET", "/test.txt", [("Range", "bytes=0-9")]),
            payload: emptyHash, signedHeaders: "host;range;x-amz-content-sha256;x-amz-date",
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        Example(
            testDescription: "PUT object",
            request: DocumentedExample.request(
                "PUT", "/test$file.text",
                [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")]),
            payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            signedHeaders: "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Example(
            testDescription: "GET bucket lifecycle", request: DocumentedExample.request(query: "lifecycle"), payload: emptyHash,
            signedHeaders: "host;x-amz-content-sha256;x-amz-date",
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Example(
            testDescription: "list objects", request: DocumentedExample.request(query: "max-keys=2&prefix=J"), payload: emptyHash,
            signedHeaders: "host;x-amz-content-sha256;x-amz-date",
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ]

    @Test("the documented examples are made and accepted", arguments: examples)
    func documented(example: Example) throws {
        let expected =
            "AWS4-HMAC-SHA256 Credential=\(DocumentedExample.accessKey)/20130524/us-east-1/s3/aws4_request, "
            + "SignedHeaders=\(example.signedHeaders), Signature=\(example.signature)"
        let signed = DocumentedExample.signed(example.request, payload: .sha256(example.payload))
        #expect(signed.headers[.authorization] == expected)

        let authorization = try #require(try S3Authorization.parse(signed, now: DocumentedExample.now))
        #expect(authorization.accessKey == DocumentedExample.accessKey)
        #expect(authorization.region == "us-east-1")
        #expect(authorization.payload == .sha256(example.payload))
        #expect(!authorization.isPresigned)
        #expect(try authorization.verify(signed, secret: DocumentedExample.secret, keys: SigningKeyCache()) == nil)
    }

    @Test("whatever of a request is changed after it was signed, it is refused")
    func altered() {
        let original = DocumentedExample.signed(
            DocumentedExample.request("PUT", "/a/b.txt", query: "x=1", [("x-amz-acl", "private"), ("Content-Type", "text/plain")]))
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(original) } == nil)
        let changes: [(inout SignedRequest) -> Void] = [
            { $0.method = "DELETE" }, { $0.path = "/a/c.txt" }, { $0.path = "/a//b.txt" }, { $0.query = "x=2" }, { $0.query = "" },
            { $0.query = "x=1&versionId=3" }, { $0.authority = "other.example" },
            { $0.headers[HTTPField.Name("x-amz-acl")!] = "public-read" },
            { $0.headers[.contentType] = "text/html" },
            { $0.headers[HTTPField.Name("x-amz-content-sha256")!] = "UNSIGNED-PAYLOAD" },
            {
                $0.headers[.authorization] =
                    $0.headers[.authorization]!.dropLast() + ($0.headers[.authorization]!.hasSuffix("0") ? "1" : "0")
            },
        ]
        for change in changes {
            var request = original
            change(&request)
            #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(request) } == .signatureDoesNotMatch)
        }
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(original, secret: "other") } == .signatureDoesNotMatch)
    }

    @Test("a header of S3's that is not signed is not accepted, nor is a request that does not sign its host")
    func unsignedHeaders() {
        var request = DocumentedExample.signed(DocumentedExample.request())
        request.headers[HTTPField.Name("x-amz-copy-source")!] = "/other/secret"
        let error = thrown { () throws(S3Error) in try DocumentedExample.verify(request) }
        #expect(error == .accessDenied)
        #expect(error?.fields.first?.value == "x-amz-copy-source")

        var hostless = DocumentedExample.signed(DocumentedExample.request())
        hostless.headers[.authorization] = hostless.headers[.authorization]?.replacing("SignedHeaders=host;", with: "SignedHeaders=")
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(hostless) } == .accessDenied)
    }

    @Test(
        "keys are encoded once and not normalised",
        arguments: [
            "/bucket/a..b", "/bucket/../x", "/bucket//x//", "/bucket/%C3%B1and%C3%BA", "/bucket/a%20b%2Bc+d", "/bucket/a%25b",
            "/bucket/%00%7F%FF",
            "/bucket/!'()*;:@&=+$,?#[]".replacing("?", with: "%3F").replacing("#", with: "%23"), "/bucket/~-_.",
        ])
    func paths(path: String) throws {
        let request = DocumentedExample.signed(DocumentedExample.request("GET", path, host: "127.0.0.1:9000"))
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(request) } == nil)
    }

    @Test("a client may encode a path on the wire otherwise than it signs it")
    func otherEncodings() {
        var request = DocumentedExample.signed(DocumentedExample.request("GET", "/b/a%28b%29%21"))
        request.path = "/b/a(b)!"
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(request) } == nil)
        request.path = "/b/a%28b%29%2"
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(request) } == .invalidURI)
    }

    @Test("the order of a query, and how it is encoded, does not matter")
    func queries() {
        var request = DocumentedExample.signed(DocumentedExample.request(query: "prefix=a%20b%2F&delimiter=%2F&a-b=1&a=2&a=1&acl"))
        request.query = "acl=&a=1&a=2&a-b=1&delimiter=/&prefix=a+b/"
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(request) } == nil)
        request.query = "acl=&a=1&a=2&a-b=1&delimiter=/&prefix=a+b/&&"
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(request) } == nil)
        request.query = "acl=&a=1&a=2&a-b=1&delimiter=/&prefix=a+b%"
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(request) } == .invalidURI)
    }

    @Test("values of headers are trimmed and squeezed, and several of one name joined")
    func headers() {
        var request = DocumentedExample.signed(
            DocumentedExample.request("PUT", "/x", [("X-Amz-Meta-A", "one two,three"), ("x-amz-meta-b", "ñandú")]))
        let name = HTTPField.Name("x-amz-meta-a")!
        request.headers[values: name] = ["  one \t  two ", "three"]
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(request) } == nil)
        request.headers[values: name] = ["three", "one two"]
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(request) } == .signatureDoesNotMatch)
    }

    @Test("a proxy may have changed Accept-Encoding, and the server taken Expect away")
    func hops() {
        var request = DocumentedExample.signed(
            DocumentedExample.request("PUT", "/x", [("Accept-Encoding", "identity"), ("Expect", "100-continue")]))
        request.headers[.acceptEncoding] = "gzip, br"
        request.headers[HTTPField.Name("expect")!] = nil
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(request) } == nil)
    }

    @Test("a key that was derived for a secret does not outlive it")
    func cachedKeys() {
        let keys = SigningKeyCache(capacity: 2)
        let request = DocumentedExample.signed(DocumentedExample.request())
        for _ in 0..<2 { #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(request, keys: keys) } == nil) }
        #expect(
            thrown { () throws(S3Error) in try DocumentedExample.verify(request, secret: "rotated", keys: keys) } == .signatureDoesNotMatch)
        let rotated = DocumentedExample.signed(
            DocumentedExample.request(), signer: S3Signer(accessKey: DocumentedExample.accessKey, secretKey: "rotated", region: "us-east-1")
        )
        #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(rotated, secret: "rotated", keys: keys) } == nil)
        #expect(
            thrown { () throws(S3Error) in try DocumentedExample.verify(request, secret: "rotated", keys: keys) } == .signatureDoesNotMatch)
        // More scopes than there is room for.
        for region in ["a", "b", "c", "d"] {
            let other = DocumentedExample.signed(
                DocumentedExample.request(),
                signer: S3Signer(accessKey: DocumentedExample.accessKey, secretKey: DocumentedExample.secret, region: region))
            #expect(thrown { () throws(S3Error) in try DocumentedExample.verify(other, keys: keys) } == nil)
        }
    }

    @Test("a wrong region is told with the right one")
    func regions() throws {
        let request = DocumentedExample.signed(DocumentedExample.request())
        let authorization = try #require(try S3Authorization.parse(request, now: DocumentedExample.now))
        try authorization.require(region: "us-east-1")
        let error = thrown { () throws(S3Error) in try authorization.require(region: "eu-south-2") }
        #expect(error == .authorizationHeaderMalformed)
        #expect(error?.fields.contains { $0 == ("Region", "eu-south-2") } == true)
    }

    @Test("the answer tells what was signed, but no key of the customer")
    func mismatch() throws {
        let request = DocumentedExample.signed(DocumentedExample.request())
        let error = try #require(thrown { () throws(S3Error) in try DocumentedExample.verify(request, secret: "other") })
        #expect(error.fields.map(\.name) == ["AWSAccessKeyId", "StringToSign", "SignatureProvided", "CanonicalRequest"])
        #expect(!"\(error.fields)".contains(DocumentedExample.secret))

        let encrypted = DocumentedExample.signed(
            DocumentedExample.request("GET", "/x", [("x-amz-server-side-encryption-customer-key", "c2VjcmV0")]))
        let other = try #require(thrown { () throws(S3Error) in try DocumentedExample.verify(encrypted, secret: "other") })
        #expect(!"\(other.fields)".contains("c2VjcmV0"))
        #expect(!"\(S3Signer(accessKey: "a", secretKey: "hidden", region: "r"))".contains("hidden"))
    }
}

@Suite("Authorization headers that are wrong") struct WrongAuthorizationTests {
    private static let credential = "AKID/20130524/us-east-1/s3/aws4_request"
    private static let digits = String(repeating: "0", count: 64)

    private func outcome(
        authorization: String?, date: String? = "20130524T000000Z", hash: String? = "UNSIGNED-PAYLOAD", now: Date = DocumentedExample.now
    ) -> S3Error? {
        var headers: [(String, String)] = []
        if let authorization { headers.append(("Authorization", authorization)) }
        if let date { headers.append(("x-amz-date", date)) }
        if let hash { headers.append(("x-amz-content-sha256", hash)) }
        let request = DocumentedExample.request("GET", "/x", headers)
        return thrown { () throws(S3Error) in _ = try S3Authorization.parse(request, now: now) }
    }

    @Test("no header is anonymous, an empty one is refused")
    func anonymous() throws {
        #expect(try S3Authorization.parse(DocumentedExample.request(), now: DocumentedExample.now) == nil)
        #expect(outcome(authorization: "") == .accessDenied)
    }

    @Test(
        "another mechanism is refused",
        arguments: [
            ("AWS AKID:c2lnbmF0dXJl", S3Error.invalidRequest), ("AWS HAHAHA", .invalidArgument), ("Bearer x", .invalidArgument),
            ("Basic eDp5", .invalidArgument), ("AWS4-HMAC-SHA256", .authorizationHeaderMalformed),
            ("AWS4-ECDSA-P256-SHA256 Credential=x", .notImplemented),
        ])
    func mechanisms(header: String, error: S3Error) {
        #expect(outcome(authorization: header) == error)
    }

    @Test(
        "a header that misses something, or has it twice, is malformed",
        arguments: [
            "Credential=\(credential), SignedHeaders=host", "SignedHeaders=host, Signature=\(digits)",
            "Credential=\(credential), Signature=\(digits)",
            "Credential=AKID/20130524/us-east-1/s3, SignedHeaders=host, Signature=\(digits)",
            "Credential=/20130524/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=\(digits)",
            "Credential=AKID/2013-5-24/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=\(digits)",
            "Credential=AKID/20130523/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=\(digits)",
            "Credential=AKID/20130524/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=\(digits)",
            "Credential=\(credential), SignedHeaders=, Signature=\(digits)",
            "Credential=\(credential), SignedHeaders=host;;date, Signature=\(digits)",
            "Credential=\(credential), SignedHeaders=host, Signature=abc",
            "Credential=\(credential), SignedHeaders=host, Signature=\(digits)00",
            "Credential=\(credential), SignedHeaders=host, Signature=\(digits.dropLast())g",
            "Credential=\(credential), Credential=\(credential), SignedHeaders=host, Signature=\(digits)", "nonsense",
            "Credential=\(credential), SignedHeaders=host, Signature=\(digits), X=" + String(repeating: "x", count: 9000),
        ])
    func malformed(fields: String) {
        #expect(outcome(authorization: "AWS4-HMAC-SHA256 " + fields) == .authorizationHeaderMalformed)
    }

    private static let good = "AWS4-HMAC-SHA256 Credential=\(credential),SignedHeaders=host,Signature=\(digits)"

    @Test(
        "a date that is missing or none is refused, one that is far off is told",
        arguments: [
            (nil, S3Error.accessDenied), ("", .accessDenied), ("Bad Date", .accessDenied), ("20130524T000000", .accessDenied),
            ("20131324T000000Z", .accessDenied), ("20130230T000000Z", .accessDenied), ("Tue, 07 Jul 1950 21:53:04 GMT", .accessDenied),
            ("Tue, 07 Jul 9999 21:53:04 GMT", .requestTimeTooSkewed), ("Tue, 07 Jul 2010 21:53:04 GMT", .requestTimeTooSkewed),
            ("20130523T234459Z", .requestTimeTooSkewed), ("20130524T001501Z", .requestTimeTooSkewed),
        ] as [(String?, S3Error)])
    func dates(date: String?, error: S3Error) {
        #expect(outcome(authorization: Self.good, date: date) == error)
    }

    @Test(
        "a date within a quarter of an hour is accepted, in both forms",
        arguments: [
            "20130524T000000Z", "20130524T001500Z", "Fri, 24 May 2013 00:10:00 GMT",
        ])
    func goodDates(date: String) {
        #expect(outcome(authorization: Self.good, date: date) == nil)
    }

    @Test("the hash of the payload has to be told")
    func payloads() {
        #expect(outcome(authorization: Self.good, hash: nil) == .invalidRequest)
        #expect(outcome(authorization: Self.good, hash: "abc") == .invalidArgument)
        #expect(outcome(authorization: Self.good, hash: "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD") == .invalidArgument)
        for mode in [
            PayloadMode.unsigned, .empty, .streaming(signed: true, trailer: false), .streaming(signed: true, trailer: true),
            .streaming(signed: false, trailer: true),
        ] { #expect(outcome(authorization: Self.good, hash: mode.header) == nil) }
    }
}

@Suite("Dates of requests") struct AmzDateTests {
    @Test(
        "a date is written as it is read",
        arguments: [
            ("19700101T000000Z", 0), ("20130524T000000Z", 1_369_353_600), ("20000229T235959Z", 951_868_799),
            ("21000301T000000Z", 4_107_542_400),
            ("99991231T235959Z", 253_402_300_799),
        ])
    func roundTrip(text: String, seconds: Int) {
        #expect(AmzDate(text)?.seconds == seconds)
        #expect(AmzDate(seconds: seconds).text == text)
        #expect(AmzDate(seconds: seconds).day == text.prefix(8))
    }

    @Test("every day of four centuries comes back as itself")
    func days() {
        for day in 0..<146_097 {
            let date = AmzDate(seconds: day * 86_400)
            guard AmzDate(date.text) == date else {
                Issue.record("\(date.text)")
                return
            }
        }
    }
}
