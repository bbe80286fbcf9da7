import ArgumentParser
import Events
import Foundation

/// `agrovet events tail`
struct EventsTail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tail", abstract: "Print a topic's events, and follow it.")

    @Argument(help: "Topic, such as media.events; `agrovet events topics` lists them.")
    var topic: String
    @Option(
        name: .long,
        help: "beginning, end, an offset, or a time (2026-11-24T08:00:00Z, 2026-11-24, 15m, 2h or 3d ago); default: the last ten.")
    var from: String?
    @Option(name: .long, help: "Only events of this type; may stand several times.")
    var type: [String] = []
    @Flag(name: .long, help: "Go on with what comes.")
    var follow = false
    @Flag(name: .long, help: "Print JSON lines: offset and event.")
    var json = false
    @OptionGroup var options: SettingsOptions

    /// Events that are shown without --from.
    private static let usual: Int64 = 10

    func run() async throws {
        try await EventsCommand.withLog(options) { log, _ in
            try EventsCommand.require(topic, in: log)
            let end = try await log.endOffset(of: topic)
            var next = max(0, end - Self.usual)
            if let from { next = try await EventsCommand.offset(from, in: topic, of: log) }
            while follow || next < end {
                let batch = try await log.read(topic: topic, from: next, limit: 500, wait: follow ? .seconds(60) : .zero)
                for logged in batch {
                    next = logged.offset + 1
                    if type.isEmpty || type.contains(logged.event.type) { EventsCommand.say(line(logged)) }
                }
                if batch.isEmpty, !follow { break }
            }
        }
    }

    private func line(_ logged: LoggedEvent) -> String {
        let event = logged.event
        if json { return "{\"offset\":\(logged.offset),\"event\":\(event.json)}" }
        let time = event.time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        return "\(logged.offset) \(time) \(event.type) \(event.subject) \(event.data)"
    }
}
