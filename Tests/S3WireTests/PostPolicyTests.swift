import Crypto
import Foundation
import S3Wire
import Testing

@Suite("Policies of forms") struct PostPolicyTests {
    private static let now = DocumentedExample.now

    private static func encode(_ json: String) -> String { Data(json.utf8).base64EncodedString() }

    private static func document(_ conditions: String, expiration: String = "2013-05-25T00:00:00Z") -> String {
        encode("{\"expiration\": \"\(expiration)\", \"conditions\": [\(conditions)]}")
    }

    private static let usual =
        #"{"bucket": "photos"}, ["starts-with", "$key", "user/"], {"acl": "private"}, ["starts-with", "$Content-Type", "image/"], "#
        + #"["content-length-range", 1, 1024]"#
    private static let fields = [
        (name: "key", value: "user/cow.jpg"), (name: "acl", value: "private"), (name: "Content-Type", value: "image/jpeg"),
        (name: "policy", value: "x"), (name: "AWSAccessKeyId", value: "x"), (name: "signature", value: "x"),
    ]

    private func outcome(
        _ policy: String, fields: [(name: String, value: String)] = fields, length: Int? = 3, bucket: String = "photos", now: Date = now
    ) -> S3Error? {
        thrown { () throws(S3Error) in
            try PostPolicy(base64: policy).check(fields: fields, contentLength: length, bucket: bucket, now: now)
        }
    }

    @Test("a form that meets all conditions is accepted, names in either case")
    func accepted() throws {
        #expect(outcome(Self.document(Self.usual)) == nil)
        #expect(outcome(Self.document(Self.usual, expiration: "2013-05-25T00:00:00.000Z")) == nil)
        let shouted = #"{"bUcKeT": "photos"}, ["StArTs-WiTh", "$KeY", "user/"], {"AcL": "private"}, ["EQ", "$CoNtEnT-TyPe", "image/jpeg"]"#
        #expect(outcome(Self.document(shouted), fields: Self.fields.map { ($0.name.uppercased(), $0.value) }) == nil)
        #expect(try PostPolicy(base64: Self.document(Self.usual)).contentLengthRange == 1...1024)
    }

