import Crypto
import Foundation
import TestSupport
import Testing

/// What webhooks hear of a real server, each change by the name that S3 gives it.
@Suite struct NotificationTests {
    private static let secret = "a-secret-of-webhooks"

    /// What a message says.
    private struct Told: Equatable {
        let name: String
        let key: String
    }

    private struct House {
        let server: AgrovetProcess
        let receiver: WebhookReceiver
        let s3: S3TestClient

        /// A lifecycle's days are seconds.
        /// - Parameter behaviours: of the receiver, to `all` and `some`.
        init(all: String = "ok", some: String = "ok", settings: [String: String] = [:]) async throws {
            receiver = try await WebhookReceiver.start()
            let environment = [
                "AGROVET_S3_WEBHOOKS": "all=\(receiver.url("all/" + all)),some=\(receiver.url("some/" + some))",
                "AGROVET_S3_WEBHOOK_SECRET": secret, "AGROVET_S3_LIFECYCLE_DAY": "1s", "AGROVET_S3_LIFECYCLE_INTERVAL": "1s",
            ]
            server = try await AgrovetProcess.start(environment: environment.merging(settings) { $1 })
            s3 = S3TestClient(server)
        }

        func make(_ bucket: String, all: [String], some: [String], versioned: Bool = false) async throws {
            try await expect(s3.request(.PUT, bucket))
            if versioned {
                try await put(bucket, "versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
            }
            func queue(_ name: String, _ events: [String], _ filter: String = "") -> String {
                let list = events.map { "<Event>\($0)</Event>" }.joined()
                let target = "<Id>\(name)</Id><Queue>arn:agrovet:sqs::\(name):webhook</Queue>"
                return "<QueueConfiguration>\(target)\(list)\(filter)</QueueConfiguration>"
            }
            let filter = "<Filter><S3Key><FilterRule><Name>prefix</Name><Value>a</Value></FilterRule></S3Key></Filter>"
            try await put(
                bucket, "notification",
                "<NotificationConfiguration>\(queue("all", all))\(queue("some", some, filter))</NotificationConfiguration>")
        }

        func put(_ path: String, _ document: String, _ xml: String) async throws {
            try await expect(s3.request(.PUT, path, query: document, body: Data(xml.utf8)))
        }

        /// Asserts that it was done.
        @discardableResult
        func expect(_ answer: HTTPTestClient.Answer) throws -> HTTPTestClient.Answer {
            try #require((200..<300).contains(answer.status), "\(answer.status) \(answer.text)")
            return answer
        }

        /// What the webhook heard, each message once: that one comes twice is allowed. Waits for as many as `count`.
        func told(_ name: String, of bucket: String, count: Int) async throws -> [Told] {
            func records(_ messages: [WebhookReceiver.Message]) -> [Told] {
                var seen: Set<String> = []
                return messages.filter { seen.insert($0.id).inserted }.compactMap { message in
                    let record = (message.json["Records"] as? [[String: Any]])?.first
                    let s3 = record?["s3"] as? [String: Any]
                    guard (s3?["bucket"] as? [String: Any])?["name"] as? String == bucket,
                        s3?["configurationId"] as? String == name
                    else { return nil }
                    return Told(
                        name: record?["eventName"] as? String ?? "",
                        key: (s3?["object"] as? [String: Any])?["key"] as? String ?? "")
                }
            }
            return records(try await receiver.messages(name) { records($0).count >= count })
        }

        /// Who is told to have done each of them.
        func requesters(_ name: String, of bucket: String) -> [String] { details("userIdentity", "principalId", name, of: bucket) }

        /// Part of what each message says beside the object.
        func details(_ object: String, _ member: String, _ name: String = "all", of bucket: String) -> [String] {
            var seen: Set<String> = []
            return receiver.messages(name).filter { seen.insert($0.id).inserted }.compactMap { message in
                let record = (message.json["Records"] as? [[String: Any]])?.first
                guard ((record?["s3"] as? [String: Any])?["bucket"] as? [String: Any])?["name"] as? String == bucket else { return nil }
                return (record?[object] as? [String: Any])?[member] as? String
            }
        }

        func stop() async {
            #expect(await server.stop() == 0)
            await receiver.stop()
        }
    }

