import Foundation
import HTTPTypes
import NIOCore
import ObjectStorage
import S3Service
import S3Wire

/// What buckets are configured with, read and then used.
extension FuzzTarget {
    static let buckets = [bucketPolicy, bucketDocument, accessControlList]

    private static let bucketName = BucketName("field")!

    private static func bucket(_ documents: [String: String]) -> Bucket {
        Bucket(name: bucketName, owner: "ana", created: 0, versioning: .enabled, documents: documents)
    }

    private static func version(_ key: String, size: Int = 10, modified: Int64 = 0, marker: Bool = false) -> ObjectVersion {
        var attributes = ObjectAttributes(owner: "ben")
        attributes.tags = [ObjectTag(key: "k", value: "v")]
        return ObjectVersion(
            key: ObjectKey(key)!, versionID: ObjectVersion.nullID, isLatest: true, isDeleteMarker: marker, size: size, etag: "e",
            modified: modified, contentType: "image/jpeg", segments: [], attributes: attributes)
    }

    /// A policy that is taken is JSON to Foundation too, is read the same again, and says the same each time it is asked.
    private static let bucketPolicy = FuzzTarget(
        name: "s3-bucket-policy",
        seeds: texts(
            """
            {"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"a","Effect":"Allow","Principal":"*","Action":["s3:Get*","s3:ListBucket"],\
            "Resource":["arn:aws:s3:::field","arn:aws:s3:::field/${aws:username}/*"],"Condition":{"IpAddress":{"aws:SourceIp":\
            ["10.0.0.0/8","2001:db8::/32"]},"StringLikeIfExists":{"s3:prefix":["a*","b?"]},"NumericLessThan":{"s3:max-keys":"10"}}}]}
            """,
            """
            {"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam:::user/ana","ben"],"CanonicalUser":"eva"},\
            "NotAction":"s3:PutObject","NotResource":"arn:aws:s3:::field/x*","Condition":{"DateGreaterThan":\
            {"aws:CurrentTime":"2020-01-01T00:00:00Z"},"Bool":{"aws:SecureTransport":false},"Null":{"s3:VersionId":true},"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["k"]},\
            "ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"},"BinaryEquals":{"s3:x-amz-copy-source":"YQ=="}}}}
            """, "{\"Statement\":[]}"),
        words: [
            "\"Effect\":", "\"Allow\"", "\"Deny\"", "\"Principal\":", "\"NotPrincipal\":", "\"Action\":", "\"NotAction\":", "\"Resource\":",
            "\"NotResource\":", "\"Condition\":", "s3:*", "s3:GetObject", "arn:aws:s3:::field/*", "${aws:username}", "${*}", "${$}",
            "${s3:prefix, 'a'}", "IfExists", "ForAnyValue:", "ForAllValues:", "StringNotLike", "NotIpAddress", "DateEquals",
            "NumericNotEquals", "::/0", "0.0.0.0/0", "/129", "1e400", "-0", "\\ud800", "\\u0000", "[[[[", "****", "????", "*?*?*?",
        ]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        do {
            let policy = try PolicyDocument(bucketPolicy: text, bucket: "field")
            guard (try? JSONSerialization.jsonObject(with: Data(smallExponents(text.utf8))) as? [String: Any]) != nil else {
                throw Contradiction("what is no JSON is taken for a policy")
            }
            guard try PolicyDocument(bucketPolicy: text, bucket: "field") == policy else {
                throw Contradiction("it is read otherwise again")
            }
            var outcome = "\(policy.isPublic)"
            for question in questions(bucket(["policy": text])) {
                let verdict = policy.verdict(question)
                guard policy.verdict(question) == verdict else { throw Contradiction("it changes its mind") }
                outcome += "\(verdict)".prefix(1)
                // A stranger gets nothing that the policy does not allow, whatever it looks like.
                if question.user != "ana", verdict != .allow, AccessDecider(documents: DocumentCache()).allows(question) {
                    throw Contradiction("\(question.action) is allowed to \(question.user ?? "nobody") by nothing")
                }
            }
            return kind(outcome)
        } catch let error as S3Error { return kind(error.code + error.message.prefix(14)) }
    }

