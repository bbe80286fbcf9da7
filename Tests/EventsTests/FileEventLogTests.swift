import Events
import Foundation
import TestSupport
import Testing

@Suite struct FileEventLogTests {
    private func event(_ id: String, data: String = #"{"n":1}"#) -> CloudEvent {
        CloudEvent(
            id: id, source: "/agrovet/test", type: "test.happened", subject: "cow-1", time: Date(timeIntervalSince1970: 1_800_000_000.25),
            data: data)
    }

    private func events(_ range: Range<Int>) -> [CloudEvent] { range.map { event("event-\($0)", data: "{\"n\":\($0)}") } }

    /// The names of a topic's segments, oldest first.
    private func segments(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path + "/test.events").filter { $0.hasSuffix(".log") }.sorted()
    }

    /// The only segment of a topic.
    private func segment(_ folder: TemporaryFolder) throws -> String {
        folder.path + "/test.events/" + (try #require(try segments(folder).first))
    }

    /// As it stands when a writer dies before it has told how far it came.
    private func forgetTheEnd(_ folder: TemporaryFolder) throws {
        try FileManager.default.removeItem(atPath: folder.path + "/test.events/.end")
    }

    @Test func eventsComeBackInOrderWithTheirOffsetsAndTheirDataByteForByte() async throws {
        let folder = try TemporaryFolder()
        let log = try FileEventLog(folder: folder.path)
        let odd = #"{"text":"ñ \"data\":{} \u00e9","z":[1,2.50],"a":null}"#
        try await log.append([event("a", data: odd), event("b")], to: "test.events")
        let read = try await log.read(topic: "test.events", from: 0, limit: 10, wait: .zero)
        #expect(read.map(\.offset) == [0, 1])
        #expect(read[0].event == event("a", data: odd))
        #expect(try await log.endOffset(of: "test.events") == 2)
        #expect(try await log.read(topic: "other.events", from: 0, limit: 10, wait: .zero).isEmpty)
    }

    @Test func theLogOutlivesTheProcess() async throws {
        let folder = try TemporaryFolder()
        do {
            let log = try FileEventLog(folder: folder.path)
            try await log.append(events(0..<500), to: "test.events")
        }
        let log = try FileEventLog(folder: folder.path)
        #expect(try await log.endOffset(of: "test.events") == 500)
        for start in [0, 1, 127, 128, 129, 400, 499] {
            let read = try await log.read(topic: "test.events", from: Int64(start), limit: 3, wait: .zero)
            #expect(read.first?.offset == Int64(start))
            #expect(read.first?.event.id == "event-\(start)")
            #expect(read.count == min(3, 500 - start))
        }
        try await log.append(events(500..<501), to: "test.events")
        #expect(try await log.read(topic: "test.events", from: 500, limit: 3, wait: .zero).map(\.event.id) == ["event-500"])
    }

    @Test func aWriteThatACrashBrokeOffIsCutOffAtEveryByte() async throws {
        let folder = try TemporaryFolder()
        do {
            let log = try FileEventLog(folder: folder.path)
            try await log.append(events(0..<3), to: "test.events")
        }
        let path = try segment(folder)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let lastLine = whole.count - (whole.dropLast().lastIndex(of: 0x0A)! + 1)
        for lost in 1..<lastLine {
            try whole.dropLast(lost).write(to: URL(fileURLWithPath: path))
            try forgetTheEnd(folder)
            let log = try FileEventLog(folder: folder.path)
            #expect(try await log.endOffset(of: "test.events") == 2, "\(lost) bytes lost")
            try await log.append([event("after")], to: "test.events")
            #expect(
                try await log.read(topic: "test.events", from: 0, limit: 9, wait: .zero).map(\.event.id) == ["event-0", "event-1", "after"])
        }
    }

    @Test func aFlippedBitInTheLastEventIsNoticedAndItsOffsetNotGivenAgain() async throws {
        let folder = try TemporaryFolder()
        do {
            let log = try FileEventLog(folder: folder.path)
            try await log.append(events(0..<3), to: "test.events")
        }
        let path = try segment(folder)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count - 10] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let log = try FileEventLog(folder: folder.path)
        // Consumers have seen it: what took its place would be passed over.
        #expect(try await log.endOffset(of: "test.events") == 3)
        try await log.append([event("after")], to: "test.events")
        #expect(try await log.read(topic: "test.events", from: 0, limit: 9, wait: .zero).map(\.offset) == [0, 1, 3])
    }

    @Test(arguments: 1...400) func anEndThatWasCutOffKeepsOffsetsInOrder(_ lost: Int) async throws {
        let folder = try TemporaryFolder()
        do {
            let log = try FileEventLog(folder: folder.path)
            try await log.append(events(0..<3), to: "test.events")
        }
        let path = try segment(folder)
        try Data(contentsOf: URL(fileURLWithPath: path)).dropLast(lost).write(to: URL(fileURLWithPath: path))
        let log = try FileEventLog(folder: folder.path)
        try await log.append([event("after")], to: "test.events")
        let read = try await log.read(topic: "test.events", from: 0, limit: 9, wait: .zero)
        #expect(read.last?.offset == 3 && read.last?.event.id == "after")
        #expect(read.dropLast().allSatisfy { $0.event.id == "event-\($0.offset)" })
    }

    /// Its checksum is right, and yet no event could follow it.
    @Test(arguments: ["9223372036854775807", "9223372036854775806", "-1"]) func anOffsetThatCannotBeIsDamage(_ offset: String) async throws
    {
        let folder = try TemporaryFolder()
        do {
            let log = try FileEventLog(folder: folder.path)
            try await log.append(events(0..<2), to: "test.events")
        }
        let path = try segment(folder)
        var lines = try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A)
        let rest = Data(offset.utf8) + lines[1].dropFirst(10)
        let crc = ~rest.reduce(~0 as UInt32) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
        }
        lines[1] = Data((String(repeating: "0", count: 8) + String(crc, radix: 16)).suffix(8).utf8) + Data(" ".utf8) + rest
        try (lines[0] + [0x0A] + lines[1] + [0x0A]).write(to: URL(fileURLWithPath: path))
        let log = try FileEventLog(folder: folder.path)
        #expect(try await log.endOffset(of: "test.events") == 2)
        try await log.append([event("after")], to: "test.events")
        #expect(try await log.read(topic: "test.events", from: 0, limit: 9, wait: .zero).map(\.event.id) == ["event-0", "after"])
    }

    @Test(arguments: [0.1, 0.5, 0.9])
    func anEventThatIsDamagedOnTheDiskCostsOnlyItself(_ place: Double) async throws {
        let folder = try TemporaryFolder()
        do {
            let log = try FileEventLog(folder: folder.path)
            try await log.append(events(0..<100), to: "test.events")
        }
        let path = try segment(folder)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let at = Int(Double(bytes.count) * place)
        let damaged = bytes[..<at].count { $0 == 0x0A }
        bytes[at] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let log = try FileEventLog(folder: folder.path)
        try await log.append([event("after")], to: "test.events")
        let read = try await log.read(topic: "test.events", from: 0, limit: 200, wait: .zero)
        #expect(read.map(\.offset) == (0...100).filter { $0 != damaged }.map { Int64($0) })
        #expect(read.last?.event.id == "after")
    }

    @Test func twoEventsWhoseLineBreakIsDamagedKeepTheOffsetsOfAllOthers() async throws {
        let folder = try TemporaryFolder()
        do {
            let log = try FileEventLog(folder: folder.path)
            try await log.append(events(0..<10), to: "test.events")
        }
        let path = try segment(folder)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[try #require(bytes.firstIndex(of: 0x0A))] = 0x20
        try bytes.write(to: URL(fileURLWithPath: path))
        let log = try FileEventLog(folder: folder.path)
        let read = try await log.read(topic: "test.events", from: 0, limit: 99, wait: .zero)
        #expect(read.map(\.event.id) == (2..<10).map { "event-\($0)" })
        #expect(read.map(\.offset) == (2..<10).map { Int64($0) })
    }

    @Test func aSegmentThatIsGoneIsPassedOver() async throws {
        let folder = try TemporaryFolder()
        var configuration = FileEventLog.Configuration()
        configuration.segmentBytes = 1000
        let log = try FileEventLog(folder: folder.path, configuration: configuration)
        for number in 0..<20 { try await log.append(events(number..<number + 1), to: "test.events") }
        // One that does not have them in memory.
        let reader = try FileEventLog(folder: folder.path, configuration: configuration)
        #expect(try await reader.endOffset(of: "test.events") == 20)
        let names = try segments(folder)
        try FileManager.default.removeItem(atPath: folder.path + "/test.events/" + names[1])
        let from = try #require(Int64(names[1].prefix(20)))
        let next = try #require(Int64(names[2].prefix(20)))
        #expect(try await reader.read(topic: "test.events", from: from, limit: 1, wait: .zero).map(\.offset) == [next])
    }

    @Test(arguments: ["{\n  \"a\": 1\n}", "[1,\r\n2]", "{\"a\":\"x\\ny\"}"])
    func lineBreaksInTheDataDoNotBreakTheLog(_ data: String) async throws {
        let folder = try TemporaryFolder()
        do {
            let log = try FileEventLog(folder: folder.path)
            try await log.append([event("a"), event("b", data: data), event("c")], to: "test.events")
        }
        let log = try FileEventLog(folder: folder.path)
        let read = try await log.read(topic: "test.events", from: 0, limit: 9, wait: .zero)
        #expect(read.map(\.event.id) == ["a", "b", "c"])
        #expect(read[1].event.data == data.replacing("\r\n", with: "  ").replacing("\n", with: " "))
    }

    @Test(arguments: ["", "{", "{}}", "nonsense", "{\"a\":\"raw \n break\"}"])
    func anEventThatCouldNotBeReadAgainIsRefused(_ data: String) async throws {
        let folder = try TemporaryFolder()
        let log = try FileEventLog(folder: folder.path)
        await #expect(throws: EventLogError.self) { try await log.append([event("a"), event("b", data: data)], to: "test.events") }
        #expect(try await log.endOffset(of: "test.events") == 0)
    }

    @Test func timesComeBackToTheMillisecond() throws {
        for milliseconds in 0..<1000 {
            let time = Date(timeIntervalSince1970: 1_800_000_000 + Double(milliseconds) / 1000)
            let event = CloudEvent(id: "a", source: "/a", type: "t", subject: "s", time: time, data: "{}")
            #expect(try CloudEvent(json: event.json) == event)
            #expect(event.json.contains(".\(String(1000 + milliseconds).dropFirst())Z\""))
        }
    }

    @Test func anEventThatIsSentAgainIsDroppedAlsoAfterARestart() async throws {
        let folder = try TemporaryFolder()
        do {
            let log = try FileEventLog(folder: folder.path)
            try await log.append(events(0..<3), to: "test.events")
            try await log.append(events(1..<4), to: "test.events")
        }
        let log = try FileEventLog(folder: folder.path)
        try await log.append(events(2..<5), to: "test.events")
        #expect(try await log.read(topic: "test.events", from: 0, limit: 99, wait: .zero).map(\.event.id) == (0..<5).map { "event-\($0)" })
    }

    @Test func manyWhoAppendAtOnceAllGetInOnce() async throws {
        let folder = try TemporaryFolder()
        let log = try FileEventLog(folder: folder.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<40 {
                group.addTask {
                    for number in 0..<10 { try await log.append([event("\(writer)-\(number)")], to: "test.events") }
                }
            }
            try await group.waitForAll()
        }
        let ids = try await log.read(topic: "test.events", from: 0, limit: 1000, wait: .zero).map(\.event.id)
        #expect(ids.count == 400)
        #expect(Set(ids).count == 400)
        for writer in 0..<40 {
            #expect(ids.filter { $0.hasPrefix("\(writer)-") } == (0..<10).map { "\(writer)-\($0)" }, "each writer's order is kept")
        }
    }

    @Test func readersThatWaitAreWokenByAnAppendAll() async throws {
        let folder = try TemporaryFolder()
        let log = try FileEventLog(folder: folder.path)
        let heard = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<5 {
                group.addTask { try await log.read(topic: "test.events", from: 0, limit: 9, wait: .seconds(86_400)).count }
            }
            try await Task.sleep(for: .milliseconds(200))
            try await log.append([event("a")], to: "test.events")
            return try await group.reduce(0, +)
        }
        #expect(heard == 5)
        #expect(try await log.read(topic: "test.events", from: 1, limit: 9, wait: .milliseconds(50)).isEmpty, "a wait ends")
    }

    @Test func oldSegmentsGoAndOffsetsStay() async throws {
        let folder = try TemporaryFolder()
        var configuration = FileEventLog.Configuration()
        configuration.segmentBytes = 2000
        configuration.retentionBytes = 10_000
        let log = try FileEventLog(folder: folder.path, configuration: configuration)
        for number in 0..<300 { try await log.append(events(number..<number + 1), to: "test.events") }
        let files = try segments(folder)
        #expect(files.count > 1 && files.count < 12)
        let reader = try FileEventLog(folder: folder.path, configuration: configuration)
        let read = try await reader.read(topic: "test.events", from: 0, limit: 5, wait: .zero)
        let first = try #require(read.first)
        #expect(first.offset > 0, "an offset before the first retained answers from there")
        #expect(first.event.id == "event-\(first.offset)")
        #expect(try await log.endOffset(of: "test.events") == 300)
    }

    @Test(arguments: ["", "../up", "UPPER", "a/b", ".hidden", String(repeating: "a", count: 129)])
    func aTopicIsAWordThatIsNoPath(_ topic: String) async throws {
        let folder = try TemporaryFolder()
        let log = try FileEventLog(folder: folder.path)
        await #expect(throws: EventLogError.invalidTopic(topic)) { try await log.append([event("a")], to: topic) }
    }
}
