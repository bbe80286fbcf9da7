import Events
import Foundation
import Synchronization
import TestSupport
import Testing

/// Two logs over one folder stand to each other as two processes do: each has files and locks of its own.
@Suite struct SharedLogTests {
    private func events(_ range: Range<Int>, _ name: String = "event") -> [CloudEvent] {
        range.map {
            CloudEvent(id: "\(name)-\($0)", source: "/agrovet/test", type: "test.happened", subject: "cow", time: Date(), data: "{}")
        }
    }

    private let topic = "test.events"

    private func all(_ log: FileEventLog) async throws -> [LoggedEvent] {
        var found: [LoggedEvent] = []
        while true {
            let batch = try await log.read(topic: topic, from: found.last.map { $0.offset + 1 } ?? 0, limit: 50, wait: .zero)
            if batch.isEmpty { return found }
            found += batch
        }
    }

    @Test func eachReadsWhatTheOtherHasAppended() async throws {
        let folder = try TemporaryFolder()
        let (one, other) = (try FileEventLog(folder: folder.path), try FileEventLog(folder: folder.path))
        for round in 0..<20 {
            try await (round % 2 == 0 ? one : other).append(events(round * 3..<round * 3 + 3), to: topic)
            #expect(try await one.endOffset(of: topic) == Int64(round * 3 + 3))
            #expect(try await other.endOffset(of: topic) == Int64(round * 3 + 3))
        }
        let read = try await all(one)
        #expect(read.map(\.offset) == (0..<60).map { Int64($0) })
        #expect(read.map(\.event.id) == (0..<60).map { "event-\($0)" })
        #expect(try await all(other) == read)
    }

    @Test func whoWaitsIsToldAtOnceOfWhatAnotherProcessAppends() async throws {
        let folder = try TemporaryFolder()
        let (one, other) = (try FileEventLog(folder: folder.path), try FileEventLog(folder: folder.path))
        try await one.append(events(0..<1), to: topic)
        for number in 1..<20 {
            async let heard = other.read(topic: topic, from: Int64(number), limit: 9, wait: .seconds(86_400))
            try await Task.sleep(for: .milliseconds(20))
            try await one.append(events(number..<number + 1), to: topic)
            // And not at the end of the wait, which is tomorrow.
            #expect(try await heard.map(\.event.id) == ["event-\(number)"])
        }
    }

    @Test func whatAnotherProcessHasTakenInIsDroppedHereToo() async throws {
        let folder = try TemporaryFolder()
        let (one, other) = (try FileEventLog(folder: folder.path), try FileEventLog(folder: folder.path))
        try await one.append(events(0..<10), to: topic)
        try await other.append(events(5..<15), to: topic)
        try await one.append(events(0..<20), to: topic)
        #expect(try await all(other).map(\.event.id) == (0..<20).map { "event-\($0)" })
    }

