import Events
import Foundation
import Logging
import Persistence
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct RegistrationKillTests {
    /// Accounts that the server has acknowledged: username and id.
    private final class Acknowledged: Sendable {
        private let accounts = Mutex<[String: String]>([:])
        func add(_ name: String, _ id: String) { accounts.withLock { $0[name] = id } }
        var all: [String: String] { accounts.withLock { $0 } }
    }

    @Test(arguments: SQLDialect.allCases)
    func anAccountThatWasAcknowledgedSurvivesAKillAndIsToldOnce(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let url = dialect == .postgresql ? try await PostgreSQLServer.shared.makeDatabase() : nil
        let environment = ["AGROVET_REGISTRATIONS_PER_ADDRESS": "100000", "AGROVET_SIGN_IN_ATTEMPTS_ADDRESS": "100000"]
        let acknowledged = Acknowledged()
        for round in 0..<3 {
            let server = try await AccountServer.start(dialect, folder: folder, environment: environment, database: url)
            let before = acknowledged.all.count
            await withTaskGroup(of: Void.self) { group in
                for client in 0..<8 {
                    group.addTask {
                        for number in 0..<1000 {
                            let name = "user-\(round)-\(client)-\(number)"
                            guard let answer = try? await server.register(name, email: "\(name)@example.org"), answer.status == 201,
                                let id = answer.user["id"] as? String
                            else { return }
                            acknowledged.add(name, id)
                        }
                    }
                }
                // In the middle of the storm, by what was acknowledged, however slow the machine is.
                let deadline = ContinuousClock.now + Patience.usual
                while acknowledged.all.count < before + 30 + 17 * round, ContinuousClock.now < deadline {
                    try? await Task.sleep(for: .milliseconds(3))
                }
                await server.process.kill()
            }
            #expect(acknowledged.all.count > before, "the storm was one")
        }
        let server = try await AccountServer.start(dialect, folder: folder, environment: environment, database: url)
        for (name, id) in acknowledged.all.shuffled().prefix(60) {
            #expect(try await server.login(name).user["id"] as? String == id, "\(name)")
        }
        let count = try await server.admin.get("/api/auth/users/").json["count"] as? Int ?? 0
        // The outbox empties before the server ends.
        #expect(await server.process.stop() == 0)
        let log = try FileEventLog(
            folder: folder.path + "/storage/events", configuration: .init(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        var told: [String: Int] = [:]
        var next: Int64 = 0
        while true {
            let batch = try await log.read(topic: "user.events", from: next, limit: 1000, wait: .zero)
            guard let last = batch.last else { break }
            for logged in batch where logged.event.type == "user.created" { told[logged.event.subject, default: 0] += 1 }
            next = last.offset + 1
        }
        #expect(told.values.allSatisfy { $0 == 1 }, "each account is told once")
        #expect(told.count == count, "and every account is")
        for id in acknowledged.all.values { #expect(told[id] == 1) }
    }
}