    @Test("fields that carry the policy, checksums and what is to be ignored need no condition; any other does")
    func extraFields() {
        let policy = Self.document(Self.usual)
        #expect(outcome(policy, fields: Self.fields + [("x-ignore-this", "1"), ("x-amz-checksum-sha256", "1"), ("file", "x")]) == nil)
        #expect(outcome(policy, fields: Self.fields + [("x-amz-meta-foo", "1")]) == .accessDenied)
        #expect(outcome(policy, fields: Self.fields + [("tagging", "<x/>")]) == .accessDenied)
        #expect(
            outcome(Self.document(#"["starts-with", "$key", ""], {"acl": "private"}, ["starts-with", "$Content-Type", ""]"#))
                == .accessDenied)
    }

    @Test(
        "a condition that does not hold is refused",
        arguments: [
            #"{"bucket": "other"}, ["starts-with", "$key", "user/"], {"acl": "private"}, ["starts-with", "$Content-Type", "image/"]"#,
            usual.replacing("user/", with: "admin/"), usual.replacing("\"private\"", with: "\"public-read\""),
            usual.replacing("image/", with: "video/"), usual + #", ["eq", "$x-amz-meta-foo", ""]"#,
            usual + #", ["starts-with", "$x-amz-meta-foo", "bar"]"#, usual.replacing("user/", with: #"\\$user/"#),
        ])
    func failed(conditions: String) {
        #expect(outcome(Self.document(conditions)) == .accessDenied)
    }

    @Test("the bucket is the one that was posted to, whatever a field says")
    func bucket() {
        #expect(outcome(Self.document(Self.usual), fields: Self.fields + [("bucket", "photos")], bucket: "other") == .accessDenied)
        #expect(outcome(Self.document(Self.usual), fields: Self.fields + [("bucket", "other")]) == nil)
    }

    @Test("several values of a field are judged together")
    func repeated() {
        #expect(outcome(Self.document(Self.usual), fields: Self.fields + [("acl", "public-read")]) == .accessDenied)
        #expect(outcome(Self.document(Self.usual), fields: Self.fields + [("Content-Type", "text/html")]) == .accessDenied)
        #expect(outcome(Self.document(Self.usual), fields: Self.fields + [("Content-Type", "image/webp")]) == nil)
    }

    @Test("an expired policy is refused")
    func expired() {
        #expect(outcome(Self.document(Self.usual), now: Self.now + 86_399) == nil)
        #expect(outcome(Self.document(Self.usual), now: Self.now + 86_400) == .accessDenied)
    }

    @Test("the size of the file is checked when it is known")
    func sizes() {
        let policy = Self.document(Self.usual)
        #expect(outcome(policy, length: 1) == nil)
        #expect(outcome(policy, length: 1024) == nil)
        #expect(outcome(policy, length: nil) == nil)
        #expect(outcome(policy, length: 0) == .entityTooSmall)
        #expect(outcome(policy, length: 1025) == .entityTooLarge)
    }

    @Test(
        "what is no policy is refused",
        arguments: [
            "", "%%%", encode(""), encode("[]"), encode("{}"), encode(#"{"expiration": "2013-05-25T00:00:00Z"}"#),
            encode(#"{"conditions": []}"#),
            encode(#"{"EXPIRATION": "2013-05-25T00:00:00Z", "conditions": []}"#),
            encode(#"{"expiration": "2013-05-25T00:00:00Z", "CONDITIONS": []}"#),
            document("", expiration: "2013-05-25 00:00:00+00:00"), document("", expiration: "2013-05-25T00:00:00"),
            document("", expiration: "2013-02-30T00:00:00Z"), document("", expiration: "2013-05-25T00:00:00.Z"), document("{}"),
            document(#"{"a": "1", "b": "2"}"#), document(#"{"a": 1}"#), document(#""x""#), document("[]"), document("null"),
            document(#"["content-length-range", 0]"#), document(#"["content-length-range", -1, 0]"#),
            document(#"["content-length-range", 2, 1]"#),
            document(#"["content-length-range", 0, 1, 2]"#), document(#"["content-length-range", 0, 1e400]"#),
            document(#"["content-length-range", 0.5, 1]"#),
            document(#"["matches", "$key", "x"]"#), document(#"["eq", "key", "x"]"#), document(#"["eq", "$key", 1]"#),
            document(#"["eq", "$key"]"#),
            document(Array(repeating: "{\"a\": \"1\"}", count: 201).joined(separator: ",")),
            encode(String(repeating: "[", count: 10_000)),
        ])
    func invalid(policy: String) {
        let error = thrown { () throws(S3Error) in _ = try PostPolicy(base64: policy) }
        #expect(error == .invalidPolicyDocument)
    }
}

@Suite("Signatures of forms") struct PostAuthorizationTests {
    /// Of the S3 API reference, "Examples: Browser-Based Upload using HTTP POST".
    private static let policy =
        "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQi"
        + "fSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25f"
        + "cmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRo"
        + "IiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRl"
        + "LWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAi"
        + "QUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEy"
        + "NTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9"
    private static let version4 = [
        (name: "key", value: "user/user1/cow.jpg"), (name: "acl", value: "public-read"),
        (name: "success_action_redirect", value: "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"),
        (name: "Content-Type", value: "image/jpeg"), (name: "x-amz-meta-uuid", value: "14365123651274"),
        (name: "x-amz-server-side-encryption", value: "AES256"), (name: "x-amz-meta-tag", value: ""),
        (name: "X-Amz-Credential", value: "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"),
        (name: "X-Amz-Algorithm", value: "AWS4-HMAC-SHA256"), (name: "X-Amz-Date", value: "20151229T000000Z"),
        (name: "Policy", value: policy),
        (name: "X-Amz-Signature", value: "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"),
    ]

    private func outcome(_ fields: [(name: String, value: String)], secret: String = DocumentedExample.secret, acceptsVersion2: Bool = true)
        -> S3Error?
    {
        thrown { () throws(S3Error) in
            guard let authorization = try PostAuthorization.parse(fields: fields, acceptsVersion2: acceptsVersion2) else {
                throw .internalError
            }
            try authorization.verify(secret: secret, keys: SigningKeyCache())
        }
    }

    @Test("the documented example is accepted, and its policy met")
    func documented() throws {
        let authorization = try #require(try PostAuthorization.parse(fields: Self.version4))
        #expect(authorization.accessKey == DocumentedExample.accessKey)
        #expect(!authorization.isVersion2)
        #expect(outcome(Self.version4) == nil)
        let policy = try PostPolicy(base64: authorization.policy)
        let now = try #require(AmzDate("20151229T000000Z")).date
        try policy.check(fields: Self.version4, contentLength: 3, bucket: "sigv4examplebucket", now: now)
    }

    @Test("another secret, policy, day or signature is refused")
    func altered() {
        #expect(outcome(Self.version4, secret: "other") == .signatureDoesNotMatch)
        for (name, value, error) in [
            ("Policy", "e30=", S3Error.signatureDoesNotMatch), ("X-Amz-Signature", "abc", .signatureDoesNotMatch),
            ("X-Amz-Signature", String(repeating: "0", count: 64), .signatureDoesNotMatch),
            ("X-Amz-Date", "20151230T000000Z", .accessDenied),
            ("X-Amz-Algorithm", "x", .invalidArgument), ("X-Amz-Credential", "x", .authorizationQueryParametersError),
        ] { #expect(outcome(Self.version4.map { $0.name == name ? (name, value) : $0 }) == error) }
        for name in ["X-Amz-Credential", "X-Amz-Algorithm", "X-Amz-Date", "X-Amz-Signature", "Policy"] {
            #expect(outcome(Self.version4.filter { $0.name != name }) == .invalidArgument)
        }
    }

    @Test("a form without a policy is anonymous")
    func anonymous() throws {
        #expect(try PostAuthorization.parse(fields: [(name: "key", value: "x")]) == nil)
    }

    @Test("Signature Version 2 is accepted in forms where it may be")
    func version2() {
        let mac = HMAC<Insecure.SHA1>.authenticationCode(for: Array(Self.policy.utf8), using: SymmetricKey(data: Array("secret".utf8)))
        let fields = [
            (name: "awsaccesskeyid", value: "AKID"), (name: "SIGNATURE", value: Data(mac).base64EncodedString()),
            (name: "pOLICy", value: Self.policy),
        ]
        #expect(outcome(fields, secret: "secret") == nil)
        #expect(outcome(fields, secret: "other") == .signatureDoesNotMatch)
        #expect(outcome(fields, secret: "secret", acceptsVersion2: false) == .invalidRequest)
        #expect(outcome(fields.filter { $0.name != "SIGNATURE" }) == .invalidArgument)
        #expect(outcome(fields.filter { $0.name != "awsaccesskeyid" }) == .invalidArgument)
        #expect(outcome(fields.map { $0.name == "SIGNATURE" ? ($0.name, "x") : $0 }) == .signatureDoesNotMatch)
    }
}
