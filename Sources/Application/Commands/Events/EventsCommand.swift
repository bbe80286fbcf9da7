import ArgumentParser
import Events
import Foundation
import Logging
import Persistence

/// `agrovet events`: the event log of a data folder, also while servers run on it (docs/EVENTS.md).
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Follow events, have them handled again, and look after what could not be handled.",
        discussion: "All of it works on the data folder, beside servers that run.",
        subcommands: [EventsTail.self, EventsTopics.self, EventsReplay.self, EventsDead.self, EventsCheck.self])

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Exit status where the command worked and found what should not be.
    static let found = ExitCode(3)

    /// Opens the log of the settings' data folder for one command; what goes wrong is said in a sentence.
    static func withLog(_ options: SettingsOptions, _ body: (FileEventLog, Settings) async throws -> Void) async throws {
        let settings = try options.load()
        do {
            let folder = DataFolder(path: settings[SettingsCatalogue.data])
            guard FileManager.default.fileExists(atPath: folder.events) else {
                throw Failure(description: "\(folder.path) holds no events (setting data)")
            }
            let logger = Logger(label: "agrovet.events") { StreamLogHandler.standardError(label: $0) }
            try await body(
                try FileEventLog(folder: folder.events, configuration: FileEventLog.Configuration(settings), logger: logger), settings)
        } catch let code as ExitCode {
            throw code
        } catch {
            Terminal.complain("agrovet events: \(error)")
            throw ExitCode.failure
        }
    }

    /// - Throws: `Failure` where there is no such topic.
    static func require(_ topic: String, in log: FileEventLog) throws {
        let names = try log.topicNames()
        guard names.contains(topic) else {
            throw Failure(description: "there is no topic \(topic); there are: \(names.joined(separator: ", "))")
        }
    }

    /// Where a person wants to begin: `beginning`, `end`, an offset, or a time.
    static func offset(_ text: String, in topic: String, of log: FileEventLog) async throws -> Int64 {
        if text == "beginning" { return try await log.firstOffset(of: topic) }
        if text == "end" { return try await log.endOffset(of: topic) }
        if let offset = Int64(text), offset >= 0 { return offset }
        guard let time = EventTime.parse(text) else {
            throw Failure(
                description: "\(text) is no offset and no time (2026-11-24T08:00:00Z, 2026-11-24, or 15m, 2h, 3d ago), nor beginning")
        }
        return try await log.offset(of: topic, at: time)
    }

    /// One line on standard output; the command ends where nobody reads it any more.
    static func say(_ line: String) {
        var bytes = Array((line + "\n").utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { Foundation.exit(EXIT_SUCCESS) }
            bytes = bytes.dropFirst(written)
        }
    }
}

/// Times as a person writes them.
package enum EventTime {
    /// `2026-11-24T08:00:00Z`, `2026-11-24`, or how long ago: `90s`, `15m`, `2h`, `3d`. Nil where the text is none.
    package static func parse(_ text: String, now: Date = Date()) -> Date? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        if let unit = text.last, let seconds = units[unit], let count = Int(text.dropLast()), count >= 0, count < 1_000_000_000 {
            return now.addingTimeInterval(-Double(count) * seconds)
        }
        if text.utf8.count == 10 { return try? Date(text + "T00:00:00Z", strategy: .iso8601) }
        return (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
            ?? (try? Date(text, strategy: .iso8601))
    }
}
