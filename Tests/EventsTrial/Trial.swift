import Events
import Foundation
import Logging
import Persistence
import ServiceLifecycle

/// The event log by itself, as a process.
///
///     EventsTrial write FOLDER PRODUCER FIRST      appends for ever; says `ack NUMBER` for what is durable
///     EventsTrial read FOLDER                      follows from the beginning; says `OFFSET ID`
///     EventsTrial consume FOLDER DATABASE          a consumer called `trial`, until SIGTERM
///     EventsTrial tell FOLDER COUNT                so many events of the media service, for those who follow a server
///     EventsTrial idle FOLDER SECONDS              waits for events, and says the CPU seconds that took
///     EventsTrial speed FOLDER SECONDS             events a second into the log, from 1, 32 and 256 who append at once
///     EventsTrial chain FOLDER SECONDS             events a second through outbox, log and consumer
@main
enum Trial {
    static let topic = "trial.events"
    static let logger = Logger(label: "trial") { _ in SwiftLogNoOpLogHandler() }

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 2 else {
            print("usage: EventsTrial write|read|consume|idle|speed|chain FOLDER …")
            exit(2)
        }
        let folder = arguments[2]
        func number(_ index: Int) -> Int { arguments.count > index ? Int(arguments[index]) ?? 3 : 3 }
        // Small segments, so that they are begun and taken away while processes are killed.
        var configuration = FileEventLog.Configuration()
        if ["write", "read"].contains(arguments[1]) { configuration.segmentBytes = 64 * 1024 }
        // What is sent again is known however much the others write meanwhile.
        if arguments[1] == "write" { configuration.rememberedIDs = 1_000_000 }
        let log = try FileEventLog(folder: folder, configuration: configuration, logger: logger)
        switch arguments[1] {
        case "write": try await write(log, arguments[3], number(4))
        case "read": try await read(log)
        case "consume": try await consume(log, arguments[3])
        case "tell": try await tell(log, number(3))
        case "idle": try await idle(log, number(3))
        case "speed": try await Speed(log: log, seconds: Double(number(3))).run()
        case "chain": try await Chain(log: log, folder: folder, seconds: Double(number(3))).run()
        default: exit(2)
        }
    }

    static func event(_ id: String, _ subject: String = "cow") -> CloudEvent {
        CloudEvent(
            id: id, source: "/agrovet/trial", type: "trial.happened", subject: subject, time: Date(),
            data: #"{"id":"01993c5e-9f6e-7e6a-b7b1-5c2a4f0e8d11","kind":"image","status":"ready","title":"Vaca lechera","owner":"ana"}"#)
    }

    private static func write(_ log: FileEventLog, _ producer: String, _ first: Int) async throws {
        var next = first
        while true {
            let count = 1 + next % 5
            try await log.append((next..<next + count).map { event("\(producer)-\($0)") }, to: topic)
            next += count
            say("ack \(next - 1)")
        }
    }

    private static func read(_ log: FileEventLog) async throws {
        var next: Int64 = 0
        while true {
            for logged in try await log.read(topic: topic, from: next, limit: 100, wait: .seconds(5)) {
                say("\(logged.offset) \(logged.event.id)")
                next = logged.offset + 1
            }
        }
    }

    private static func consume(_ log: FileEventLog, _ path: String) async throws {
        let database: any Database =
            path.hasPrefix("postgresql:")
            ? PostgreSQLDatabase(configuration: .init(url: path)) : try SQLiteDatabase(.init(path: path))
        try await Migrator.migrate(database, service: "trial", Chain.migrations)
        let consumer = EventConsumer(
            name: "trial", topics: [topic], log: log, database: database, logger: logger,
            handlers: [
                "trial.happened": { event, connection in
                    try connection.execute(
                        "INSERT INTO seen (event_id, process) VALUES ($1, $2)", [SQLValue(event.id), SQLValue(Int(getpid()))])
                }
            ])
        try await ServiceGroup(services: [consumer, Readiness()], gracefulShutdownSignals: [.sigterm], logger: logger).run()
        await database.close()
    }

    /// Says when signals are heard, which they are before any service runs.
    private struct Readiness: Service {
        func run() async throws {
            say("ready")
            try await gracefulShutdown()
        }
    }

    private static func tell(_ log: FileEventLog, _ count: Int) async throws {
        var next = 0
        while next < count {
            let events = (next..<min(count, next + 20)).map { number in
                CloudEvent(
                    id: UUIDv7.make(), source: "/agrovet/media", type: "media.ready", subject: "cow-\(number)", time: Date(),
                    data: #"{"id":"01993c5e-9f6e-7e6a-b7b1-5c2a4f0e8d11","visibility":"public","owner":"ana","status":"ready"}"#)
            }
            try await log.append(events, to: "media.events")
            next += events.count
        }
    }

    private static func idle(_ log: FileEventLog, _ seconds: Int) async throws {
        _ = try await log.endOffset(of: topic)
        let before = cpuSeconds()
        _ = try await log.read(topic: topic, from: .max - 1, limit: 1, wait: .seconds(seconds))
        say(String(format: "%.4f", cpuSeconds() - before))
    }

    static func say(_ line: String) {
        // One system call a line, so that a kill cuts none.
        let line = Array((line + "\n").utf8)
        _ = line.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
