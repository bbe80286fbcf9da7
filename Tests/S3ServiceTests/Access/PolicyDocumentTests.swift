import Foundation
import HTTPTypes
import ObjectStorage
import S3Service
import S3Wire
import Testing

@Suite struct PolicyDocumentTests {
    private let everyone = #""Principal":"*""#
    private let objects = #""Resource":"arn:aws:s3:::field/*""#

    private func policy(_ text: String) throws -> PolicyDocument { try PolicyDocument(bucketPolicy: text, bucket: "field") }

    private func question(
        _ user: String?, _ action: S3Action, key: String? = "a.jpg", object: ObjectVersion? = nil
    ) -> AccessQuestion {
        AccessQuestion(user: user, action, bucket: Sample.bucket(), key: key, object: object)
    }

    @Test func whatIsNotOfTheLanguageIsRefusedWithAReason() {
        let allow = #""Effect":"Allow""#
        let get = #""Action":"s3:GetObject""#
        let bad: [(String, String)] = [
            ("", "valid JSON"),
            ("[]", "first byte"),
            ("{\"Statement\":[]}", "Statement"),
            ("{\"Version\":\"2013-01-01\",\"Statement\":[]}", "version"),
            (Sample.policy("{\(allow),\(everyone),\(get)}"), "Resource"),
            (Sample.policy("{\(allow),\(everyone),\(objects)}"), "Action"),
            (Sample.policy("{\(allow),\(get),\(objects)}"), "Principal"),
            (Sample.policy("{\(everyone),\(get),\(objects)}"), "Effect"),
            (Sample.policy("{\"Effect\":\"allow\",\(everyone),\(get),\(objects)}"), "effect"),
            (Sample.policy("{\(allow),\(everyone),\"Action\":\"s3:GetObjekt\",\(objects)}"), "s3:GetObjekt"),
            (Sample.policy("{\(allow),\(everyone),\"Action\":\"ec2:RunInstances\",\(objects)}"), "ec2:RunInstances"),
            (Sample.policy("{\(allow),\(everyone),\(get),\"Resource\":\"arn:aws:s3:::meadow/*\"}"), "meadow"),
            (Sample.policy("{\(allow),\(everyone),\(get),\"Resource\":\"field/*\"}"), "field/*"),
            (Sample.policy("{\(allow),\"NotPrincipal\":{\"AWS\":\"ben\"},\(get),\(objects)}"), "NotPrincipal"),
            (Sample.policy("{\(allow),\"Principal\":{\"AWS\":\"arn:aws:iam:::user/*\"},\(get),\(objects)}"), "user/*"),
            (Sample.policy("{\(allow),\"Principal\":{\"GCP\":\"ben\"},\(get),\(objects)}"), "GCP"),
            (Sample.policy("{\(allow),\(everyone),\(get),\(objects),\"Colour\":1}"), "Colour"),
            (Sample.policy("{\(allow),\(everyone),\(get),\(objects),\(get)}"), "twice"),
            (Sample.policy("{\(allow),\(everyone),\(get),\"NotAction\":\"s3:*\",\(objects)}"), "both"),
            (
                Sample.policy("{\(allow),\(everyone),\(get),\(objects),\"Condition\":{\"StringSounds\":{\"s3:prefix\":\"a\"}}}"),
                "StringSounds"
            ),
            (Sample.policy("{\(allow),\(everyone),\(get),\(objects),\"Condition\":{\"StringLike\":{\"s3:colour\":\"a\"}}}"), "s3:colour"),
            (
                Sample.policy("{\(allow),\(everyone),\(get),\(objects),\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0\"}}}"),
                "SourceIp"
            ),
            (
                Sample.policy("{\(allow),\(everyone),\(get),\(objects),\"Condition\":{\"NumericEquals\":{\"s3:max-keys\":\"ten\"}}}"),
                "max-keys"
            ),
            (String(repeating: "[", count: 10_000), "deep"),
            ("{\"Id\":\"" + String(repeating: "x", count: 20 << 10) + "\"}", "larger"),
        ]
        for (text, reason) in bad {
            let error = #expect(throws: S3Error.self, "\(text.prefix(200))") { _ = try policy(text) }
            #expect(error?.code == "MalformedPolicy")
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "") about \(text.prefix(200))")
        }
    }

    @Test func anActionOnTheBucketThatIsNoResourceIsRefusedWhereThePolicyComesIn() throws {
        func check(_ actions: String, _ resources: String) throws {
            let text = Sample.policy("{\"Effect\":\"Deny\",\(everyone),\(actions),\(resources)}")
            try policy(text).requireFittingActions(bucket: "field")
        }
        let (bucket, both) = (#""Resource":"arn:aws:s3:::field""#, #""Resource":["arn:aws:s3:::field","arn:aws:s3:::field/*"]"#)
        let fitting = [
            (#""Action":"s3:GetObject""#, objects), (#""Action":"s3:GetObject""#, #""Resource":"*""#),
            (#""Action":"s3:listbucket""#, bucket), (#""Action":"s3:ListBucket""#, #""Resource":"arn:aws:s3:::fie*""#),
            (#""Action":"s3:GetObject""#, #""Resource":"arn:aws:s3:::fie*""#), (#""Action":"s3:ListBucket""#, #""Resource":"*""#),
            (#""Action":["s3:GetObject","s3:ListBucket"]"#, both), (#""Action":"s3:*""#, objects), (#""Action":"*""#, bucket),
            (#""Action":"s3:List*""#, objects), (#""Action":"s3:ListMultipartUploadParts""#, objects),
            (#""Action":"s3:ListBucketMultipartUploads""#, bucket), (#""NotAction":"s3:GetObject""#, objects),
            (#""Action":"s3:PutObject""#, bucket),
            (#""Action":"s3:ListBucket""#, #""NotResource":"arn:aws:s3:::field/*""#),
            (#""Action":"s3:PutObject""#, #""Resource":"arn:aws:s3:::field/${aws:username}""#),
        ]
        for (actions, resources) in fitting { #expect(throws: Never.self, "\(actions) \(resources)") { try check(actions, resources) } }
        let unfit = [
            (#""Action":"s3:ListBucket""#, objects), (#""Action":["s3:GetObject","s3:ListBucket"]"#, objects),
            (#""Action":["s3:*","s3:DeleteBucket"]"#, objects), (#""Action":"s3:GetBucket*""#, objects),
            (#""Action":"s3:ListBucketMultipartUploads""#, objects), (#""Action":"s3:ListAllMyBuckets""#, #""Resource":"*""#),
        ]
        for (actions, resources) in unfit {
            let error = #expect(throws: S3Error.self, "\(actions) \(resources)") { try check(actions, resources) }
            #expect(error?.code == "MalformedPolicy" && error?.message == "Action does not apply to any resource(s) in statement")
        }
    }

    /// What is done to what follows from the names alone; a new action has to stand in the right place.
    @Test func whatAnActionIsDoneToFollowsFromItsName() {
        for action in S3Action.allCases where action != .listAllMyBuckets {
            let name = action.rawValue.dropFirst("s3:".count)
            let isOfObjects =
                name.contains("Object") && !name.contains("ObjectLockConfiguration") || name.hasPrefix("Replicate")
                || ["AbortMultipartUpload", "ListMultipartUploadParts", "BypassGovernanceRetention", "InitiateReplication"].contains(name)
            #expect((action.target == .object) == isOfObjects, "\(name)")
        }
    }

    @Test func everyFormOfAPrincipalNamesTheUser() throws {
        for principal in [
            #"{"AWS":"ben"}"#, #"{"AWS":["arn:aws:iam::123456789012:user/ben"]}"#, #"{"AWS":"arn:aws:iam:::user/ben"}"#,
            #"{"AWS":"arn:aws:iam:::user/farm/ben"}"#, #"{"AWS":"arn:aws:iam::ben:root"}"#, #"{"CanonicalUser":"ben"}"#,
        ] {
            let policy = try policy(
                Sample.policy("{\"Effect\":\"Allow\",\"Principal\":\(principal),\"Action\":\"s3:GetObject\",\(objects)}"))
            #expect(policy.verdict(question("ben", .getObject)) == .allow, "\(principal)")
            #expect(policy.verdict(question("eva", .getObject)) == .silent, "\(principal)")
            #expect(policy.verdict(question(nil, .getObject)) == .silent, "\(principal)")
            #expect(!policy.isPublic)
        }
        for principal in ["\"*\"", #"{"AWS":"*"}"#] {
            let policy = try policy(
                Sample.policy("{\"Effect\":\"Allow\",\"Principal\":\(principal),\"Action\":\"s3:GetObject\",\(objects)}"))
            #expect(policy.verdict(question(nil, .getObject)) == .allow)
            #expect(policy.isPublic)
        }
        let stranger = try policy(
            Sample.policy(#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:role/ben"},"Action":"s3:*","Resource":"*"}"#))
        #expect(stranger.verdict(question("ben", .getObject)) == .silent, "a role is no user")
    }

    @Test func aDenialWinsWhereverItStands() throws {
        let allow = "{\"Effect\":\"Allow\",\(everyone),\"Action\":\"s3:*\",\"Resource\":\"*\"}"
        let deny = #"{"Effect":"Deny","Principal":{"AWS":"ben"},"Action":"s3:Delete*","Resource":"arn:aws:s3:::field/keep/*"}"#
        for text in [Sample.policy(allow, deny), Sample.policy(deny, allow)] {
            let policy = try policy(text)
            #expect(policy.verdict(question("ben", .deleteObject, key: "keep/a")) == .deny)
            #expect(policy.verdict(question("ben", .deleteObject, key: "a")) == .allow)
            #expect(policy.verdict(question("eva", .deleteObject, key: "keep/a")) == .allow)
        }
    }

    @Test func actionsAndResourcesTakeWildcardsAndOpposites() throws {
        let reads = try policy(
            Sample.policy("{\"Effect\":\"Allow\",\(everyone),\"Action\":\"s3:get*\",\"Resource\":\"arn:aws:s3:::field/?.jpg\"}"))
        #expect(reads.verdict(question(nil, .getObject)) == .allow, "names of actions are the same in any case")
        #expect(reads.verdict(question(nil, .getObject, key: "é.jpg")) == .allow, "? is one character, not one byte")
        #expect(reads.verdict(question(nil, .getObject, key: "ab.jpg")) == .silent)
        #expect(reads.verdict(question(nil, .putObject)) == .silent)
        #expect(reads.verdict(question(nil, .listBucket, key: nil)) == .silent, "the bucket is another resource than its objects")
        let rest = try policy(
            Sample.policy(#"{"Effect":"Deny","Principal":"*","NotAction":"s3:Get*","NotResource":"arn:aws:s3:::field/open/*"}"#))
        #expect(rest.verdict(question("ben", .putObject)) == .deny)
        #expect(rest.verdict(question("ben", .putObject, key: "open/a")) == .silent)
        #expect(rest.verdict(question("ben", .getObject)) == .silent)
    }

    @Test func variablesStandForTheCaller() throws {
        let own = try policy(
            Sample.policy(
                "{\"Effect\":\"Allow\",\(everyone),\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::field/home/${aws:username}/*\"}")
        )
        #expect(own.verdict(question("ben", .putObject, key: "home/ben/a")) == .allow)
        #expect(own.verdict(question("ben", .putObject, key: "home/eva/a")) == .silent)
        #expect(own.verdict(question(nil, .putObject, key: "home/${aws:username}/a")) == .silent, "who has no name has no home")
        #expect(own.verdict(question("b*", .putObject, key: "home/ben/a")) == .silent, "a name is no pattern")
        let star = try policy(
            Sample.policy("{\"Effect\":\"Allow\",\(everyone),\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::field/${*}\"}"))
        #expect(star.verdict(question("ben", .putObject, key: "*")) == .allow)
        #expect(star.verdict(question("ben", .putObject, key: "a")) == .silent)
        let old = try PolicyDocument(
            bucketPolicy:
                "{\"Statement\":{\"Effect\":\"Allow\",\(everyone),\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::field/${aws:username}\"}}",
            bucket: "field")
        #expect(old.verdict(question("ben", .putObject, key: "ben")) == .silent, "before 2012 there were no variables")
        #expect(old.verdict(question("ben", .putObject, key: "${aws:username}")) == .allow)
    }

    @Test func aKeysPolicyNamesNoPrincipal() throws {
        let text = Sample.policy("{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"sqs:*\"],\(objects)}")
        #expect(try PolicyDocument(keyPolicy: text).verdict(question("ben", .getObject)) == .allow)
        #expect(throws: S3Error.self) {
            try PolicyDocument(keyPolicy: Sample.policy("{\"Effect\":\"Allow\",\(everyone),\"Action\":\"s3:GetObject\",\(objects)}"))
        }
    }

    @Test func aConditionThatNamesWhoMayMakesAPolicyPrivate() throws {
        func isPublic(_ condition: String) throws -> Bool {
            try policy(
                Sample.policy("{\"Effect\":\"Allow\",\(everyone),\"Action\":\"s3:GetObject\",\(objects),\"Condition\":\(condition)}")
            ).isPublic
        }
        #expect(try !isPublic(#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/32"}}"#))
        #expect(try isPublic(#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#))
        #expect(try isPublic(#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","::/0"]}}"#))
        #expect(try isPublic(#"{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#))
        #expect(try isPublic(#"{"IpAddressIfExists":{"aws:SourceIp":"10.0.0.0/8"}}"#))
        #expect(try !isPublic(#"{"StringEquals":{"aws:username":"ben"}}"#))
        #expect(try isPublic(#"{"StringLike":{"aws:username":"b*"}}"#))
        #expect(try isPublic(#"{"StringEquals":{"aws:Referer":"https://farm.example/"}}"#), "anybody can say where they come from")
        #expect(try isPublic(#"{"Bool":{"aws:SecureTransport":true}}"#))
        #expect(try !policy(Sample.policy("{\"Effect\":\"Deny\",\(everyone),\"Action\":\"s3:GetObject\",\(objects)}")).isPublic)
    }
}