    @Test func manyAppendBesideEachOtherAcrossSegments() async throws {
        let folder = try TemporaryFolder()
        var configuration = FileEventLog.Configuration()
        configuration.segmentBytes = 3000
        let logs = try (0..<4).map { _ in try FileEventLog(folder: folder.path, configuration: configuration) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, log) in logs.enumerated() {
                for task in 0..<3 {
                    group.addTask {
                        for round in 0..<40 { try await log.append(self.events(round..<round + 1, "\(number)-\(task)"), to: self.topic) }
                    }
                }
            }
            try await group.waitForAll()
        }
        for log in logs {
            let read = try await all(log)
            #expect(read.map(\.offset) == (0..<480).map { Int64($0) })
            for name in (0..<4).flatMap({ number in (0..<3).map { "\(number)-\($0)" } }) {
                #expect(
                    read.map(\.event.id).filter { $0.hasPrefix(name + "-") } == (0..<40).map { "\(name)-\($0)" },
                    "each writer's order is kept")
            }
        }
    }

    /// Segments go under a reader that knows them from before.
    @Test func aReaderGoesOnWhereRetentionHasTakenItsSegment() async throws {
        let folder = try TemporaryFolder()
        var configuration = FileEventLog.Configuration()
        configuration.segmentBytes = 1000
        configuration.retentionBytes = 5000
        let writer = try FileEventLog(folder: folder.path, configuration: configuration)
        let reader = try FileEventLog(folder: folder.path, configuration: configuration)
        try await writer.append(events(0..<4), to: topic)
        #expect(try await reader.read(topic: topic, from: 0, limit: 2, wait: .zero).map(\.offset) == [0, 1])
        // More than what is kept in memory of the end.
        for number in 4..<2300 { try await writer.append(events(number..<number + 1), to: topic) }
        let first = try await reader.firstOffset(of: topic)
        #expect(first > 2000)
        #expect(try await reader.read(topic: topic, from: 2, limit: 1, wait: .zero).map(\.offset) == [first])
        #expect(try await reader.read(topic: topic, from: 2299, limit: 9, wait: .zero).map(\.event.id) == ["event-2299"])
    }

    /// A writer died after it wrote whole lines, and before it told anybody: they are taken in, or cut off, by the next; never both.
    @Test(arguments: [0, 1, 7, 60]) func whatADeadWriterLeftIsTakenInWholeOrCutOff(_ torn: Int) async throws {
        let folder = try TemporaryFolder()
        let log = try FileEventLog(folder: folder.path)
        try await log.append(events(0..<2), to: topic)
        // What another process would have written, from a log of its own.
        let elsewhere = try TemporaryFolder()
        let source = try FileEventLog(folder: elsewhere.path)
        try await source.append(events(0..<4), to: topic)
        let name = "/\(topic)/00000000000000000000.log"
        let (ours, theirs) = (folder.path + name, try Data(contentsOf: URL(fileURLWithPath: elsewhere.path + name)))
        let length = try Data(contentsOf: URL(fileURLWithPath: ours)).count
        let file = try #require(FileHandle(forWritingAtPath: ours))
        try file.seekToEnd()
        try file.write(contentsOf: theirs.dropFirst(length).dropLast(torn))
        try file.close()

        #expect(try await log.read(topic: topic, from: 2, limit: 9, wait: .zero).isEmpty, "nobody reads what is not known to be durable")
        try await log.append(events(8..<9), to: topic)
        let left = torn == 0 ? ["event-2", "event-3"] : ["event-2"]
        #expect(try await all(log).map(\.event.id) == ["event-0", "event-1"] + left + ["event-8"])
        try await log.append(events(2..<3), to: topic)
        #expect(try await all(log).map(\.event.id) == ["event-0", "event-1"] + left + ["event-8"], "it is known by its id")
        #expect(try await all(try FileEventLog(folder: folder.path)) == all(log))
    }

    /// The same, where nobody appends again: who waits takes it in after its wait.
    @Test func whatADeadWriterLeftIsReadThoughNobodyAppends() async throws {
        let folder = try TemporaryFolder()
        let writer = try FileEventLog(folder: folder.path)
        try await writer.append(events(0..<3), to: topic)
        let end = folder.path + "/\(topic)/.end"
        let early = try Data(contentsOf: URL(fileURLWithPath: end))
        let reader = try FileEventLog(folder: folder.path)
        #expect(try await reader.endOffset(of: topic) == 3)
        // The reader is not told: the writer's word is taken back as soon as it is given.
        let name = folder.path + "/\(topic)/00000000000000000000.log"
        let elsewhere = try TemporaryFolder()
        let source = try FileEventLog(folder: elsewhere.path)
        try await source.append(events(0..<5), to: topic)
        let theirs = try Data(contentsOf: URL(fileURLWithPath: elsewhere.path + "/\(topic)/00000000000000000000.log"))
        let file = try #require(FileHandle(forWritingAtPath: name))
        let length = try file.seekToEnd()
        try file.write(contentsOf: theirs.dropFirst(Int(length)))
        try file.close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: end)) == early)
        #expect(try await reader.read(topic: topic, from: 3, limit: 9, wait: .milliseconds(50)).isEmpty)
        #expect(try await reader.read(topic: topic, from: 3, limit: 9, wait: .seconds(5)).map(\.event.id) == ["event-3", "event-4"])
    }

    @Test func timesAreFoundInSeveralSegments() async throws {
        let folder = try TemporaryFolder()
        var configuration = FileEventLog.Configuration()
        configuration.segmentBytes = 2000
        let log = try FileEventLog(folder: folder.path, configuration: configuration)
        for number in 0..<100 {
            let event = CloudEvent(
                id: "\(number)", source: "/a", type: "t", subject: "s", time: Date(timeIntervalSince1970: 1000 + Double(number)), data: "{}"
            )
            try await log.append([event], to: topic)
        }
        for number in [0, 1, 13, 50, 99] {
            #expect(try await log.offset(of: topic, at: Date(timeIntervalSince1970: 999.5 + Double(number))) == Int64(number))
        }
        #expect(try await log.offset(of: topic, at: Date(timeIntervalSince1970: 5000)) == 100)
        #expect(try await log.offset(of: topic, at: Date(timeIntervalSince1970: 0)) == 0)
        #expect(try log.topicNames() == [topic])
    }
}