    @Test func everyWayToAnObjectAndAwayFromItHasItsName() async throws {
        let house = try await House()
        let s3 = house.s3
        try await house.make(
            "herd", all: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:ObjectAcl:Put"],
            some: ["s3:ObjectCreated:Copy", "s3:ObjectTagging:Delete"])
        let put = try await house.expect(s3.put("herd/a", Data("one".utf8)))
        try await house.expect(s3.request(.PUT, "herd/a2", headers: ["x-amz-copy-source": "/herd/a"]))
        try await house.expect(s3.request(.PUT, "herd/b", headers: ["x-amz-copy-source": "/herd/a"]))
        try house.expect(try await post("herd", "form", house))
        try await upload("herd", "parts", house)
        try await house.put("herd/a", "tagging", "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>")
        try await house.expect(s3.request(.DELETE, "herd/a", query: "tagging"))
        try await house.expect(s3.request(.PUT, "herd/a", query: "acl", headers: ["x-amz-acl": "public-read"]))
        try await house.expect(s3.request(.DELETE, "herd/b"))
        // Of nothing there is nothing to be told.
        try await house.expect(s3.request(.DELETE, "herd/b"))
        let list = "<Delete><Object><Key>form</Key></Object><Object><Key>parts</Key></Object></Delete>"
        let digest = Data(Insecure.MD5.hash(data: Data(list.utf8))).base64EncodedString()
        let both = try await house.expect(
            s3.request(.POST, "herd", query: "delete", headers: ["Content-MD5": digest], body: Data(list.utf8)))

        let expected = [
            ("ObjectCreated:Put", "a"), ("ObjectCreated:Copy", "a2"), ("ObjectCreated:Copy", "b"), ("ObjectCreated:Post", "form"),
            ("ObjectCreated:CompleteMultipartUpload", "parts"), ("ObjectTagging:Put", "a"), ("ObjectTagging:Delete", "a"),
            ("ObjectAcl:Put", "a"), ("ObjectRemoved:Delete", "b"), ("ObjectRemoved:Delete", "form"), ("ObjectRemoved:Delete", "parts"),
        ].map { Told(name: $0.0, key: $0.1) }
        #expect(try await house.told("all", of: "herd", count: expected.count) == expected)
        // The form was signed by nobody, and its object was deleted by who did all the rest.
        let root = try #require(house.requesters("all", of: "herd").first)
        #expect(!root.isEmpty && root != "anonymous")
        #expect(house.requesters("all", of: "herd") == expected.map { $0.name == "ObjectCreated:Post" ? "anonymous" : root })
        // By which request, as its client was told it, and from where.
        let requests = house.details("responseElements", "x-amz-request-id", of: "herd")
        #expect(requests.first == put["x-amz-request-id"] && Set(requests.dropLast(2)).count == expected.count - 2)
        let last = try #require(both["x-amz-request-id"])
        #expect(Array(requests.suffix(2)) == [last, last], "one request deleted two objects")
        #expect(house.details("responseElements", "x-amz-id-2", of: "herd") == requests)
        #expect(house.details("requestParameters", "sourceIPAddress", of: "herd") == expected.map { _ in "127.0.0.1" })
        let some = [Told(name: "ObjectCreated:Copy", key: "a2"), Told(name: "ObjectTagging:Delete", key: "a")]
        #expect(try await house.told("some", of: "herd", count: some.count) == some)
        let message = try #require(house.receiver.messages("all").first)
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(message.id).\(message.headers["webhook-timestamp"] ?? "").\(message.body)".utf8),
            using: SymmetricKey(data: Data(Self.secret.utf8)))
        #expect(message.headers["webhook-signature"] == "v1," + Data(code).base64EncodedString())
        await house.stop()
    }

    @Test func withVersionsAMarkerIsToldAndWhatIsNamedIsGone() async throws {
        let house = try await House()
        let s3 = house.s3
        try await house.make("herd", all: ["s3:ObjectRemoved:*"], some: ["s3:ObjectRemoved:DeleteMarkerCreated"], versioned: true)
        let version = try #require(try await house.expect(s3.put("herd/a", Data("one".utf8)))["x-amz-version-id"])
        try await house.expect(s3.request(.DELETE, "herd/a"))
        try await house.expect(s3.request(.DELETE, "herd/a", query: "versionId=\(version)"))
        let expected = [Told(name: "ObjectRemoved:DeleteMarkerCreated", key: "a"), Told(name: "ObjectRemoved:Delete", key: "a")]
        #expect(try await house.told("all", of: "herd", count: 2) == expected)
        #expect(try await house.told("some", of: "herd", count: 1) == [expected[0]])
        await house.stop()
    }

