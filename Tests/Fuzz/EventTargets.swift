import Events
import Foundation
import Logging

extension FuzzTarget {
    static let events = [eventLog, eventEnd, eventPlaces, deadLetters]

    /// A log's file that was damaged: it opens, and takes a further event.
    private static let eventLog = FuzzTarget(
        name: "event-log",
        seeds: {
            let folder = FileManager.default.temporaryDirectory.path + "/agrovet-fuzz-log-seed-\(getpid())"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let lines = (0..<3).map { number in
                let rest =
                    Array(#"\#(number) {"specversion":"1.0","id":"\#(number)","source":"s","type":"t","subject":"x","#.utf8)
                    + Array(#""time":"2026-11-24T08:15:30.250Z","data":{}}"#.utf8)
                return Array(String(UInt64(1) << 32 | UInt64(crc(rest)), radix: 16).dropFirst().utf8) + [0x20] + rest + [0x0A]
            }
            return [lines.flatMap { $0 }, []]
        },
        words: ["\n", " ", "9223372036854775807", "-1", "00000000 "]
    ) { input in
        let folder = FileManager.default.temporaryDirectory.path + "/agrovet-fuzz-log-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/t.events", withIntermediateDirectories: true)
        try Data(repaired(input)).write(to: URL(fileURLWithPath: folder + "/t.events/00000000000000000000.log"))
        var logger = Logger(label: "fuzz")
        logger.logLevel = .critical
        let log = try FileEventLog(folder: folder, logger: logger)
        let end = try await log.endOffset(of: "t.events")
        let events = try await log.read(topic: "t.events", from: 0, limit: 100, wait: .zero)
        guard events.allSatisfy({ $0.offset < end }) else { throw Contradiction("an event behind the end \(end)") }
        let event = CloudEvent(id: "new", source: "s", type: "t", subject: "x", time: Date(), data: "{}")
        try await log.append([event], to: "t.events")
        guard try await log.read(topic: "t.events", from: end, limit: 10, wait: .zero).last?.event.id == "new" else {
            throw Contradiction("what was appended is not there")
        }
        return kind("\(events.count) \(end)")
    }

    /// The file that says how far a log is durable, damaged: the log opens, loses no event, gives no offset twice, and goes on.
    private static let eventEnd = FuzzTarget(
        name: "event-end",
        seeds: {
            let rest = Array("00000000000000000003 00000000000000000000 00000000000000000300".utf8)
            return [Array(String(UInt64(1) << 32 | UInt64(crc(rest)), radix: 16).dropFirst().utf8) + [0x20] + rest + [0x0A], []]
        },
        words: [" ", "\n", "00000000000000000000", "4611686018427387903", "09223372036854775807", "-0000000000000000001"]
    ) { input in
        let folder = FileManager.default.temporaryDirectory.path + "/agrovet-fuzz-end-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var logger = Logger(label: "fuzz")
        logger.logLevel = .critical
        func event(_ id: String) -> CloudEvent { CloudEvent(id: id, source: "s", type: "t", subject: "x", time: Date(), data: "{}") }
        do {
            let log = try FileEventLog(folder: folder, logger: logger)
            try await log.append((0..<3).map { event("\($0)") }, to: "t.events")
        }
        // Every other with a checksum that is right, so that what it says is believed.
        var text = input
        if text.count == 72, text[9] & 1 == 0 {
            text = Array(String(UInt64(1) << 32 | UInt64(crc(Array(text[9..<71]))), radix: 16).dropFirst().utf8) + text[8...]
        }
        try Data(text).write(to: URL(fileURLWithPath: folder + "/t.events/.end"))
        let log = try FileEventLog(folder: folder, logger: logger)
        let end = try await log.endOffset(of: "t.events")
        guard try await log.read(topic: "t.events", from: 0, limit: 10, wait: .zero).map(\.offset) == [0, 1, 2], end >= 3 else {
            throw Contradiction("events are lost, or told again: the end is \(end)")
        }
        try await log.append([event("new")], to: "t.events")
        guard try await log.read(topic: "t.events", from: end, limit: 10, wait: .zero).map(\.event.id) == ["new"] else {
            throw Contradiction("what was appended at \(end) is not there")
        }
        return kind("\(end)")
    }

    /// An id of server-sent events that was read is written and read again as the same.
    private static let eventPlaces = FuzzTarget(
        name: "event-places", seeds: texts("17", "a.events:17,b.events:-1", "a.events:0"),
        words: [":", ",", "-1", "a.events", "b.events", "9223372036854775807", "4611686018427387903", "+"]
    ) { input in
        let (text, topics) = (String(decoding: input, as: UTF8.self), ["a.events", "b.events"])
        guard let places = EventPlaces(id: text, topics: topics) else { return 0 }
        guard places.next.values.allSatisfy({ $0 >= 0 }) else { throw Contradiction("\(text) is before the beginning: \(places)") }
        if places.next.count == 2, EventPlaces(id: places.id, topics: topics) != places {
            throw Contradiction("\(places) is read back as another")
        }
        return places.next.count
    }

    /// A dead letter that was read has the event that can be handed on.
    private static let deadLetters = FuzzTarget(
        name: "dead-letters",
        seeds: texts(
            #"{"specversion":"1.0","id":"1/c/1","source":"/a","type":"t","subject":"s","time":"2026-11-24T08:15:30.250Z","#
                + #""deadattempts":"5","deadconsumer":"c","deadid":"1","deadoffset":"7","deadreason":"no","deadround":"1","#
                + #""deadtime":"2026-11-24T08:15:31.250Z","data":{}}"#),
        words: ["\"deadround\":\"", "9223372036854775807", "-1", "\"deadtime\":\"", "\"deadid\":\"", "\"data\":", "\"a\":\"\""]
    ) { input in
        guard let event = try? CloudEvent(json: String(decoding: input, as: UTF8.self)) else { return 0 }
        guard let letter = DeadLetter(LoggedEvent(offset: 0, event: event)) else { return 1 }
        guard letter.event.data == event.data,
            letter.event.extensions.keys.allSatisfy({ !$0.hasPrefix("dead") || event.extensions[$0] != nil })
        else { throw Contradiction("\(letter) is not \(event)") }
        return kind("\(letter.round) \(letter.attempts)")
    }

    /// Every line with a checksum that is right, so that what stands behind it is read.
    private static func repaired(_ input: [UInt8]) -> [UInt8] {
        guard let first = input.first, first.isMultiple(of: 2) else { return input }
        return Array(
            input.split(separator: 0x0A, omittingEmptySubsequences: false).map { line -> [UInt8] in
                guard line.count > 9 else { return Array(line) }
                let rest = Array(line.dropFirst(9))
                return Array(String(UInt64(1) << 32 | UInt64(crc(rest)), radix: 16).dropFirst().utf8) + [0x20] + rest
            }.joined(separator: [0x0A]))
    }

    /// CRC-32 of ISO 3309.
    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
        }
    }
}
