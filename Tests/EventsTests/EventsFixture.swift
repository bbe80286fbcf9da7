import Events
import Foundation
import Logging
import Persistence
import ServiceLifecycle
import TestSupport

/// What the tests of outbox and consumers share: a database, a log, and services that run until something has happened.
struct EventsFixture {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let folder: TemporaryFolder
    let database: any Database
    let log: FileEventLog

    init(_ dialect: SQLDialect = .sqlite) async throws {
        folder = try TemporaryFolder()
        database =
            switch dialect {
            case .sqlite: try SQLiteDatabase(.init(path: folder.path + "/test.sqlite"))
            case .postgresql: PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
            }
        let own = Migration("0001-seen", "CREATE TABLE seen (position BIGINT PRIMARY KEY, event_id TEXT NOT NULL)")
        try await Migrator.migrate(database, service: "test", [own, Outbox.migration, Inbox.migration])
        log = try FileEventLog(folder: folder.path + "/events")
    }

    static func event(_ id: String, type: String = "test.happened", subject: String = "cow") -> CloudEvent {
        CloudEvent(id: id, source: "/agrovet/test", type: type, subject: subject, time: Date(), data: "{}")
    }

    /// A handler that writes down what it was handed.
    @Sendable static func note(_ event: CloudEvent, _ connection: any SQLConnection) throws {
        let next = try connection.query("SELECT COUNT(*) AS n FROM seen")[0].int("n")
        try connection.execute("INSERT INTO seen (position, event_id) VALUES ($1, $2)", [SQLValue(next), SQLValue(event.id)])
    }

    func seen() async throws -> [String] {
        try await database.read { try $0.query("SELECT event_id FROM seen ORDER BY position").map { try $0.text("event_id") } }
    }

    func pending() async throws -> Int { try await database.read { try Outbox.pendingCount(on: $0) } }

    func read(_ topic: String) async throws -> [CloudEvent] {
        try await log.read(topic: topic, from: 0, limit: 1000, wait: .zero).map(\.event)
    }

    /// Runs services until `isDone`, then shuts them down.
    static func run(_ services: [any Service], until isDone: @escaping @Sendable () async throws -> Bool) async throws {
        let group = ServiceGroup(services: services, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let deadline = ContinuousClock.now + Patience.usual
            while try await !isDone(), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    func close() async { await database.close() }
}
