import Events
import Foundation
import Persistence

/// The consumers of a data folder's services, wherever their inboxes are.
struct EventConsumers: Sendable {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    /// How far every consumer has come.
    func places() async throws -> [Inbox.Place] {
        var places: [Inbox.Place] = []
        for database in try databases() {
            places += try await database.read { try Inbox.places(on: $0) }
            await database.close()
        }
        return places.sorted { ($0.consumer, $0.topic) < ($1.consumer, $1.topic) }
    }

    /// Runs `body` with the database that has the consumer's place in a topic; false where none has.
    func withDatabase(of consumer: String, _ topic: String, _ body: (any Database, Inbox.Place) async throws -> Void) async throws -> Bool {
        for database in try databases() {
            let places = try await database.read { try Inbox.places(on: $0) }
            if let place = places.first(where: { $0.consumer == consumer && $0.topic == topic }) {
                try await body(database, place)
                await database.close()
                return true
            }
            await database.close()
        }
        return false
    }

    /// The databases of all services: every file of the folder, and those on PostgreSQL.
    private func databases() throws -> [any Database] {
        let folder = DataFolder(path: settings[SettingsCatalogue.data])
        let server = Server(settings: settings)
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder.databases)) ?? []).sorted()
        var databases: [any Database] = try files.filter { $0.hasSuffix(".sqlite") }.map {
            try server.openSQLite(String($0.dropLast(".sqlite".count)), folder)
        }
        for service in ServiceName.allCases where server.isOnPostgreSQL(service) {
            databases.append(try server.openDatabase(service.rawValue, folder, schema: service.schema))
        }
        return databases
    }
}