    @Test func whatALifecycleDoesIsNotTakenForSomebodysDeletion() async throws {
        let house = try await House()
        let s3 = house.s3
        let rules = """
            <LifecycleConfiguration><Rule><Status>Enabled</Status><Prefix/><Expiration><Days>1</Days></Expiration>\
            <NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration></Rule></LifecycleConfiguration>
            """
        for (bucket, versioned) in [("plain", false), ("versions", true)] {
            try await house.make(
                bucket, all: ["s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"], some: ["s3:LifecycleExpiration:DeleteMarkerCreated"],
                versioned: versioned)
            try await house.expect(s3.put(bucket + "/a", Data("one".utf8)))
            try await house.put(bucket, "lifecycle", rules)
        }
        let marker = Told(name: "LifecycleExpiration:DeleteMarkerCreated", key: "a")
        let deletion = Told(name: "LifecycleExpiration:Delete", key: "a")
        #expect(try await house.told("all", of: "plain", count: 1) == [deletion])
        // The marker, the version behind it, and the marker that is left alone.
        #expect(try await house.told("all", of: "versions", count: 3) == [marker, deletion, deletion])
        #expect(try await house.told("some", of: "versions", count: 1) == [marker])
        #expect(house.requesters("all", of: "versions") == Array(repeating: "agrovet:s3", count: 3))
        #expect(house.details("requestParameters", "sourceIPAddress", of: "versions") == Array(repeating: "agrovet:s3", count: 3))
        #expect(Set(house.details("responseElements", "x-amz-request-id", of: "versions")).count == 3)
        await house.stop()
    }

    /// `s3-webhook-timeout` ends a request that is not answered, `s3-webhook-patience` the trying; then comes what happened next. How many
    /// attempts there is time for is the machine's affair; what is between them is not.
    @Test func aReceiverThatDoesNotTakeAMessageIsTriedForAsLongAsTheSettingsSay() async throws {
        let house = try await House(
            all: "slow", some: "fail/1000", settings: ["AGROVET_S3_WEBHOOK_TIMEOUT": "1s", "AGROVET_S3_WEBHOOK_PATIENCE": "20s"])
        try await house.make("herd", all: ["s3:ObjectCreated:*"], some: ["s3:ObjectCreated:*"])
        for key in ["a1", "a2"] { try await house.expect(house.s3.put("herd/" + key, Data("one".utf8))) }
        for name in ["all", "some"] {
            // When the server sent each, in whole seconds: the receiver may be late to note it.
            func attempts(_ key: String, _ messages: [WebhookReceiver.Message]) -> [Int] {
                messages.filter { $0.body.contains("\"\(key)\"") }.compactMap { Int($0.headers["webhook-timestamp"] ?? "") }.sorted()
            }
            // The pauses are 1, 2, 4… seconds; given up is a message whose next pause would end behind the 20 s. Those begin a moment before
            // the time of the first attempt is taken: some seconds are left for that.
            func isGivenUp(_ messages: [WebhookReceiver.Message]) -> Bool {
                guard let start = attempts("a1", messages).first, let next = attempts("a2", messages).first else { return false }
                let pause = 1 << (attempts("a1", messages).count - 1)
                return next - start >= 16 - pause
            }
            let messages = try await house.receiver.messages(name, until: isGivenUp)
            let (first, next) = (attempts("a1", messages), try #require(attempts("a2", messages).first))
            #expect(isGivenUp(messages), "\(name): the next one comes when the first has had its time: \(first) \(next)")
            #expect((2...5).contains(first.count), "\(name): \(first)")
            for (number, (earlier, later)) in zip(first, first.dropFirst()).enumerated() {
                // Where nothing was answered the timeout comes before the pause.
                let pause = 1 << number
                let least = name == "all" ? pause + 1 : pause
                #expect(later - earlier >= least, "\(name): \(first)")
            }
            #expect(first.allSatisfy { $0 <= next }, "\(name): \(first) \(next)")
            #expect(Set(messages.filter { $0.body.contains("\"a1\"") }.map(\.id)).count == 1, "\(name): tried again under its id")
        }
        await house.stop()
    }

    /// An HTML form, signed by nobody: the bucket lets everybody write.
    private func post(_ bucket: String, _ key: String, _ house: House) async throws -> HTTPTestClient.Answer {
        try await house.expect(house.s3.request(.PUT, bucket, query: "acl", headers: ["x-amz-acl": "public-read-write"]))
        let boundary = "a-boundary"
        let body = """
            --\(boundary)\r\nContent-Disposition: form-data; name="key"\r\n\r\n\(key)\r\n\
            --\(boundary)\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nby a form\r\n--\(boundary)--\r\n
            """
        return try await HTTPTestClient(house.server.s3URL).request(
            .POST, "/\(bucket)", headers: ["Content-Type": "multipart/form-data; boundary=\(boundary)"], body: Data(body.utf8))
    }

    private func upload(_ bucket: String, _ key: String, _ house: House) async throws {
        let s3 = house.s3
        let begun = try await house.expect(s3.request(.POST, "\(bucket)/\(key)", query: "uploads="))
        let id = try #require(begun.values(of: "UploadId").first)
        let part = try await house.expect(
            s3.request(.PUT, "\(bucket)/\(key)", query: "partNumber=1&uploadId=\(id)", body: Data("a part".utf8)))
        let etag = try #require(part["ETag"])
        let list = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\(etag)</ETag></Part></CompleteMultipartUpload>"
        try await house.expect(s3.request(.POST, "\(bucket)/\(key)", query: "uploadId=\(id)", body: Data(list.utf8)))
    }
}