    private static func questions(_ bucket: Bucket) -> [AccessQuestion] {
        var questions: [AccessQuestion] = []
        for user in [nil, "ana", "ben", "eva"] {
            for (action, key) in [
                (S3Action.listBucket, nil), (.getObject, "x/ben/é"), (.putObject, "a"), (.deleteObject, "b"), (.putBucketPolicy, nil),
            ] {
                var question = AccessQuestion(user: user, action, bucket: bucket, key: key)
                question.remoteAddress = user == nil ? "2001:db8::1" : "10.1.2.3"
                question.time = Date(timeIntervalSince1970: 1_700_000_000)
                question.query = [("prefix", "a"), ("max-keys", "7")]
                question.headers = [.userAgent: "fuzz", HTTPField.Name("x-amz-copy-source")!: "/field/a"]
                question.requestTags = [ObjectTag(key: "k", value: "v")]
                questions.append(question)
            }
        }
        return questions
    }

    /// A document that is taken is kept as a text that means the same, and what works by it works.
    private static let bucketDocument = FuzzTarget(
        name: "s3-bucket-document",
        seeds: texts(
            """
            <LifecycleConfiguration><Rule><ID>a</ID><Status>Enabled</Status><Filter><And><Prefix>p</Prefix><Tag><Key>k</Key><Value>v</Value>\
            </Tag><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></And></Filter><Expiration><Days>3</Days></Expiration>\
            <NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions>\
            </NoncurrentVersionExpiration></Rule><Rule><Status>Enabled</Status><Prefix/><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>\
            <AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>\
            </LifecycleConfiguration>
            """,
            """
            <NotificationConfiguration><QueueConfiguration><Id>i</Id><Queue>arn:agrovet:sqs::farm:webhook</Queue>\
            <Event>s3:ObjectCreated:*</Event><Event>s3:LifecycleExpiration:Delete</Event><Filter><S3Key><FilterRule><Name>prefix</Name>\
            <Value>a</Value></FilterRule><FilterRule><Name>suffix</Name><Value>.jpg</Value></FilterRule></S3Key></Filter></QueueConfiguration>\
            <EventBridgeConfiguration/></NotificationConfiguration>
            """,
            """
            <CORSConfiguration><CORSRule><ID>c</ID><AllowedOrigin>https://*.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod>\
            <AllowedHeader>x-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>
            """, "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
            """
            <ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days>\
            </DefaultRetention></Rule></ObjectLockConfiguration>
            """, "<QuotaConfiguration><MaxBytes>10</MaxBytes><MaxObjects>3</MaxObjects></QuotaConfiguration>",
            "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>",
            "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
            """
            <ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>\
            </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>
            """),
        words: [
            "<Rule>", "</Rule>", "<Filter>", "<And>", "<Prefix/>", "<Tag>", "<Days>", "<Date>", "<Status>Disabled</Status>", "<Expiration>",
            "<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>", "365000", "9223372036854775807", "-1", "<Event>",
            "s3:ObjectTagging:*",
            "<AllowedOrigin>*</AllowedOrigin>", "<AllowedHeader>*</AllowedHeader>", "*", "9999-12-31T00:00:00Z", "0001-01-01T00:00:00Z",
            "&#13;", "&lt;", " ", "<Years>", "<Id>", "é",
        ]
    ) { input in
        do {
            let (name, text) = try read(ByteBuffer(bytes: input))
            let again = try? read(ByteBuffer(string: text))
            guard let again, again.name == name, again.text == text else {
                throw Contradiction("\(text) is read back as \(again?.text ?? "nothing")")
            }
            return kind(name + (try use(bucket([name: text]), name, text)))
        } catch let error as S3Error { return kind(error.code + error.message.prefix(14)) }
    }

