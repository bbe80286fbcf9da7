import Events
import Foundation
import Persistence
import ServiceLifecycle

/// Events a second from a change's transaction through outbox, relay, log and consumer into another transaction.
struct Chain {
    let log: any EventLog
    let folder: String
    let seconds: Double

    static let migrations = [
        Migration("0001-seen", "CREATE TABLE seen (event_id TEXT NOT NULL, process BIGINT NOT NULL)"), Outbox.migration, Inbox.migration,
    ]

    private static let changes = 64

    func run() async throws {
        let producer = try SQLiteDatabase(.init(path: folder + "/producer.sqlite"))
        let consumer = try SQLiteDatabase(.init(path: folder + "/consumer.sqlite"))
        for database in [producer, consumer] { try await Migrator.migrate(database, service: "trial", Self.migrations) }
        let relay = OutboxRelay(database: producer, log: log, logger: Trial.logger)
        let follower = EventConsumer(
            name: "trial", topics: [Trial.topic], log: log, database: consumer, logger: Trial.logger,
            handlers: [
                "trial.happened": { event, connection in
                    try connection.execute("INSERT INTO seen (event_id, process) VALUES ($1, 0)", [SQLValue(event.id)])
                }
            ])
        let group = ServiceGroup(services: [relay, follower], logger: Trial.logger)
        let running = Task { try await group.run() }
        let (begin, cpu) = (ContinuousClock.now, Trial.cpuSeconds())
        let end = begin + .seconds(seconds)
        let run = UUID().uuidString
        let count = try await withThrowingTaskGroup(of: Int.self) { tasks in
            for task in 0..<Self.changes {
                tasks.addTask {
                    var number = 0
                    while ContinuousClock.now < end {
                        let event = Trial.event("\(run)-\(task)-\(number)", "cow-\(task)")
                        try await producer.write { try Outbox.append(event, topic: Trial.topic, on: $0) }
                        relay.wake()
                        number += 1
                    }
                    return number
                }
            }
            return try await tasks.reduce(0, +)
        }
        let seen = "SELECT COUNT(*) AS n FROM seen WHERE event_id LIKE '\(run)%'"
        while try await consumer.read({ try $0.query(seen)[0].int("n") }) < count { try await Task.sleep(for: .milliseconds(5)) }
        let took = Double((ContinuousClock.now - begin) / .milliseconds(1)) / 1000
        Trial.say(
            String(
                format: "outbox, log, consumer   %9.0f/s   %.4f ms CPU", Double(count) / took,
                (Trial.cpuSeconds() - cpu) * 1000 / Double(max(1, count))))
        await group.triggerGracefulShutdown()
        try await running.value
        await producer.close()
        await consumer.close()
    }
}
