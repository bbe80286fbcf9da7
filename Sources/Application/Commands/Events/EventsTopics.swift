import ArgumentParser
import Events
import Foundation

/// `agrovet events topics`
struct EventsTopics: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics", abstract: "List topics with their first and next offset, and how far consumers have come.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        try await EventsCommand.withLog(options) { log, settings in
            for topic in try log.topicNames() {
                let (first, end) = (try await log.firstOffset(of: topic), try await log.endOffset(of: topic))
                EventsCommand.say("\(topic) first=\(first) next=\(end)")
            }
            for place in try await EventConsumers(settings).places() where !DeadLetter.isTopic(place.topic) {
                let behind = max(0, try await log.endOffset(of: place.topic) - place.next)
                EventsCommand.say("consumer \(place.consumer) topic=\(place.topic) next=\(place.next) behind=\(behind)")
            }
        }
    }
}

/// `agrovet events check`
struct EventsCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Compare every event of the log with what the services declare; exit status 3 where one differs.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        try await EventsCommand.withLog(options) { log, _ in
            var (events, faults) = (0, 0)
            for topic in try log.topicNames() {
                var next = try await log.firstOffset(of: topic)
                while true {
                    let batch = try await log.read(topic: topic, from: next, limit: 500, wait: .zero)
                    for logged in batch {
                        next = logged.offset + 1
                        events += 1
                        for problem in Server.eventCatalogue.problems(of: logged.event, in: topic) {
                            faults += 1
                            EventsCommand.say("\(topic) \(logged.offset): \(problem)")
                        }
                    }
                    if batch.isEmpty { break }
                }
            }
            EventsCommand.say("\(events) events, \(faults) faults")
            if faults > 0 { throw EventsCommand.found }
        }
    }
}
