import Events
import EventsTrial
import Foundation
import Persistence
import TestSupport
import Testing

/// Real processes on one log.
@Suite(.serialized) struct ManyProcessesTests {
    private static func lines(_ path: String) -> [Substring] {
        (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n") ?? []
    }

    private static func acknowledged(_ path: String) -> Int {
        lines(path).last.flatMap { Int($0.dropFirst(4)) } ?? -1
    }

    private func trial(_ arguments: [String], _ output: String) throws -> ChildProcess {
        try ChildProcess(Executables.beside("EventsTrial"), arguments, output: output, errors: output + ".errors")
    }

    /// Four write and two read; writers are killed in a loop and begin again behind what was acknowledged. Every acknowledged event is read
    /// once, offsets have no gaps, and each producer's events are in order.
    @Test func whatIsAcknowledgedIsReadOnceInOrderWhoeverIsKilled() async throws {
        let folder = try TemporaryFolder()
        let log = folder.path + "/events"
        let readers = try (0..<2).map { try trial(["read", log], folder.path + "/read-\($0)") }
        var next = [0, 0, 0, 0]
        var writers: [ChildProcess] = []
        func start(_ producer: Int, _ round: Int) throws -> ChildProcess {
            try trial(["write", log, "p\(producer)", "\(next[producer])"], folder.path + "/write-\(producer)-\(round)")
        }
        for producer in 0..<4 { writers.append(try start(producer, 0)) }
        var rounds = [0, 0, 0, 0]
        for kill in 0..<24 {
            // Two at once now and then.
            let victims = kill % 3 == 0 ? [kill % 4, (kill + 1) % 4] : [kill % 4]
            let paths = victims.map { folder.path + "/write-\($0)-\(rounds[$0])" }
            let deadline = ContinuousClock.now + Patience.usual
            while paths.contains(where: { Self.lines($0).count < 10 + kill }), ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(3))
            }
            for victim in victims { writers[victim].kill(SIGKILL) }
            for (victim, path) in zip(victims, paths) {
                _ = await writers[victim].wait()
                let last = Self.acknowledged(path)
                try #require(last >= 0, "\((try? String(contentsOfFile: path + ".errors", encoding: .utf8)) ?? "")")
                // What was not acknowledged is sent again: it may be in the log all the same.
                next[victim] = last + 1
                rounds[victim] += 1
                writers[victim] = try start(victim, rounds[victim])
            }
        }
        for writer in writers { writer.kill(SIGKILL) }
        for writer in writers { _ = await writer.wait() }
        let end = try await FileEventLog(folder: log).endOffset(of: "trial.events")
        for (number, reader) in readers.enumerated() {
            let path = folder.path + "/read-\(number)"
            let deadline = ContinuousClock.now + Patience.usual
            while Self.lines(path).count < Int(end), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
            reader.kill(SIGKILL)
            _ = await reader.wait()
            let read = Self.lines(path).map { $0.split(separator: " ") }
            #expect(read.map { Int64($0[0]) } == (0..<end).map { $0 }, "no offset is left out, and none comes twice")
            #expect(Set(read.map { $0[1] }).count == read.count, "no event comes twice")
            for producer in 0..<4 {
                let numbers = read.compactMap { $0[1].hasPrefix("p\(producer)-") ? Int($0[1].dropFirst(3)) : nil }
                let wrong = numbers.indices.first { numbers[$0] != $0 }
                #expect(wrong == nil, "producer \(producer) is in order, without gaps")
                let acknowledged = (0...rounds[producer]).map { Self.acknowledged(folder.path + "/write-\(producer)-\($0)") }.max() ?? -1
                #expect(acknowledged > 0)
                #expect(numbers.count > acknowledged, "what producer \(producer) was told to be durable is there")
            }
        }
        let segments = try FileManager.default.contentsOfDirectory(atPath: log + "/trial.events").filter { $0.hasSuffix(".log") }
        #expect(segments.count > 2, "segments were begun while it went on")
    }

    @Test func whoWaitsUsesNoProcessor() async throws {
        let folder = try TemporaryFolder()
        let result = try await ChildProcess.run(Executables.beside("EventsTrial"), ["idle", folder.path, "5"])
        let seconds = try #require(Double(result.output.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(seconds < 0.05, "\(seconds) s of CPU in 5 s of waiting")
    }

    /// Two processes of one consumer group on one database: every event is handled by one of them, in order.
    @Test(arguments: SQLDialect.allCases) func twoProcessesOfAGroupHandleNothingTwice(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let address =
            dialect == .sqlite ? folder.path + "/consumer.sqlite" : try await PostgreSQLServer.shared.makeDatabase()
        let database: any Database =
            dialect == .sqlite
            ? try SQLiteDatabase(.init(path: address)) : PostgreSQLDatabase(configuration: .init(url: address))
        let migrations = [
            Migration("0001-seen", "CREATE TABLE seen (event_id TEXT NOT NULL, process BIGINT NOT NULL)"), Outbox.migration,
            Inbox.migration,
        ]
        try await Migrator.migrate(database, service: "trial", migrations)
        let log = try FileEventLog(folder: folder.path + "/events")
        var outputs = (0..<2).map { folder.path + "/consume-\($0)" }
        var consumers = try outputs.map { try trial(["consume", folder.path + "/events", address], $0) }
        func seen() async throws -> [String] {
            try await database.read { try $0.query("SELECT event_id FROM seen").map { try $0.text("event_id") } }
        }
        for number in 0..<600 {
            let event = CloudEvent(
                id: "event-\(number)", source: "/agrovet/test", type: "trial.happened", subject: "cow", time: Date(), data: "{}")
            try await log.append([event], to: "trial.events")
            if number % 200 == 150 {
                // One dies in the middle of it, and comes again.
                let victim = number / 200 % 2
                consumers[victim].kill(SIGKILL)
                _ = await consumers[victim].wait()
                outputs[victim] = folder.path + "/consume-again-\(number)"
                consumers[victim] = try trial(["consume", folder.path + "/events", address], outputs[victim])
            }
        }
        let deadline = ContinuousClock.now + Patience.usual
        while try await seen().count < 600, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(50)) }
        try await Task.sleep(for: .milliseconds(300))
        #expect(try await seen().sorted() == (0..<600).map { "event-\($0)" }.sorted())
        // One that has just come again may not hear of its end yet.
        for path in outputs {
            while Self.lines(path) != ["ready"], ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        }
        for consumer in consumers { consumer.kill(SIGTERM) }
        for consumer in consumers { #expect(await consumer.wait() == 0) }
        await database.close()
    }
}
