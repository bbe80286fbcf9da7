import Foundation
import HTTPTypes
import ObjectStorage
import S3Service
import Testing

@Suite struct PolicyConditionTests {
    /// Whether a condition holds for a question.
    private func holds(_ condition: String, _ change: (inout AccessQuestion) -> Void = { _ in }) throws -> Bool {
        let policy = try PolicyDocument(
            bucketPolicy: Sample.policy(
                "{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":\(condition)}"),
            bucket: "field")
        var question = AccessQuestion(user: "ben", .putObject, bucket: Sample.bucket(), key: "a.jpg")
        change(&question)
        return policy.verdict(question) == .allow
    }

    private func header(_ name: String, _ value: String) -> (inout AccessQuestion) -> Void {
        { $0.headers[HTTPField.Name(name)!] = value }
    }

    @Test func stringsAreComparedAsTheirOperatorSays() throws {
        let acl = header("x-amz-acl", "public-read")
        #expect(try holds(#"{"StringEquals":{"s3:x-amz-acl":["private","public-read"]}}"#, acl))
        #expect(try !holds(#"{"StringEquals":{"s3:x-amz-acl":"public*"}}"#, acl), "StringEquals knows no wildcards")
        #expect(try holds(#"{"StringLike":{"s3:x-amz-acl":"public*"}}"#, acl))
        #expect(try !holds(#"{"StringNotLike":{"s3:x-amz-acl":"public*"}}"#, acl))
        #expect(try !holds(#"{"StringEquals":{"s3:x-amz-acl":"Public-Read"}}"#, acl))
        #expect(try holds(#"{"StringEqualsIgnoreCase":{"S3:X-AMZ-ACL":"Public-Read"}}"#, acl), "names of keys are the same in any case")
        #expect(try !holds(#"{"StringNotEquals":{"s3:x-amz-acl":["private","public-read"]}}"#, acl))
    }

    @Test func aKeyThatIsNotThereEqualsNothing() throws {
        #expect(try !holds(#"{"StringEquals":{"s3:x-amz-acl":"private"}}"#))
        #expect(try holds(#"{"StringNotEquals":{"s3:x-amz-acl":"private"}}"#))
        #expect(try holds(#"{"StringEqualsIfExists":{"s3:x-amz-acl":"private"}}"#))
        #expect(try holds(#"{"Null":{"s3:x-amz-acl":"true"}}"#))
        #expect(try !holds(#"{"Null":{"s3:x-amz-acl":false}}"#))
        #expect(try holds(#"{"Null":{"s3:x-amz-acl":false}}"#, header("x-amz-acl", "private")))
        #expect(try !holds(#"{"NumericLessThan":{"s3:max-keys":10}}"#))
    }

    @Test func everyConditionHasToHold() throws {
        let acl = header("x-amz-acl", "private")
        #expect(try holds(#"{"StringEquals":{"s3:x-amz-acl":"private","aws:username":"ben"}}"#, acl))
        #expect(try !holds(#"{"StringEquals":{"s3:x-amz-acl":"private","aws:username":"eva"}}"#, acl))
        #expect(try !holds(#"{"StringEquals":{"s3:x-amz-acl":"private"},"Bool":{"aws:SecureTransport":"true"}}"#, acl))
    }

    @Test func numbersDatesAndFlags() throws {
        let keys: (inout AccessQuestion) -> Void = { $0.query = [("max-keys", "10")] }
        #expect(try holds(#"{"NumericLessThanEquals":{"s3:max-keys":"10"}}"#, keys))
        #expect(try !holds(#"{"NumericLessThan":{"s3:max-keys":10.0}}"#, keys))
        #expect(try holds(#"{"NumericNotEquals":{"s3:max-keys":[1,2]}}"#, keys))
        #expect(try holds(#"{"NumericEquals":{"s3:max-keys":"1e1"}}"#, keys))
        let time: (inout AccessQuestion) -> Void = { $0.time = Date(timeIntervalSince1970: 1_800_000_000) }
        #expect(try holds(#"{"DateGreaterThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"}}"#, time))
        #expect(try !holds(#"{"DateLessThan":{"aws:CurrentTime":"2027-01-01"}}"#, time))
        #expect(try holds(#"{"DateEquals":{"aws:EpochTime":1800000000}}"#, time))
        #expect(try holds(#"{"Bool":{"aws:SecureTransport":"false"}}"#))
        #expect(try holds(#"{"Bool":{"aws:SecureTransport":true}}"#) { $0.isSecure = true })
    }

