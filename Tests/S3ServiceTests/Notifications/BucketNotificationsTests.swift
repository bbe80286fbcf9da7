import Crypto
import Events
import Foundation
import Logging
import ObjectStorage
import Persistence
import S3Service
import S3Wire
import ServiceLifecycle
import TestSupport
import Testing

@Suite struct BucketNotificationsTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func event(_ type: String, _ key: String, bucket: String = "field", marker: Bool = false) -> CloudEvent {
        CloudEvent(
            id: UUIDv7.make(), source: "/agrovet/s3", type: type, subject: "\(bucket)/\(key)",
            time: Date(timeIntervalSince1970: 1_800_000_000),
            data: """
                {"bucket":"\(bucket)","key":"\(key)","version_id":"null","size":7,"etag":"e","owner":"ben","delete_marker":\(marker),\
                "sequencer":"0000000000000001"}
                """)
    }

    private struct Line: Decodable {
        let id: String
        let time: String
        let signature: String
        let body: String
    }

    private struct Body: Decodable {
        struct Record: Decodable {
            struct S3: Decodable {
                struct Object: Decodable { let key: String; let size: Int }
                struct Bucket: Decodable { let name: String; let arn: String }
                let configurationId: String
                let bucket: Bucket
                let object: Object
            }
            let eventName: String
            let eventTime: String
            let s3: S3
        }
        let Records: [Record]
    }

    /// A receiver that is down at first, events that a configuration asks for and others, and a process that ends and comes back.
    @Test(arguments: SQLDialect.allCases)
    func aWebhookHearsWhatItsConfigurationAsksForOnceAndInOrder(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await Sample.database(dialect, folder)
        try await Migrator.migrate(database, service: "objects", VersionedObjectStore.migrations)
        try await Migrator.migrate(database, service: "notifications", BucketNotifications.migrations)
        let store = try LocalObjectStore(
            folder: folder.path + "/objects", temporaryFolder: folder.path + "/tmp", database: database,
            configuration: Sample.storeConfiguration(dialect), logger: Self.logger
        ).versions
        let configuration = """
            <NotificationConfiguration><QueueConfiguration><Id>photos</Id><Queue>arn:agrovet:sqs::farm:webhook</Queue>\
            <Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:Delete</Event><Filter><S3Key><FilterRule><Name>suffix</Name>\
            <Value>.jpg</Value></FilterRule></S3Key></Filter></QueueConfiguration><TopicConfiguration><Id>other</Id>\
            <Topic>arn:agrovet:sqs::other:webhook</Topic><Event>s3:ObjectCreated:*</Event></TopicConfiguration></NotificationConfiguration>
            """
        try await store.createBucket(
            Bucket(name: BucketName("field")!, owner: "ana", created: 0, documents: ["notification": configuration]))
        let log = try FileEventLog(folder: folder.path + "/events", logger: Self.logger)
        try await log.append([Self.event("s3.object.created", "before.jpg")], to: "s3.events")

        let (heard, script) = (folder.path + "/heard", #filePath.replacing("BucketNotificationsTests.swift", with: "receiver.py"))
        let receiver = try await PythonServer.start(script, [heard, "1"], folder: folder)
        var settings = BucketNotifications.Settings()
        settings.webhooks = ["farm": "http://127.0.0.1:\(receiver.port)/"]
        settings.secret = "s3cret"
        let notifications = BucketNotifications(store: store, log: log, database: database, settings: settings, logger: Self.logger)
        func lines() throws -> [Line] {
            guard let text = try? String(contentsOfFile: heard, encoding: .utf8) else { return [] }
            return try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        }
        /// Until the last that is awaited was heard; those before it may be heard again.
        func run(until last: String) async throws {
            let work = Task { try await notifications.services[0].run() }
            let deadline = ContinuousClock.now + Patience.usual
            while try lines().last?.body.contains(last) != true, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            work.cancel()
            _ = await work.result
        }

        // A webhook that is new begins at the end of the log: its place is taken when it runs for the first time.
        let first = Task { try await notifications.services[0].run() }
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline {
            let places = try await database.read { try $0.query("SELECT 1 AS one FROM notification_places").count }
            if places == 1 { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        first.cancel()
        _ = await first.result
        try await log.append(
            [
                Self.event("s3.object.created", "a b.jpg"), Self.event("s3.object.created", "a.txt"),
                Self.event("s3.object.created", "c.jpg", bucket: "meadow"), Self.event("s3.object.removed", "a b.jpg", marker: true),
                Self.event("s3.object.removed", "a b.jpg"),
            ], to: "s3.events")
        try await run(until: "ObjectRemoved:Delete")
        try await log.append([Self.event("s3.object.created", "d.jpg")], to: "s3.events")
        try await run(until: "d.jpg")
        await receiver.stop()

        let heardLines = try lines()
        let records = try heardLines.flatMap { try JSONDecoder().decode(Body.self, from: Data($0.body.utf8)).Records }
        // The last before a restart may come twice: at least once is what is promised.
        var told: [String] = []
        for record in records where told.last != record.eventName + " " + record.s3.object.key {
            told.append(record.eventName + " " + record.s3.object.key)
        }
        #expect(told == ["ObjectCreated:Put a%20b.jpg", "ObjectRemoved:Delete a%20b.jpg", "ObjectCreated:Put d.jpg"])
        #expect(records.first?.s3.configurationId == "photos")
        #expect(records.first?.s3.bucket.arn == "arn:aws:s3:::field")
        #expect(records.first?.s3.object.size == 7)
        #expect(records.first?.eventTime == "2027-01-15T08:00:00.000Z")
        for line in heardLines {
            let code = HMAC<SHA256>.authenticationCode(
                for: Data("\(line.id).\(line.time).\(line.body)".utf8), using: SymmetricKey(data: Data("s3cret".utf8)))
            #expect(line.signature == "v1," + Data(code).base64EncodedString())
        }
        await database.close()
    }

    @Test func whatIsNoNotificationConfigurationIsRefused() throws {
        func code(_ inside: String) throws -> String? {
            let xml = try Sample.xml("<NotificationConfiguration>\(inside)</NotificationConfiguration>")
            do {
                _ = try NotificationConfiguration(xml: xml)
                return nil
            } catch {
                return error.code
            }
        }
        func queue(_ inside: String) -> String {
            "<QueueConfiguration><Queue>arn:agrovet:sqs::farm:webhook</Queue>\(inside)</QueueConfiguration>"
        }
        let event = "<Event>s3:ObjectCreated:Put</Event>"
        func filter(_ name: String) -> String { "<FilterRule><Name>\(name)</Name><Value>a</Value></FilterRule>" }
        #expect(try code("") == nil)
        #expect(try code("<EventBridgeConfiguration/>") == nil)
        #expect(try code(queue(event + "<Filter><S3Key>\(filter("Prefix"))\(filter("suffix"))</S3Key></Filter>")) == nil)
        #expect(try code("<PigeonConfiguration/>") == "MalformedXML")
        #expect(try code(queue("")) == "MalformedXML")
        #expect(try code("<QueueConfiguration>\(event)</QueueConfiguration>") == "MalformedXML")
        #expect(try code(queue("<Event>s3:ObjectBorn</Event>")) == "InvalidArgument")
        #expect(try code(queue(event + "<Filter><S3Key>\(filter("middle"))</S3Key></Filter>")) == "InvalidArgument")
        #expect(try code(queue(event + "<Filter><S3Key>\(filter("prefix"))\(filter("prefix"))</S3Key></Filter>")) == "InvalidArgument")
        #expect(try code(queue("<Id>a</Id>" + event) + queue("<Id>a</Id>" + event)) == "InvalidArgument")
    }
}
