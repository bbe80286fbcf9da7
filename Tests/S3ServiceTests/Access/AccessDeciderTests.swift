import HTTPTypes
import ObjectStorage
import S3Service
import S3Wire
import Testing

@Suite struct AccessDeciderTests {
    private let decider = AccessDecider(documents: DocumentCache())
    private static let enforced =
        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>"

    private func acl(_ canned: CannedACL, owner: String = "ana", bucketOwner: String? = nil) -> String {
        let access = NewObjectAccess(documents: DocumentCache())
        let made = try? access.object(
            .canned(canned), by: owner, in: Bucket(name: BucketName("field")!, owner: bucketOwner ?? owner, created: 0))
        return made?.acl ?? ""
    }

    private func may(
        _ user: String?, _ action: S3Action, _ bucket: Bucket, key: String? = nil, object: ObjectVersion? = nil,
        _ change: (inout AccessQuestion) -> Void = { _ in }
    ) -> Bool {
        var question = AccessQuestion(user: user, action, bucket: bucket, key: key ?? object?.key.description, object: object)
        change(&question)
        return decider.allows(question)
    }

    private func error(_ question: AccessQuestion) -> String? {
        do {
            try decider.authorize(question)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func aBucketIsItsOwnersUnlessSomethingSaysOtherwise() {
        let bucket = Sample.bucket()
        for action in S3Action.allCases where action != .listAllMyBuckets && action != .createBucket {
            #expect(may("ana", action, bucket, key: "a"), "\(action)")
            #expect(!may("ben", action, bucket, key: "a"), "\(action)")
            #expect(!may(nil, action, bucket, key: "a"), "\(action)")
            #expect(may("root", action, bucket, key: "a") { $0.isRoot = true }, "\(action)")
        }
        #expect(decider.allows(AccessQuestion(user: "ben", .createBucket, bucket: nil)))
        #expect(!decider.allows(AccessQuestion(user: nil, .createBucket, bucket: nil)))
    }

    @Test func anObjectIsWhoseStoredIt() {
        let bucket = Sample.bucket()
        let object = Sample.version(owner: "ben")
        #expect(may("ben", .getObject, bucket, object: object))
        #expect(may("ben", .putObjectAcl, bucket, object: object))
        #expect(!may("ana", .getObject, bucket, object: object), "the bucket's owner reads what the object's owner gives")
        #expect(!may("ana", .getObjectAcl, bucket, object: object))
        #expect(may("ana", .deleteObject, bucket, object: object), "but can always make room")
        #expect(!may("ben", .deleteObject, bucket, object: object))
        let enforced = Sample.bucket(["ownership": Self.enforced])
        #expect(may("ana", .getObject, enforced, object: object))
        #expect(!may("ben", .getObject, enforced, object: object))
        #expect(!may(nil, .getObject, bucket, object: Sample.version(owner: AccessDecider.anonymousOwner)))
    }

    @Test func listsGiveWhatTheySay() throws {
        let readable = Sample.bucket(["acl": acl(.publicRead)])
        #expect(may(nil, .listBucket, readable))
        #expect(!may(nil, .putObject, readable, key: "a"))
        #expect(!may(nil, .getBucketAcl, readable))
        #expect(!may(nil, .getObject, readable, object: Sample.version()), "a bucket's list says nothing of reading its objects")
        let writable = Sample.bucket(["acl": acl(.publicReadWrite)])
        #expect(may(nil, .putObject, writable, key: "a"))
        #expect(may("ben", .deleteObject, writable, key: "a"))
        #expect(!may("ben", .deleteObjectVersion, writable, key: "a"))
        #expect(may(nil, .getObject, Sample.bucket(), object: Sample.version(acl: acl(.publicRead))))
        #expect(!may(nil, .getObject, Sample.bucket(), object: Sample.version(acl: acl(.authenticatedRead))))
        #expect(may("ben", .getObject, Sample.bucket(), object: Sample.version(acl: acl(.authenticatedRead))))
        #expect(
            !may("ben", .putObject, Sample.bucket(), object: Sample.version(acl: acl(.publicReadWrite))), "who writes writes to a bucket")
        #expect(!may(nil, .getObject, Sample.bucket(["ownership": Self.enforced]), object: Sample.version(acl: acl(.publicRead))))
        let shared = Sample.version(owner: "ben", acl: acl(.bucketOwnerRead, owner: "ben", bucketOwner: "ana"))
        #expect(may("ana", .getObject, Sample.bucket(), object: shared))
        #expect(!may("ana", .getObjectAcl, Sample.bucket(), object: shared))
    }

    @Test func aPolicyIsAboveListsAndOwners() {
        let deny = Sample.policy(
            #"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::field","arn:aws:s3:::field/*"]}"#)
        let shut = Sample.bucket(["policy": deny, "acl": acl(.publicReadWrite)])
        #expect(!may(nil, .listBucket, shut))
        #expect(!may("ana", .listBucket, shut))
        #expect(!may("ana", .getObject, shut, object: Sample.version()))
        for action in [S3Action.getBucketPolicy, .putBucketPolicy, .deleteBucketPolicy] {
            #expect(may("ana", action, shut), "the owner can take the policy away again")
            #expect(!may("ben", action, shut))
            let confirmed = Sample.bucket(["policy": deny, "policy-confirmed": "true"])
            #expect(!may("ana", action, confirmed), "unless the owner gave that up")
        }
        #expect(!may("ana", .listBucket, Sample.bucket(["policy": "{"])), "what cannot be read allows nothing")
        #expect(may("ana", .deleteBucketPolicy, Sample.bucket(["policy": "{"])))
    }

    /// What is not allowed by a policy is not denied by it: the owner needs none. ceph's suite expects a denial
    /// (test_bucket_policy_set_condition_operator_end_with_IfExists).
    @Test func aConditionOfAnAllowanceTakesNothingFromTheOwner() {
        let bucket = Sample.bucket([
            "policy": Sample.policy(
                """
                {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::field/*",\
                "Condition":{"StringLikeIfExists":{"aws:Referer":"http://www.example.com/*"}}}
                """)
        ])
        func reads(_ user: String?, _ referer: String?) -> Bool {
            may(user, .getObject, bucket, object: Sample.version()) { $0.headers[.referer] = referer }
        }
        #expect(reads(nil, "http://www.example.com/index.html") && reads(nil, nil))
        #expect(!reads(nil, "http://example.com") && !reads("ben", "http://example.com"))
        #expect(reads("ana", "http://example.com"))
    }

    /// Who may store objects with a tag must be allowed to set tags as well, as at S3, which ceph's suite does not ask for
    /// (test_bucket_policy_put_obj_request_obj_tag; its request has no tag either).
    @Test func aConditionOnATagOfTheRequestDoesNotAllowTheTag() {
        func bucket(_ actions: String) -> Bucket {
            Sample.bucket([
                "policy": Sample.policy(
                    """
                    {"Effect":"Allow","Principal":"*","Action":\(actions),"Resource":"arn:aws:s3:::field/*",\
                    "Condition":{"StringEquals":{"s3:RequestObjectTag/security":"public"}}}
                    """)
            ])
        }
        func stores(_ tags: [ObjectTag], _ actions: String) -> Bool {
            var question = AccessQuestion(user: "ben", .putObject, bucket: bucket(actions), key: "a")
            question.requestTags = tags
            guard decider.allows(question) else { return false }
            return tags.isEmpty || (try? decider.authorizeAlong(question, .putObjectTagging)) != nil
        }
        let tag = ObjectTag(key: "security", value: "public")
        #expect(!stores([], #""s3:PutObject""#) && !stores([tag], #""s3:PutObject""#))
        #expect(stores([tag], #"["s3:PutObject","s3:PutObjectTagging"]"#))
        #expect(!stores([ObjectTag(key: "security", value: "private")], #"["s3:PutObject","s3:PutObjectTagging"]"#))
    }

    @Test func aKeysPolicyIsTheMostItCanDo() {
        let readOnly = Sample.policy(#"{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}"#)
        let keyed: (inout AccessQuestion) -> Void = { $0.keyPolicy = readOnly }
        #expect(may("ana", .getObject, Sample.bucket(), object: Sample.version(), keyed))
        #expect(!may("ana", .putObject, Sample.bucket(), key: "a", keyed))
        #expect(!may("ben", .getObject, Sample.bucket(), object: Sample.version(), keyed), "it gives nothing that the user has not")
        #expect(!may("ana", .getObject, Sample.bucket(), object: Sample.version()) { $0.keyPolicy = "{" })
        #expect(!may("ana", .deleteBucketPolicy, Sample.bucket(), keyed))
        var create = AccessQuestion(user: "ana", .createBucket, bucket: nil)
        create.keyPolicy = readOnly
        #expect(!decider.allows(create))
    }

    @Test func thePublicAccessBlockTakesBackWhatWasGivenToEverybody() {
        func block(_ name: String) -> String {
            "<PublicAccessBlockConfiguration><\(name)>true</\(name)></PublicAccessBlockConfiguration>"
        }
        let ignoring = Sample.bucket(["acl": acl(.publicRead), "public-access-block": block("IgnorePublicAcls")])
        #expect(!may(nil, .listBucket, ignoring))
        #expect(!may("ben", .getObject, ignoring, object: Sample.version(acl: acl(.publicRead))))
        #expect(may("ana", .listBucket, ignoring))
        let open = Sample.policy(#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::field/*"}"#)
        #expect(may(nil, .getObject, Sample.bucket(["policy": open]), object: Sample.version()))
        let restricted = Sample.bucket(["policy": open, "public-access-block": block("RestrictPublicBuckets")])
        #expect(!may(nil, .getObject, restricted, object: Sample.version()))
        #expect(!may("ben", .getObject, restricted, object: Sample.version()))
        #expect(may("ana", .getObject, restricted, object: Sample.version()))
        let named = Sample.policy(
            #"{"Effect":"Allow","Principal":{"AWS":"ben"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::field/*"}"#)
        let private_ = Sample.bucket(["policy": named, "public-access-block": block("RestrictPublicBuckets")])
        #expect(may("ben", .getObject, private_, object: Sample.version()), "a policy that names its users is not public")
        let broken = Sample.bucket(["acl": acl(.publicRead), "public-access-block": "<"])
        #expect(!may(nil, .listBucket, broken), "switches that cannot be read are all on")
    }

    @Test func onlyWhoMayListLearnsThatAKeyIsNotThere() {
        func missing(_ user: String?, _ documents: [String: String], key: String = "open/a", versionID: String? = nil) -> String? {
            var question = AccessQuestion(user: user, .getObject, bucket: Sample.bucket(documents), key: key)
            question.versionID = versionID
            return error(question)
        }
        #expect(missing("ana", [:]) == "NoSuchKey")
        #expect(missing("ana", [:], versionID: "0") == "NoSuchVersion")
        #expect(missing(nil, [:]) == "AccessDenied")
        #expect(missing(nil, ["acl": acl(.publicRead)]) == "NoSuchKey")
        let reads = Sample.policy(#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::field/*"}"#)
        #expect(missing(nil, ["policy": reads]) == "AccessDenied")
        let lists = Sample.policy(
            #"{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::field","Condition":{"StringLike":{"s3:prefix":"open/*"}}}"#
        )
        #expect(missing(nil, ["policy": lists]) == "NoSuchKey")
        #expect(missing(nil, ["policy": lists], key: "shut/a") == "AccessDenied")
        let denies = Sample.policy(#"{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::field/*"}"#)
        #expect(missing("ana", ["policy": denies]) == "AccessDenied")
    }

    @Test func whatComesAlongWithAnObjectMayBeDenied() {
        func along(_ user: String?, _ action: S3Action, _ documents: [String: String]) -> Bool {
            let question = AccessQuestion(user: user, .putObject, bucket: Sample.bucket(documents), key: "a")
            return (try? decider.authorizeAlong(question, action)) != nil
        }
        let puts = Sample.policy(#"{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::field/*"}"#)
        #expect(along("ben", .putObjectAcl, ["policy": puts]))
        #expect(!along("ben", .putObjectTagging, ["policy": puts]))
        #expect(!along("ben", .putObjectRetention, ["policy": puts]))
        #expect(along("ana", .putObjectRetention, [:]))
        #expect(along(nil, .putObjectTagging, ["acl": acl(.publicReadWrite)]))
        #expect(!along(nil, .putObjectRetention, ["acl": acl(.publicReadWrite)]))
        let denies = Sample.policy(#"{"Effect":"Deny","Principal":"*","Action":"s3:PutObjectAcl","Resource":"arn:aws:s3:::field/*"}"#)
        #expect(!along("ana", .putObjectAcl, ["policy": denies]))
    }
}
