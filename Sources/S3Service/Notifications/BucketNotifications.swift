import AsyncHTTPClient
import Crypto
import Events
import Foundation
import Logging
import NIOCore
import ObjectStorage
import Persistence
import ServiceLifecycle
import WebAPI

/// Tells webhooks what buckets' notification configurations ask for. The topic `s3.events` is the queue: each webhook has a place in it of
/// its own, which moves on when the receiver has said 2xx, so that what happened is told at least once and in order, after a crash
/// as well; a receiver that is down holds up nobody but itself.
public struct BucketNotifications: Sendable {
    public struct Settings: Sendable {
        /// Addresses by the names that configurations know them by.
        public var webhooks: [String: String] = [:]
        /// Messages are signed with it as Standard Webhooks has it; empty: they are not.
        public var secret = ""
        /// What messages say that buckets are in.
        public var region = "us-east-1"
        /// Of one request.
        public var timeout: Duration = .seconds(15)
        /// How long a message is tried before it is given up.
        public var patience: Duration = .seconds(86_400)

        public init() {}
    }

    private let store: VersionedObjectStore
    private let log: any EventLog
    private let database: any Database
    private let settings: Settings
    private let documents = DocumentCache()
    private let logger: Logger

    /// - Parameter database: with `migrations`.
    public init(store: VersionedObjectStore, log: any EventLog, database: any Database, settings: Settings, logger: Logger) {
        self.store = store
        self.log = log
        self.database = database
        self.settings = settings
        self.logger = logger
    }

    public static let migrations = [
        Migration(
            "0001-notification-places", "CREATE TABLE notification_places (webhook TEXT PRIMARY KEY, next_offset BIGINT NOT NULL)")
    ]

    /// The work that goes on beside requests: one for each webhook.
    public var services: [any Service] {
        settings.webhooks.sorted { $0.key < $1.key }.map { Sender(notifications: self, webhook: $0.key, address: $0.value) }
    }

    /// The topic that is read, and the consumer's greatest batch.
    private static let topic = "s3.events"
    private static let batch = 100

    private struct Sender: Service {
        let notifications: BucketNotifications
        let webhook: String
        let address: String

        func run() async throws {
            await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    do {
                        try await notifications.follow(webhook, address)
                    } catch {
                        if Task.isCancelled { return }
                        notifications.logger.error("notifications wait", metadata: ["webhook": "\(webhook)", "error": "\(error)"])
                        try? await Task.sleep(for: .seconds(1))
                    }
                }
            }
        }
    }

    private func follow(_ webhook: String, _ address: String) async throws {
        var next = try await place(of: webhook)
        while !Task.isCancelled {
            let batch = try await log.read(topic: Self.topic, from: next, limit: Self.batch, wait: .seconds(5))
            let last = batch.last?.offset
            for logged in batch {
                let messages = try await messages(logged.event, webhook)
                for message in messages { try await send(message, to: webhook, at: address) }
                next = logged.offset + 1
                // Whatever ends this in the middle of a batch, only the last that was told is told again.
                if !messages.isEmpty || logged.offset == last { try await setPlace(next, of: webhook) }
            }
        }
    }

    /// A webhook that is new begins with what happens from now on.
    private func place(of webhook: String) async throws -> Int64 {
        let known = try await database.read { connection in
            try connection.query("SELECT next_offset FROM notification_places WHERE webhook = $1", [SQLValue(webhook)]).first
                .map { Int64(try $0.int("next_offset")) }
        }
        if let known { return known }
        let end = try await log.endOffset(of: Self.topic)
        try await setPlace(end, of: webhook)
        return end
    }

    private func setPlace(_ offset: Int64, of webhook: String) async throws {
        _ = try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO notification_places (webhook, next_offset) VALUES ($1, $2)
                ON CONFLICT (webhook) DO UPDATE SET next_offset = excluded.next_offset
                """, [SQLValue(webhook), SQLValue(offset)])
        }
    }

    private struct Message: Sendable {
        let id: String
        let body: String
    }

    /// What an event is told as, by the bucket's configuration as it is now.
    private func messages(_ event: CloudEvent, _ webhook: String) async throws -> [Message] {
        guard let notice = ObjectNotice(event), let name = BucketName(notice.bucket), let bucket = try await store.bucket(name),
            let configuration = try? documents.document(NotificationConfiguration.self, of: bucket)
        else { return [] }
        return configuration.rules
            .filter { $0.webhook == webhook && $0.matches(event: "s3:" + notice.name, key: notice.key) }
            .map {
                Message(
                    id: notice.id, body: notice.message(owner: bucket.owner, region: settings.region, configurationID: $0.id))
            }
    }

    /// Returns when the receiver has taken the message, or it was given up.
    private func send(_ message: Message, to webhook: String, at address: String) async throws {
        let end = ContinuousClock.now + settings.patience
        var wait = Duration.seconds(1)
        while true {
            let problem: String
            do {
                let status = try await post(message, to: address)
                if (200..<300).contains(status) { return }
                problem = "status \(status)"
            } catch {
                try Task.checkCancellation()
                // Not the error's own text: the address may hold what is secret.
                problem = "\(type(of: error))"
            }
            guard ContinuousClock.now + wait < end else {
                logger.error("a notification was given up", metadata: ["webhook": "\(webhook)", "event_id": "\(message.id)"])
                return
            }
            logger.warning(
                "a notification waits",
                metadata: ["webhook": "\(webhook)", "event_id": "\(message.id)", "problem": "\(problem)"])
            try await Task.sleep(for: wait)
            wait = min(wait * 2, .seconds(300))
        }
    }

    private func post(_ message: Message, to address: String) async throws -> Int {
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        let time = Int(Date().timeIntervalSince1970)
        request.headers = [
            "Content-Type": "application/json", "User-Agent": "agrovet-s3", "webhook-id": message.id, "webhook-timestamp": "\(time)",
        ]
        if !settings.secret.isEmpty {
            let code = HMAC<SHA256>.authenticationCode(
                for: Data("\(message.id).\(time).\(message.body)".utf8), using: SymmetricKey(data: Data(settings.secret.utf8)))
            request.headers.add(name: "webhook-signature", value: "v1," + Data(code).base64EncodedString())
        }
        request.body = .bytes(ByteBuffer(string: message.body))
        let response = try await HTTPClient.shared.execute(request, timeout: TimeAmount(settings.timeout))
        return Int(response.status.code)
    }
}
