import Events
import Foundation
import Logging
import Persistence
import Schemas
import TestSupport

/// What a service's tests stand on: a database on either engine and an event log, in a folder that goes with it.
public struct ServiceBench: Sendable {
    public let database: any Database
    public let log: FileEventLog
    private let folder: TemporaryFolder

    public init(_ dialect: SQLDialect, service: String, _ migrations: [Migration]) async throws {
        folder = try TemporaryFolder()
        switch dialect {
        case .sqlite: database = try SQLiteDatabase(.init(path: folder.path + "/test.sqlite"))
        case .postgresql:
            var configuration = PostgreSQLDatabase.Configuration(url: try await PostgreSQLServer.shared.makeDatabase())
            configuration.schema = service
            database = PostgreSQLDatabase(configuration: configuration)
        }
        try await Migrator.migrate(database, service: service, migrations)
        log = try FileEventLog(folder: folder.path + "/events")
    }

    /// Tells an event, as another service would.
    public func tell(_ type: String, _ topic: String, _ subject: String, _ data: JSONValue) async throws {
        try await log.append(
            [CloudEvent(id: UUIDv7.make(), source: "/test", type: type, subject: subject, time: Date(), data: data.json)], to: topic)
    }

    /// The events of a topic so far.
    public func events(_ topic: String) async throws -> [CloudEvent] {
        try await log.read(topic: topic, from: 0, limit: 100_000, wait: .zero).map(\.event)
    }

    /// Asks until it is so, every 20 ms.
    /// - Returns: false where it did not become so.
    public func eventually(atMost limit: Duration = Patience.usual, _ isSo: () async throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            if try await isSo() { return true }
            if ContinuousClock.now > deadline { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
