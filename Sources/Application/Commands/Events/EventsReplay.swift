import ArgumentParser
import Events
import Foundation
import Persistence

/// `agrovet events replay`
struct EventsReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Have a consumer handle a topic's events again, from some place on.",
        discussion: "Works while the server runs: the consumer goes back within five seconds. What it has done is not undone first.")

    @Argument(help: "Topic, such as media.events.")
    var topic: String
    @Option(name: .long, help: "Consumer; `agrovet events topics` lists them.")
    var consumer: String
    @Option(name: .long, help: "beginning, an offset, or a time (2026-11-24T08:00:00Z, 2026-11-24, 15m, 2h or 3d ago).")
    var from: String
    @Flag(name: .long, help: "Do not ask.")
    var yes = false
    @OptionGroup var options: SettingsOptions

    /// Ids that are forgotten in one transaction.
    private static let batch = 500

    func run() async throws {
        try await EventsCommand.withLog(options) { log, settings in
            try EventsCommand.require(topic, in: log)
            let start = max(try await EventsCommand.offset(from, in: topic, of: log), try await log.firstOffset(of: topic))
            let found = try await EventConsumers(settings).withDatabase(of: consumer, topic) { database, place in
                guard start < place.next else {
                    EventsCommand.say("\(consumer) is at \(place.next) of \(topic), and \(start) is not before it: nothing is done")
                    return
                }
                EventsCommand.say(
                    "\(consumer) goes back from \(place.next) to \(start) of \(topic) and handles \(place.next - start) events again")
                guard try confirmed() else { throw EventsCommand.Failure(description: "nothing was done") }
                try await rewind(log, database, from: start, to: place.next)
                EventsCommand.say("done; a server that runs goes on from there within \(Int(EventConsumer.patience / .seconds(1))) seconds")
            }
            guard found else {
                let known = try await EventConsumers(settings).places().filter { !DeadLetter.isTopic($0.topic) }
                throw EventsCommand.Failure(
                    description: "\(consumer) does not read \(topic); there are: "
                        + known.map { "\($0.consumer) (\($0.topic))" }.joined(separator: ", "))
            }
        }
    }

    private func confirmed() throws -> Bool {
        if yes { return true }
        guard isatty(STDIN_FILENO) == 1 else { throw EventsCommand.Failure(description: "say --yes where nobody can be asked") }
        Terminal.write("Go on? [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }

    /// The inbox forgets first: what it has forgotten is not told before the place is set.
    private func rewind(_ log: FileEventLog, _ database: any Database, from start: Int64, to end: Int64) async throws {
        var next = start
        while next < end {
            let batch = try await log.read(topic: topic, from: next, limit: Self.batch, wait: .zero)
            guard let last = batch.last else { break }
            let ids = batch.map(\.event.id)
            try await database.write { [consumer] connection in try Inbox.forget(ids, consumer: consumer, on: connection) }
            next = last.offset + 1
        }
        try await database.write { [consumer, topic] in try Inbox.rewind(consumer, topic, to: start, on: $0) }
    }
}