    /// JSON without numbers beyond a double's range, which are JSON (RFC 8259 section 6) and which Foundation refuses: every digit of an
    /// exponent becomes a zero. Elsewhere, where an `e` comes before digits, it stays as good as it was.
    private static func smallExponents(_ text: some Sequence<UInt8>) -> [UInt8] {
        var isExponent = false
        return text.map { byte in
            switch byte {
            case UInt8(ascii: "e"), UInt8(ascii: "E"): isExponent = true
            case UInt8(ascii: "+"), UInt8(ascii: "-"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9"): if isExponent { return UInt8(ascii: "0") }
            default: isExponent = false
            }
            return byte
        }
    }

    private static let documents: [any ConfigurationDocument.Type] = [
        BucketQuota.self, CORSConfiguration.self, EncryptionConfiguration.self, LifecycleConfiguration.self,
        NotificationConfiguration.self, ObjectLockConfiguration.self, OwnershipControls.self, PublicAccessBlock.self, TagSet.self,
    ]

    /// Reads a document as a client sent it, as the one that its root names.
    private static func read(_ bytes: ByteBuffer) throws(S3Error) -> (name: String, text: String) {
        guard let root = try? XMLElement(parsing: bytes), let kind = documents.first(where: { $0.rootName == root.name }) else {
            // Any of them says what is wrong.
            return (TagSet.documentName, try TagSet.read(bytes).text)
        }
        return (kind.documentName, try kind.read(bytes).text)
    }

    /// - Returns: what came of it.
    private static func use(_ bucket: Bucket, _ name: String, _ text: String) throws -> String {
        switch name {
        case "lifecycle":
            let configuration = try LifecycleConfiguration(xml: try XMLElement(parsing: ByteBuffer(string: text)))
            var steps = 0
            for (day, now) in [(Duration.seconds(86_400), Int64(1_900_000_000_000)), (.seconds(1), 1000), (.seconds(86_400), .max / 4)] {
                var plan = LifecyclePlan(configuration, clock: LifecycleClock(day: day), now: now)
                _ = plan.prefixes
                for version in [
                    version("p/a", modified: 1_800_000_000_000), version("p/a", size: 0), version("p/b", marker: true), version("z"),
                ] { steps += plan.take(version).count }
                steps += plan.finish().count + (plan.aborts(key: ObjectKey("p/c")!, created: 0) ? 1 : 0)
            }
            return "\(steps)"
        case "cors":
            let answers = CORSAnswers(documents: DocumentCache())
            var fields: HTTPFields = [.origin: "https://a.example"]
            let plain = answers.headers(fields, method: "GET", bucket: bucket)
            fields[HTTPField.Name("Access-Control-Request-Method")!] = "PUT"
            fields[HTTPField.Name("Access-Control-Request-Headers")!] = "x-a, content-type"
            return "\(plain.count) \((try? answers.preflight(fields, bucket: bucket))?.count ?? -1)"
        case "object-lock":
            let lock = ObjectLock(documents: DocumentCache())
            return "\(try lock.newVersion([:], in: bucket, now: Date(timeIntervalSince1970: 1_700_000_000)).retention != nil)"
        default: return "\(text.count(where: { $0 == "<" }))"
        }
    }

    /// A list that is taken is written as a document that grants the same.
    private static let accessControlList = FuzzTarget(
        name: "s3-acl",
        seeds: texts(
            """
            <AccessControlPolicy><Owner><ID>ana</ID></Owner><AccessControlList><Grant><Grantee \
            xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>ben</ID></Grantee><Permission>READ</Permission>\
            </Grant><Grant><Grantee xsi:type="Group"><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>WRITE\
            </Permission></Grant></AccessControlList></AccessControlPolicy>
            """,
            """
            <AccessControlPolicy><Owner><ID>ana</ID></Owner><AccessControlList><Grant><Grantee><EmailAddress>eva@x</EmailAddress></Grantee>\
            <Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>
            """),
        words: [
            "<Grant>", "</Grant>", "<Grantee>", "<ID>", "<URI>", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers", "READ_ACP",
            "WRITE_ACP", "xsi:type=\"Group\"", "type=\"CanonicalUser\"", "xmlns:xsi=", "&amp;",
        ]
    ) { input in
        let grants = GrantReading(users: UserDirectory(exists: { !$0.isEmpty }, named: { $0.contains("@") ? "eva" : nil }))
        do {
            let (owner, list) = try await grants.list(xml: try XMLElement(parsing: ByteBuffer(bytes: input)))
            let again = try await grants.list(xml: try XMLElement(parsing: list.xml(owner: owner)))
            guard again.owner == owner, Set(again.list.grants) == Set(list.grants), again.list.isPublic == list.isPublic else {
                throw Contradiction("\(list) is read back as \(again)")
            }
            for user in [nil, "ana", "ben"] where list.gives(.write, to: user, ignoringPublic: true) {
                guard user != nil, list.gives(.write, to: user) else { throw Contradiction("it gives more where the public is ignored") }
            }
            return kind("\(list.grants.count) \(list.isPublic)")
        } catch let error as S3Error {
            return kind(error.code + error.message.prefix(30))
        } catch is XMLError { return 0 }
    }
}