    @Test func addressesAreComparedAsNetworks() throws {
        let from: (String) -> (inout AccessQuestion) -> Void = { address in { $0.remoteAddress = address } }
        #expect(try holds(#"{"IpAddress":{"aws:SourceIp":["192.168.0.0/16","2001:db8::/32"]}}"#, from("192.168.7.7")))
        #expect(try holds(#"{"IpAddress":{"aws:SourceIp":["192.168.0.0/16","2001:db8::/32"]}}"#, from("2001:db8::1")))
        #expect(try holds(#"{"IpAddress":{"aws:SourceIp":"192.168.0.0/16"}}"#, from("::ffff:192.168.7.7")))
        #expect(try !holds(#"{"IpAddress":{"aws:SourceIp":"192.168.0.0/16"}}"#, from("10.0.0.1")))
        #expect(try holds(#"{"NotIpAddress":{"aws:SourceIp":"192.168.0.0/16"}}"#, from("10.0.0.1")))
    }

    @Test func arnsAreComparedPartByPart() throws {
        #expect(try holds(#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*:user/ben"}}"#))
        #expect(try holds(#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/${aws:username}"}}"#))
        #expect(try !holds(#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:*:user/ben"}}"#))
        #expect(try holds(#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/eva"}}"#))
    }

    @Test func severalValuesAreForAllOrForAny() throws {
        let tags: (inout AccessQuestion) -> Void = {
            $0.requestTags = [ObjectTag(key: "crop", value: "maize"), ObjectTag(key: "year", value: "2026")]
        }
        #expect(try holds(#"{"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["crop","year","farm"]}}"#, tags))
        #expect(try !holds(#"{"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":"crop"}}"#, tags))
        #expect(try holds(#"{"ForAnyValue:StringEquals":{"s3:RequestObjectTagKeys":"crop"}}"#, tags))
        #expect(try !holds(#"{"ForAnyValue:StringEquals":{"s3:RequestObjectTagKeys":"farm"}}"#, tags))
        #expect(try holds(#"{"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":"crop"}}"#), "of nothing, all is true")
        #expect(try !holds(#"{"ForAnyValue:StringEquals":{"s3:RequestObjectTagKeys":"crop"}}"#))
        #expect(try !holds(#"{"ForAnyValue:StringNotEquals":{"s3:RequestObjectTagKeys":"crop"}}"#))
    }

    @Test func tagsOfTheRequestAndOfTheObject() throws {
        let tagged = header("x-amz-tagging", "security=public&farm=san%20jos%C3%A9")
        #expect(try holds(#"{"StringEquals":{"s3:RequestObjectTag/security":"public"}}"#, tagged))
        #expect(try holds(#"{"StringEquals":{"s3:RequestObjectTag/farm":"san josé"}}"#, tagged))
        #expect(try !holds(#"{"StringEquals":{"s3:RequestObjectTag/Security":"public"}}"#, tagged), "keys of tags have their case")
        let existing: (inout AccessQuestion) -> Void = { $0.object = Sample.version(tags: [ObjectTag(key: "security", value: "public")]) }
        #expect(try holds(#"{"StringEquals":{"s3:ExistingObjectTag/security":"public"}}"#, existing))
        #expect(try !holds(#"{"StringEquals":{"s3:ExistingObjectTag/security1":"public"}}"#, existing))
    }

    @Test func whatARequestSaysOfItself() throws {
        #expect(
            try holds(
                #"{"StringLike":{"s3:x-amz-copy-source":"meadow/open/*"}}"#,
                header("x-amz-copy-source", "/meadow/open%2Fa.jpg?versionId=null")))
        #expect(try holds(#"{"StringEquals":{"s3:x-amz-grant-full-control":"id=ana"}}"#, header("x-amz-grant-full-control", "id=ana")))
        #expect(try holds(#"{"StringLike":{"aws:Referer":"https://farm.example/*"}}"#, header("referer", "https://farm.example/a")))
        #expect(try holds(#"{"StringEquals":{"s3:authType":"REST-HEADER","s3:signatureversion":"AWS4-HMAC-SHA256"}}"#))
        let presigned: (inout AccessQuestion) -> Void = {
            $0.query = [("X-Amz-Signature", "00"), ("X-Amz-Date", "20270115T080000Z"), ("x-amz-acl", "private")]
            $0.time = Date(timeIntervalSince1970: 1_800_000_600)
        }
        #expect(try holds(#"{"StringEquals":{"s3:authType":"REST-QUERY-STRING"}}"#, presigned))
        #expect(try holds(#"{"NumericEquals":{"s3:signatureAge":600000}}"#, presigned))
        #expect(try holds(#"{"StringEquals":{"s3:x-amz-acl":"private"}}"#, presigned))
        #expect(try !holds(#"{"StringEquals":{"s3:authType":"REST-HEADER"}}"#) { $0.user = nil })
        #expect(
            try !holds(#"{"StringEquals":{"s3:x-amz-acl":"private"}}"#) { $0.query = [("x-amz-acl", "private")] },
            "only signed parameters count")
        #expect(try !holds(#"{"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#), "a key of AWS that means nothing here has no value")
    }
}
